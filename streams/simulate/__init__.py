"""A believable inside-sales and support floor, seeded: the same plan, start and seed give the same events.

The way of an event: `floor` (who) and `load` (how much) → `presence` (states), `desk` (who takes what), `phone`,
`outbound` and `lines` (calls), `bots`, `mail`, `crm`, all on the `engine`'s heap of timed actions → `source` (as
CloudEvents) → `world` (all of them, in order of arrival) → `dirt` (on request) → `pace` (in step with the clock, or at
full speed) → `emit_kafka` or `emit_jsonl`. Everything before `pace` is pure: no clock, no I/O.
"""
