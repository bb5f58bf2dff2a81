"""The simulator on a real Kafka: stamps, partitions, order, and a clean stop."""

import asyncio
import os
import signal
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.events import TOPICS
from streams import topics
from streams.embedded import Stack
from streams.settings import Settings
from streams.simulate import jsonl
from streams.simulate.engine import Arrival

BACKFILL = ("--from", "2026-11-24T09:00:00+09:00", "--minutes", "5", "--profile", "busy", "--dirt", "0.05")
BACKFILL_END_MS = 1_795_478_700_000


async def simulator(stack: Stack, folder: Path, *words: str) -> asyncio.subprocess.Process:
    """Start the program beside the tests, in a folder that has no floor.yaml."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLOORCAST_")}
    environment["FLOORCAST_KAFKA"] = stack.kafka
    command = (sys.executable, "-c", "from streams.cli import main; main()", "simulate", *words)
    return await asyncio.create_subprocess_exec(*command, env=environment, cwd=folder, stderr=asyncio.subprocess.PIPE)


async def ends(stack: Stack) -> dict[TopicPartition, int]:
    """Return where each partition ends."""
    settings = Settings(kafka=stack.kafka)
    await topics.create(settings)
    async with AIOKafkaConsumer(bootstrap_servers=stack.kafka) as consumer:
        parts = [TopicPartition(topic, part) for topic in TOPICS for part in range(settings.partitions)]
        found: dict[TopicPartition, int] = await consumer.end_offsets(parts)
        return found


async def records_since(stack: Stack, starts: dict[TopicPartition, int]) -> dict[TopicPartition, list[Any]]:
    """Return what the partitions have from these offsets on."""
    stops = await ends(stack)
    found: dict[TopicPartition, list[Any]] = defaultdict(list)
    async with AIOKafkaConsumer(bootstrap_servers=stack.kafka) as consumer:
        consumer.assign(list(starts))
        for part, offset in starts.items():
            consumer.seek(part, offset)
        while sum(len(records) for records in found.values()) < sum(stops[part] - starts[part] for part in starts):
            for part, records in (await consumer.getmany(timeout_ms=500)).items():
                found[part].extend(records)
    return found


async def finished(process: asyncio.subprocess.Process) -> str:
    """Return what a program said, when it has ended well."""
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.fixture(scope="module")
async def backfilled(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[TopicPartition, list[Any]]:
    """Return the records of a back-fill."""
    before = await ends(stack)
    await finished(await simulator(stack, tmp_path_factory.mktemp("floor"), *BACKFILL))
    return await records_since(stack, before)


async def test_kafka_gets_the_bytes_keys_and_stamps_that_the_file_gets(
    stack: Stack, backfilled: dict[TopicPartition, list[Any]], tmp_path: Path
) -> None:
    out = tmp_path / "floor.jsonl"
    await finished(await simulator(stack, tmp_path, *BACKFILL, "--out", str(out)))
    with out.open("rb") as file:
        written = [arrival._replace(dirt="") for arrival in jsonl.read(file)]
    arrived = [
        Arrival(record.timestamp, part.topic, record.key.decode(), record.value)
        for part, records in backfilled.items()
        for record in records
    ]
    assert len(written) == pytest.approx(50 * 300, rel=0.1)
    assert sorted(arrived) == sorted(written)
    assert max(arrival.at_ms for arrival in arrived) <= BACKFILL_END_MS


async def test_records_of_a_partition_are_in_the_order_of_arrival(backfilled: dict[TopicPartition, list[Any]]) -> None:
    assert all(
        earlier.timestamp <= later.timestamp for records in backfilled.values() for earlier, later in pairwise(records)
    )


async def test_a_key_is_where_kafkas_default_partitioner_puts_it(
    stack: Stack, backfilled: dict[TopicPartition, list[Any]]
) -> None:
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka) as producer:
        for topic in TOPICS:
            await producer.partitions_for(topic)
        for part, records in backfilled.items():
            for record in records[:50]:
                placed = producer._partition(part.topic, None, None, None, record.key, record.value)
                assert placed == part.partition
    assert len({part.partition for part in backfilled if part.topic == "calls"}) > 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_live_it_emits_at_once_and_a_signal_closes_the_floor(
    stack: Stack, tmp_path: Path, number: signal.Signals
) -> None:
    before = await ends(stack)
    process = await simulator(stack, tmp_path, "--rate", "200")
    try:
        async with AIOKafkaConsumer(*TOPICS, bootstrap_servers=stack.kafka, auto_offset_reset="latest") as consumer:
            seen: set[str] = set()
            async with asyncio.timeout(20):
                while len(seen) < 5:
                    seen.add((await consumer.getone()).topic)
        process.send_signal(number)
        said = await finished(process)
    finally:
        if process.returncode is None:
            process.kill()
    now_ms = time.time_ns() // 1_000_000
    found = await records_since(stack, before)
    assert "the floor is closed" in said
    assert max(record.timestamp for records in found.values() for record in records) <= now_ms
    last = {record.key: record.value for part, rs in found.items() if part.topic == "reps" for record in rs}
    assert last
    assert all(b'"state":"offline"' in value for value in last.values())


async def test_missing_topics_are_named(tmp_path: Path) -> None:
    async with Stack(tmp_path / "empty") as empty:
        process = await simulator(empty, tmp_path, "--minutes", "1")
        _, said = await process.communicate()
    assert process.returncode == 1
    assert "topics missing: calls, emails, links, reps, crm; `floorcast topics create` makes them" in said.decode()
