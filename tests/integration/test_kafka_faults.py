"""Kafka killed, topics that come late, records that Kafka dropped before they were read, a log that lost its end."""

import asyncio
import os
import signal
import time

from streams.store.protocol import LedgerRow, Partition
from streams.view.freshness import silent
from tests.brokers import drop_before
from tests.integration.conftest import PARTITIONS, Loaded, read
from tests.integration.load import SPELL, SPELLS, load, produce
from tests.integration.recount import TYPES, Record, recount
from tests.integration.workers import Group
from tests.programs import becomes

CALLS = ("calls", 0)
DROPPED = 7
VERIFICATIONS = 3
ANSWERED_S = 0.5


async def test_kafka_killed_and_restarted_costs_and_adds_nothing(group: Group, loaded: Loaded) -> None:
    worker = group.start(pace_s=0.05)
    await group.passes(0.3, loaded.wanted)
    await loaded.stack.kafka_server.kill()
    await loaded.stack.kafka_server.start()
    assert await group.finishes(loaded.wanted) == []
    await becomes(worker.reasons, lambda reasons: not reasons)


async def test_figures_turn_stale_while_kafka_does_not_answer(group: Group, loaded: Loaded) -> None:
    worker = group.start()
    assert await group.finishes(loaded.wanted) == []
    held_up = loaded.stack.kafka_server.pid
    os.kill(held_up, signal.SIGSTOP)
    try:
        await becomes(worker.reasons, lambda reasons: any("Kafka does not answer for" in reason for reason in reasons))
        await becomes(lambda: group.ledgers(loaded.wanted), lambda rows: all(_silent(row) for row in rows.values()))
    finally:
        os.kill(held_up, signal.SIGCONT)
    await becomes(worker.reasons, lambda reasons: not reasons)
    await becomes(lambda: group.ledgers(loaded.wanted), lambda rows: not any(_silent(row) for row in rows.values()))
    assert await group.finishes(loaded.wanted) == []


def _silent(row: LedgerRow) -> bool:
    return silent(row, _now())


async def test_a_worker_says_which_topics_are_missing_and_begins_when_they_come(spare: Group) -> None:
    worker = spare.start()
    reasons = await becomes(worker.reasons, lambda reasons: any("missing" in reason for reason in reasons))
    assert {f"topic {name}: missing: run `floorcast topics create`" for name in ("calls", "crm-dlq")} <= set(reasons)
    await spare.create_topics()
    await produce(spare.stack.kafka, load(200, _now()), PARTITIONS)
    await becomes(worker.reasons, lambda reasons: not reasons)
    assert await spare.finishes(recount(await read(spare.stack.kafka, [*TYPES]))) == []


async def test_what_kafka_dropped_before_it_was_read_is_counted_as_a_gap(spare: Group) -> None:
    first, rest = await _with_a_gap(spare)
    spare.start()
    assert await spare.finishes(recount([*first, *rest])) == []
    assert await spare.gap(Partition(*CALLS)) == DROPPED


async def test_what_kafka_dropped_before_a_slow_worker_read_it_is_counted_as_a_gap(spare: Group) -> None:
    first, rest = await _with_a_gap(spare, asleep=True)
    spare.workers[0].signal(signal.SIGCONT)
    assert await spare.finishes(recount([*first, *rest])) == []
    assert await spare.gap(Partition(*CALLS)) == DROPPED


async def test_mutant_that_does_not_look_at_kafkas_beginning_counts_no_gap(spare: Group) -> None:
    await _with_a_gap(spare)
    worker = spare.start(mutant="position_beyond_the_log")
    await becomes(worker.reasons, lambda reasons: not reasons)
    await worker.verifies(VERIFICATIONS)
    assert await spare.gap(Partition(*CALLS)) != DROPPED


async def _with_a_gap(group: Group, *, asleep: bool = False) -> tuple[list[Record], list[Record]]:
    """Let Kafka drop records that no worker has read; return what has been applied, and what Kafka still has beyond."""
    await group.create_topics()
    records = load(400, _now())
    half = len(records) // 2
    await produce(group.stack.kafka, records[:half], PARTITIONS)
    first = await read(group.stack.kafka, [*TYPES])
    worker = group.start()
    assert await group.finishes(recount(first)) == []
    if asleep:
        worker.signal(signal.SIGSTOP)
        await asyncio.sleep(ANSWERED_S)  # Kafka answers the fetch that is under way with nothing
    else:
        assert await worker.stop() == 0
    await produce(group.stack.kafka, records[half:], PARTITIONS)
    await drop_before(group.stack.kafka, Partition(*CALLS), recount(first)[CALLS].position + DROPPED)
    known = {(one.topic, one.partition, one.offset) for one in first}
    now = await read(group.stack.kafka, [*TYPES])
    return first, [one for one in now if (one.topic, one.partition, one.offset) not in known]


async def test_a_log_made_anew_is_read_again_and_its_repeats_are_recognised(spare: Group) -> None:
    first, again = await _made_anew(spare)
    spare.start()
    before, wanted = recount(first), recount([*first, *again])
    assert await spare.finishes(wanted) == []
    assert wanted[CALLS].counters["duplicate"] > before[CALLS].counters["duplicate"]
    assert before[CALLS].position > wanted[CALLS].position
    assert await spare.gap(Partition(*CALLS)) == 0, "what is gone had been counted"


async def test_mutant_that_does_not_look_at_kafkas_end_misses_what_is_new(spare: Group) -> None:
    first, again = await _made_anew(spare)
    worker = spare.start(mutant="position_beyond_the_log")
    await becomes(worker.reasons, lambda reasons: not reasons)
    await worker.verifies(VERIFICATIONS)
    assert await spare.differences(recount([*first, *again]))


async def _made_anew(group: Group) -> tuple[list[Record], list[Record]]:
    """Make a topic anew when all of it was applied, with its latest records and some new ones; return old and new."""
    await group.create_topics()
    now = _now()
    records = load(400, now)
    await produce(group.stack.kafka, records, PARTITIONS)
    first = await read(group.stack.kafka, [*TYPES])
    worker = group.start()
    assert await group.finishes(recount(first)) == []
    assert await worker.stop() == 0
    await group.delete_topics("calls")
    await group.create_topics()
    latest = [one for one in records if one.topic == "calls" and one.arrival > now - SPELLS[-1][0] + SPELL // 2]
    fresh = [one for one in load(200, now, seed=2) if one.topic == "calls" and one.arrival > latest[0].arrival]
    await produce(group.stack.kafka, sorted([*latest, *fresh], key=lambda one: one.arrival), PARTITIONS)
    return first, await read(group.stack.kafka, ["calls"])


def _now() -> int:
    return int(time.time() * 1000)
