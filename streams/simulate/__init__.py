"""A believable inside-sales and support floor, seeded: the same plan, start and seed give the same events.

The way of an event: `floor` (who) → `presence`, `phone`, `outbound`, `bots`, `mail`, `crm` (what they do, on the
`engine`'s heap of timed actions) → `world` (all of them, in order of arrival) → `dirt` (on request) → `emit_kafka` or
`emit_jsonl`. Everything before the emitters is pure: no clock, no I/O.
"""
