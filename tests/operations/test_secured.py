"""Kafka and Redis that ask who is there: every client of every command gets in, and nobody gets in without."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from redis.exceptions import AuthenticationError

from streams import topics
from streams.settings import Settings
from streams.store.protocol import Partition, StoreUnavailable
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader
from streams.store.redis_writer import RedisWriter
from streams.topics import KafkaAway
from tests.operations.conftest import PARTITIONS, Kafka
from tests.programs import becomes, floorcast, said
from tests.wire import encoded, minimal

QUICK: dict[str, Any] = {
    "log_format": "json",
    "fetch_min_bytes": 1,
    "fetch_max_wait_ms": 20,
    "worker_port": 0,
    "exporter_port": 0,
}


def settings(**given: Any) -> Settings:
    return Settings(**given)


@pytest.mark.parametrize("way", ["by_user", "by_password", "by_certificate"])
async def test_topics_are_checked_over_each_way_in(kafka: Kafka, way: str) -> None:
    assert await topics.check(settings(**getattr(kafka, way))) == []


@pytest.mark.parametrize(
    ("way", "change"),
    [
        ("by_user", {"kafka_sasl_password": "wrong"}),
        ("by_password", {"kafka_sasl_password": "wrong"}),
        ("by_password", {"kafka_sasl_username": "stranger"}),
        ("by_user", {"kafka_ssl_cafile": None}),
        ("by_certificate", {"kafka_ssl_certfile": None}),
    ],
)
async def test_who_is_not_known_or_does_not_know_the_broker_stays_outside(
    kafka: Kafka, way: str, change: dict[str, str | None]
) -> None:
    given = {name: value for name, value in {**getattr(kafka, way), **change}.items() if value is not None}
    with pytest.raises(KafkaAway, match=f"Kafka at {given['kafka']} does not answer, or not to"):
        await topics.check(settings(**given))


async def test_worker_exporter_and_simulator_work_where_both_servers_ask_who_is_there(
    kafka: Kafka, known_redis: dict[str, Any]
) -> None:
    secured = {**QUICK, **kafka.by_user, **known_redis, "group": "secured", "partitions": PARTITIONS}
    async with floorcast("worker", **secured) as worker, floorcast("exporter", **secured) as exporter:
        await send(kafka.open)
        code, _, errors = await said("simulate", "--minutes", "0.02", **secured)
        assert code == 0, errors
        wanted = await records(kafka.open)
        assert wanted > 2
        async with aiohttp.ClientSession(await exporter.url()) as session:
            page = await becomes(lambda: figures(session), lambda page: counted(page) >= wanted and lag(page) == [0.0])
        assert page['floorcast_parked_total{topic="calls",reason="unknown_type"}'] == 1
        assert await worker.ends(15) == (0, "")
        assert await exporter.ends(15) == (0, "")


async def test_a_wrong_password_of_redis_is_said_and_waited_out(known_redis: dict[str, Any]) -> None:
    given = {**known_redis, "redis_password_file": None, "redis_password": "wrong"}
    client = connect(given["redis"], **settings(**given).redis_arguments)
    with pytest.raises(StoreUnavailable, match="invalid username-password pair"):
        await RedisWriter(client, "g").verify([])
    await client.aclose()


async def test_a_redis_with_an_unknown_certificate_is_not_trusted(known_redis: dict[str, Any]) -> None:
    given = settings(**{**known_redis, "redis_ssl_cafile": None})
    client = connect(given.redis, **given.redis_arguments)
    with pytest.raises(StoreUnavailable, match="certificate verify failed"):
        await RedisReader(client, "g").ledgers([Partition("calls", 0)])
    await client.aclose()


async def test_a_user_who_may_not_do_all_that_is_needed_ends_the_worker_with_redis_own_words(
    kafka: Kafka, known_redis: dict[str, Any]
) -> None:
    stranger = {name: value for name, value in known_redis.items() if "ssl" in name or name == "redis"}
    code, _, errors = await said("worker", **QUICK, kafka=kafka.open, **stranger)
    assert code == 1
    assert "Redis refuses what a worker needs: this user has no permissions" in errors.splitlines()[-1]
    assert "Traceback" not in errors


async def test_a_password_without_a_user_is_that_of_the_default_user(redis: Any) -> None:
    admin = connect(redis.url)
    await admin.config_set("requirepass", "sesame")
    for password, opens in (("sesame", True), ("wrong", False)):
        client = connect(redis.url, **settings(redis=redis.url, redis_password=password).redis_arguments)
        if opens:
            assert await client.ping()
        else:
            with pytest.raises(AuthenticationError):
                await client.ping()
        await client.aclose()
    await admin.aclose()


async def send(bootstrap: str) -> None:
    """Send a good event and one that is parked."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        now = {"time": datetime.now(UTC).isoformat()}
        await producer.send_and_wait("calls", encoded(minimal("call.ended") | now), key=b"c-1")
        await producer.send_and_wait(
            "calls", encoded(minimal("call.ended") | now | {"type": "call.dreamt"}), key=b"c-1"
        )


async def records(bootstrap: str) -> int:
    """Return how many records the source topics hold."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None) as consumer:
        places = [TopicPartition(t, n) for t in ("calls", "emails", "links", "reps", "crm") for n in range(PARTITIONS)]
        return sum((await consumer.end_offsets(places)).values())


async def figures(session: aiohttp.ClientSession) -> dict[str, float]:
    """Return what the exporter serves: series to value."""
    async with session.get("/metrics") as answer:
        lines = (await answer.text()).splitlines() if answer.status == 200 else []
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def counted(page: dict[str, float]) -> float:
    counts = ("applied", "duplicate", "parked")
    return sum(v for n, v in page.items() if n.startswith("floorcast_events_total{") and n.split('"')[3] in counts)


def lag(page: dict[str, float]) -> list[float]:
    """Return the different lags: none while the exporter has not reached Kafka."""
    return sorted({value for name, value in page.items() if name.startswith("floorcast_lag_records")})
