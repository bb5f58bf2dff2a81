"""A real worker's health: what it waits for, when it is ready, what turns it red, and what its metrics count."""

import json
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiokafka import AIOKafkaProducer

from streams.embedded.redis import RedisServer
from streams.store.redis_client import connect
from tests.operations.conftest import PARTITIONS, Kafka
from tests.programs import becomes, floorcast, said
from tests.wire import encoded, minimal

QUICK: dict[str, Any] = {"log_format": "json", "fetch_min_bytes": 1, "fetch_max_wait_ms": 20, "worker_port": 0}


async def readyz(session: aiohttp.ClientSession) -> tuple[int, list[str]]:
    async with session.get("/readyz") as answer:
        return answer.status, (await answer.json())["reasons"]


async def samples(session: aiohttp.ClientSession) -> dict[str, float]:
    async with session.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


async def test_a_worker_is_ready_when_it_owns_its_partitions_and_red_when_redis_may_evict(
    kafka: Kafka, redis: RedisServer
) -> None:
    admin = connect(redis.url)
    group: dict[str, Any] = {"kafka": kafka.open, "redis": redis.url, "group": "health", "partitions": PARTITIONS}
    async with floorcast("worker", **QUICK, **group) as worker, aiohttp.ClientSession(await worker.url()) as session:
        await becomes(lambda: readyz(session), lambda answer: answer == (200, []))
        before = await samples(session)
        assert before["floorcast_worker_ready"] == 1
        assert before["floorcast_worker_redis_unsafe"] == 0
        assert before["floorcast_worker_partitions"] == 5 * PARTITIONS

        now = {"time": datetime.now(UTC).isoformat()}
        async with AIOKafkaProducer(bootstrap_servers=kafka.open) as producer:
            for number in range(3):
                await producer.send(
                    "crm", encoded(minimal("lead.created") | now | {"id": f"health-{number}"}), partition=0
                )
        records = 'floorcast_worker_records_total{topic="crm"}'
        after = await becomes(
            lambda: samples(session), lambda found: found.get(records, 0) >= before.get(records, 0) + 3
        )
        batches = 'floorcast_worker_batches_total{topic="crm"}'
        assert 1 <= after[batches] - before.get(batches, 0) <= 3
        for stage in ("process", "apply"):
            assert after[f"floorcast_worker_{stage}_seconds_count"] > before[f"floorcast_worker_{stage}_seconds_count"]

        await admin.config_set("maxmemory-policy", "allkeys-lru")
        status, reasons = await becomes(lambda: readyz(session), lambda answer: answer[0] != 200)
        assert (status, reasons) == (
            503,
            ["Redis may drop figures: maxmemory-policy is allkeys-lru, not noeviction"],
        )
        assert (await samples(session))["floorcast_worker_redis_unsafe"] == 1
        await admin.config_set("maxmemory-policy", "noeviction")
        await becomes(lambda: readyz(session), lambda answer: answer == (200, []))

        await redis.stop()
        status, reasons = await becomes(lambda: readyz(session), lambda answer: answer[0] != 200)
        assert reasons[0].startswith("Redis does not answer: ")
        lost = await samples(session)
        assert lost["floorcast_worker_ready"] == 0
        assert lost["floorcast_worker_store_unavailable_total"] > 0
        async with session.get("/livez") as answer:
            assert answer.status == 200
        await redis.start()
        await becomes(lambda: readyz(session), lambda answer: answer == (200, []))
        assert await worker.ends(signal.SIGTERM) == (0, "")
        assert [line for line in worker.errors if not isinstance(json.loads(line), dict)] == []
    await admin.aclose()


async def test_a_worker_refuses_to_start_on_a_redis_that_evicts(kafka: Kafka, redis: RedisServer) -> None:
    admin = connect(redis.url)
    await admin.config_set("maxmemory-policy", "volatile-ttl")
    code, output, errors = await said("worker", **QUICK, kafka=kafka.open, redis=redis.url)
    assert (code, output) == (1, "")
    last = json.loads(errors.splitlines()[-1])
    assert last["reason"] == "Redis has maxmemory-policy volatile-ttl: it must be noeviction, or figures may be dropped"
    await admin.aclose()


async def test_a_worker_waits_for_redis_and_kafka_and_says_so(kafka: Kafka, redis: RedisServer) -> None:
    await redis.stop()
    nowhere: dict[str, Any] = {"kafka": "127.0.0.1:1", "redis": redis.url}
    async with floorcast("worker", **QUICK, **nowhere) as worker, aiohttp.ClientSession(await worker.url()) as session:
        status, reasons = await becomes(lambda: readyz(session), lambda answer: "Connect call failed" in answer[1][0])
        assert status == 503
        assert str(redis.port) in reasons[0]
        await redis.start()
        await becomes(lambda: readyz(session), lambda answer: "Kafka at 127.0.0.1:1 does not answer" in answer[1][0])
        assert await worker.ends(signal.SIGINT) == (0, "")


async def test_a_port_that_is_taken_is_named(kafka: Kafka, redis: RedisServer) -> None:
    code, _, errors = await said("worker", kafka=kafka.open, redis=redis.url, worker_port=redis.port)
    assert code == 1
    assert errors.splitlines()[-1] == f"Error: FLOORCAST_WORKER_PORT={redis.port}: Address already in use"


async def test_a_worker_says_that_it_counts_by_other_rules_than_the_file_has(
    kafka: Kafka, redis: RedisServer, tmp_path: Path
) -> None:
    await redis.stop()
    config = tmp_path / "floor.yaml"
    config.write_text('queues: {"*": {threshold_seconds: 20}}')
    settings: dict[str, Any] = {"kafka": kafka.open, "redis": redis.url, "config": config}
    async with floorcast("worker", **QUICK, **settings) as worker, aiohttp.ClientSession(await worker.url()) as session:
        before = await samples(session)
        assert before["floorcast_worker_config_valid"] == 1
        assert before["floorcast_worker_config_restart_needed"] == 0
        config.write_text('queues: {"*": {threshold_seconds: 30}}')
        worker.process.send_signal(signal.SIGHUP)
        assert "queues" in await worker.says("needs a restart")
        assert (await samples(session))["floorcast_worker_config_restart_needed"] == 1
        config.write_text("queues: {")
        assert json.loads(await worker.says("configuration refused"))["line"] == 1
        assert (await samples(session))["floorcast_worker_config_valid"] == 0
        assert await worker.ends(signal.SIGTERM) == (0, "")
