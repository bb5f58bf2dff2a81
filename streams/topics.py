"""Creates the topics and says what is wrong with those that exist."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from schemas.topics import Topic, dead_letters, load
from streams.settings import Settings
from streams.store.protocol import Partition

TOLD_TRIES, TOLD_RETRY_S = 100, 0.1


class TopicsError(Exception):
    """The topics cannot be made as asked, or are not as they must be."""


class KafkaAway(Exception):
    """No broker answers, or it does not let us in: try again later, or mend the settings."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `create` did, in sentences."""

    lines: tuple[str, ...]


def wanted() -> list[Topic]:
    """Return every topic that must exist: sources and their dead letters."""
    sources = list(load().values())
    return [*sources, *(dead_letters(topic) for topic in sources)]


async def create(settings: Settings, *, grow: bool = False) -> Report:
    """Create what is missing, and return when Kafka tells of all topics. A topic is never shrunk; it is grown only with
    `grow`, since its keys then move to other partitions, and nothing is recognised across them: repeats of the last day,
    and what ends the states and calls that are open.

    Raises TopicsError, KafkaAway, KafkaError.
    """
    async with _admin(settings) as admin:
        lines = await _create(admin, settings.partitions, grow)
        await _told(admin, settings.partitions)
        return Report(tuple(lines))


def _away(settings: Settings) -> str:
    protocol = settings.kafka_security_protocol
    return (
        f"Kafka at {settings.kafka} does not answer, or not to {protocol} (FLOORCAST_KAFKA and its security settings)"
    )


async def _create(admin: AIOKafkaAdminClient, partitions: int, grow: bool) -> list[str]:
    counts = await _partition_counts(admin)
    for topic in wanted():
        _refuse(topic.name, counts.get(topic.name, partitions), partitions, grow)
    copies = min(3, len((await admin.describe_cluster())["brokers"]))
    lines = []
    for topic in wanted():
        have = counts.get(topic.name)
        if have is None:
            await _make(admin, topic, partitions, copies)
            lines.append(f"{topic.name}: created with {partitions} partitions")
        elif have < partitions:
            await admin.create_partitions({topic.name: NewPartitions(total_count=partitions)})
            lines.append(f"{topic.name}: grown from {have} to {partitions} partitions")
        else:
            lines.append(f"{topic.name}: exists with {have} partitions")
    return lines


def _refuse(name: str, have: int, partitions: int, grow: bool) -> None:
    """Say no before anything is changed. Raises TopicsError."""
    if have > partitions:
        raise TopicsError(f"{name} has {have} partitions; a topic cannot shrink to {partitions}")
    if have < partitions and not grow:
        raise TopicsError(
            f"{name} has {have} partitions; growing to {partitions} moves keys to other partitions, where repeats of the "
            "last day are not recognised, and reps who are signed in and open calls count in both for up to 12 h: ask for "
            "it with --grow when nobody is at work"
        )


async def _make(admin: AIOKafkaAdminClient, topic: Topic, partitions: int, copies: int) -> None:
    config = {**topic.config, "retention.ms": str(topic.retention_ms)}
    answer = await admin.create_topics(
        [NewTopic(topic.name, num_partitions=partitions, replication_factor=copies, topic_configs=config)]
    )
    for name, code, *words in answer.topic_errors:
        if code not in (0, 36):  # 36: somebody else has just made it
            raise TopicsError(f"{name}: Kafka refused to create it (error {code}): {words}")


async def _told(admin: AIOKafkaAdminClient, partitions: int) -> None:
    """Wait until the broker tells of every topic: for a moment it may not know those that it has just made."""
    for _ in range(TOLD_TRIES):
        counts = await _partition_counts(admin)
        if all(counts.get(topic.name, 0) >= partitions for topic in wanted()):
            return
        await asyncio.sleep(TOLD_RETRY_S)


async def check(settings: Settings) -> list[str]:
    """Return what is wrong with the topics as they are, in sentences. Raises KafkaAway, KafkaError."""
    async with _admin(settings) as admin:
        counts = await _partition_counts(admin)
        missing = [f"{topic.name}: missing" for topic in wanted() if topic.name not in counts]
        present = [topic for topic in wanted() if topic.name in counts]
        configs = await _configs(admin, [topic.name for topic in present])
        return missing + [line for topic in present for line in _faults(topic, configs[topic.name])]


async def source_partitions(settings: Settings) -> list[Partition]:
    """Return the partitions of the source topics, none of those that are missing. Raises KafkaAway, KafkaError."""
    async with _admin(settings) as admin:
        counts = await _partition_counts(admin)
    return [Partition(topic, number) for topic in load() for number in range(counts.get(topic, 0))]


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka, **settings.kafka_security)
    try:
        try:
            await admin.start()
        except (KafkaError, OSError) as error:
            raise KafkaAway(_away(settings)) from error
        yield admin
    finally:
        await admin.close()


def _faults(topic: Topic, config: Mapping[str, str]) -> list[str]:
    faults = []
    retention = int(config.get("retention.ms", "-1"))
    if 0 <= retention < topic.retention_ms:
        days = topic.retention_ms // 86_400_000
        faults.append(f"{topic.name}: retention.ms={retention} is less than {days} days: a rebuild would miss events")
    if int(config.get("retention.bytes", "-1")) >= 0:
        faults.append(
            f"{topic.name}: retention.bytes={config['retention.bytes']} must be -1: a rebuild would miss events"
        )
    policy = config.get("cleanup.policy", "delete")
    if policy != "delete":
        faults.append(
            f"{topic.name}: cleanup.policy={policy} must be delete: a later event would replace an earlier one"
        )
    stamps = config.get("message.timestamp.type", "CreateTime")
    if stamps != "CreateTime":
        faults.append(
            f"{topic.name}: message.timestamp.type={stamps} must be CreateTime: a back-fill needs its arrivals"
        )
    return faults


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    names = await admin.list_topics()
    described: list[dict[str, Any]] = await admin.describe_topics(names) if names else []
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for answer in await admin.describe_configs(resources) if resources else []:
        for resource in answer.resources:
            found[resource[3]] = {entry[0]: entry[1] for entry in resource[4]}
    return found
