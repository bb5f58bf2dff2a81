"""One Kafka and Redis for all tests of exactness, one load in its topics, and a consumer group for each test."""

import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import topics
from streams.embedded import Stack
from streams.settings import Settings
from tests.integration.load import load, produce
from tests.integration.recount import TYPES, Figures, Record, recount
from tests.integration.workers import Group

PARTITIONS = 2
RECORDS = 1200


@dataclass(frozen=True)
class Loaded:
    """A stack whose topics hold the load, and what the figures must be."""

    stack: Stack
    wanted: Mapping[tuple[str, int], Figures]
    records: list[Record]


@pytest.fixture(scope="session")
async def loaded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Loaded]:
    """Return a stack of its own: its servers are killed, hung and emptied. A test leaves both running."""
    async with Stack(tmp_path_factory.mktemp("exactness")) as stack:
        await topics.create(Settings(kafka=stack.kafka, redis=stack.redis, partitions=PARTITIONS))
        await produce(stack.kafka, load(RECORDS, int(time.time() * 1000)), PARTITIONS)
        records = await read(stack.kafka, [*TYPES])
        yield Loaded(stack, recount(records), records)


@pytest.fixture(scope="session")
async def spare_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Return a stack whose topics tests may make, fill and delete."""
    async with Stack(tmp_path_factory.mktemp("spare")) as stack:
        yield stack


@pytest.fixture
async def spare(spare_stack: Stack, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Group]:
    """Return the test's own group on a stack that has no topics yet."""
    group = Group(spare_stack, _name(request), PARTITIONS, tmp_path)
    yield group
    await group.close()
    await group.delete_topics(*(topic.name for topic in topics.wanted()))


@pytest.fixture
async def group(loaded: Loaded, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Group]:
    """Return the test's own group, which has counted nothing yet."""
    group = Group(loaded.stack, _name(request), PARTITIONS, tmp_path)
    yield group
    await group.close()


def _name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", request.node.name)[-64:]


async def read(kafka: str, names: list[str]) -> list[Record]:
    """Return all records of topics, each partition's in order."""
    async with AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None) as consumer:
        places = [TopicPartition(name, number) for name in names for number in range(PARTITIONS)]
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning()
        records: list[Record] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for place, found in (await consumer.getmany(timeout_ms=100)).items():
                records += [
                    Record(place.topic, place.partition, one.offset, one.timestamp, one.key, one.value) for one in found
                ]
    return records
