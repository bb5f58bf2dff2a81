"""Kafka killed, topics that come late, records that Kafka dropped before they were read, a log that lost its end."""

import time

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from streams.store.protocol import Partition
from tests.integration.conftest import PARTITIONS, Loaded, read
from tests.integration.load import SPELL, SPELLS, load, produce
from tests.integration.recount import TYPES, recount
from tests.integration.workers import Group, becomes

CALLS = ("calls", 0)


async def test_kafka_killed_and_restarted_costs_and_adds_nothing(group: Group, loaded: Loaded) -> None:
    worker = group.start(pace_s=0.05)
    await group.passes(0.3, loaded.wanted)
    await loaded.stack.kafka_server.kill()
    await loaded.stack.kafka_server.start()
    assert await group.finishes(loaded.wanted) == []
    await becomes(worker.reasons, lambda reasons: not reasons)


async def test_a_worker_says_which_topics_are_missing_and_begins_when_they_come(spare: Group) -> None:
    worker = spare.start()
    reasons = await becomes(worker.reasons, lambda reasons: any("missing" in reason for reason in reasons))
    assert {f"topic {name}: missing: run `floorcast topics create`" for name in ("calls", "crm-dlq")} <= set(reasons)
    await spare.create_topics()
    await produce(spare.stack.kafka, load(200, _now()), PARTITIONS)
    await becomes(worker.reasons, lambda reasons: not reasons)
    assert await spare.finishes(recount(await read(spare.stack.kafka, [*TYPES]))) == []


async def test_what_kafka_dropped_before_it_was_read_is_counted_as_a_gap(spare: Group) -> None:
    await spare.create_topics()
    records = load(400, _now())
    half = len(records) // 2
    await produce(spare.stack.kafka, records[:half], PARTITIONS)
    first = await read(spare.stack.kafka, [*TYPES])
    worker = spare.start()
    assert await spare.finishes(recount(first)) == []
    assert await worker.stop() == 0
    await produce(spare.stack.kafka, records[half:], PARTITIONS)
    applied = recount(first)[CALLS].position
    await _drop_before(spare, applied + 7)
    spare.start()
    rest = await read(spare.stack.kafka, [*TYPES])
    known = {(one.topic, one.partition, one.offset) for one in first}
    added = [one for one in rest if (one.topic, one.partition, one.offset) not in known]
    assert await spare.finishes(recount([*first, *added])) == []
    assert await spare.gap(Partition(*CALLS)) == 7


async def test_a_log_made_anew_is_read_again_and_its_repeats_are_recognised(spare: Group) -> None:
    await spare.create_topics()
    now = _now()
    records = load(400, now)
    await produce(spare.stack.kafka, records, PARTITIONS)
    first = await read(spare.stack.kafka, [*TYPES])
    worker = spare.start()
    assert await spare.finishes(recount(first)) == []
    assert await worker.stop() == 0
    await spare.delete_topics("calls")
    await spare.create_topics()
    latest = [one for one in records if one.topic == "calls" and one.arrival > now - SPELLS[-1][0] + SPELL // 2]
    fresh = [one for one in load(200, now, seed=2) if one.topic == "calls" and one.arrival > latest[0].arrival]
    await produce(spare.stack.kafka, sorted([*latest, *fresh], key=lambda one: one.arrival), PARTITIONS)
    spare.start()
    again = await read(spare.stack.kafka, ["calls"])
    wanted = recount([*first, *again])
    assert await spare.finishes(wanted) == []
    assert wanted[CALLS].counters["duplicate"] > recount(first)[CALLS].counters["duplicate"]
    lost = recount(first)[CALLS].position - wanted[CALLS].position
    assert lost > 0
    assert await spare.gap(Partition(*CALLS)) == lost


async def _drop_before(group: Group, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=group.stack.kafka)
    await admin.start()
    await admin.delete_records({TopicPartition(*CALLS): RecordsToDelete(before_offset=offset)})
    await admin.close()


def _now() -> int:
    return int(time.time() * 1000)
