"""`floorcast topics` against a Kafka that has none of them yet."""

from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.embedded.kafka import KafkaServer
from streams.embedded.ports import free_ports
from tests.brokers import admin, configure
from tests.programs import said

SOURCES = ["calls", "emails", "links", "reps", "crm"]
ALL = [*SOURCES, *(f"{topic}-dlq" for topic in SOURCES)]
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Start a Kafka for this file's tests alone; each leaves it without topics."""
    server = KafkaServer(tmp_path_factory.mktemp("kafka"), *free_ports(2))
    await server.start()
    yield server.address
    await server.stop()


@pytest.fixture
async def kafka(broker: str) -> AsyncIterator[str]:
    """Return the broker, empty."""
    yield broker
    async with admin(broker) as client:
        names = await client.list_topics()
        await client.delete_topics([name for name in names if name in ALL])


async def configured(kafka: str, topic: str) -> dict[str, str]:
    async with admin(kafka) as client:
        (answer,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        return {entry[0]: entry[1] for entry in answer.resources[0][4]}


async def test_topics_are_made_once_and_as_the_design_says(kafka: str) -> None:
    code, output, _ = await said("topics", "create", kafka=kafka, partitions=2)
    assert code == 0
    assert output.splitlines() == [f"{topic}: created with 2 partitions" for topic in ALL]
    config = await configured(kafka, "calls")
    assert (config["message.timestamp.type"], config["retention.ms"]) == ("CreateTime", str(36 * DAY_MS))
    code, output, _ = await said("topics", "create", kafka=kafka, partitions=2)
    assert code == 0
    assert output.splitlines() == [f"{topic}: exists with 2 partitions" for topic in ALL]
    assert await said("topics", "check", kafka=kafka) == (0, "all topics are as they must be\n", "")


async def test_a_topic_never_shrinks_and_grows_only_when_told(kafka: str) -> None:
    await said("topics", "create", kafka=kafka, partitions=2)
    for words in ((), ("--grow",)):
        code, output, errors = await said("topics", "create", *words, kafka=kafka, partitions=1)
        assert (code, output) == (1, "")
        assert errors == "Error: calls has 2 partitions; a topic cannot shrink to 1"
    code, output, errors = await said("topics", "create", kafka=kafka, partitions=3)
    assert (code, output) == (1, "")
    assert "--grow" in errors
    assert await partitions(kafka) == {2}
    code, output, _ = await said("topics", "create", "--grow", kafka=kafka, partitions=3)
    assert code == 0
    assert output.splitlines() == [f"{topic}: grown from 2 to 3 partitions" for topic in ALL]
    assert await partitions(kafka) == {3}


async def test_nothing_is_changed_when_anything_must_be_refused(kafka: str) -> None:
    async with admin(kafka) as client:
        await client.create_topics([NewTopic("crm", num_partitions=3, replication_factor=1)])
    code, _, errors = await said("topics", "create", "--grow", kafka=kafka, partitions=2)
    assert (code, errors) == (1, "Error: crm has 3 partitions; a topic cannot shrink to 2")
    async with admin(kafka) as client:
        assert set(await client.list_topics()) & set(ALL) == {"crm"}


async def partitions(kafka: str) -> set[int]:
    async with admin(kafka) as client:
        return {len(topic["partitions"]) for topic in await client.describe_topics(ALL)}


async def test_check_names_what_is_missing_or_would_lose_events(kafka: str) -> None:
    code, _, errors = await said("topics", "check", kafka=kafka)
    assert code == 1
    assert errors.removeprefix("Error: ").splitlines() == [f"{topic}: missing" for topic in ALL]
    await said("topics", "create", kafka=kafka, partitions=1)
    async with admin(kafka) as client:
        await client.delete_topics(["links-dlq"])
        for topic, change in (
            ("calls", {"retention.ms": str(7 * DAY_MS)}),
            ("crm", {"retention.ms": "-1"}),
            ("links", {"retention.bytes": "1000000", "cleanup.policy": "compact"}),
            ("reps", {"message.timestamp.type": "LogAppendTime", "retention.ms": str(36 * DAY_MS)}),
            ("emails", {"message.timestamp.type": "CreateTime", "retention.ms": str(99 * DAY_MS)}),
        ):
            await configure(client, topic, change)
    code, _, errors = await said("topics", "check", kafka=kafka)
    assert code == 1
    assert [line.split(",")[0] for line in errors.removeprefix("Error: ").splitlines()] == [
        "links-dlq: missing",
        "calls: retention.ms=604800000 is less than 36 days: a rebuild would miss events",
        "links: retention.bytes=1000000 must be -1: a rebuild would miss events",
        "links: cleanup.policy=compact must be delete: a later event would replace an earlier one",
        "reps: message.timestamp.type=LogAppendTime must be CreateTime: a back-fill needs its arrivals",
    ]
