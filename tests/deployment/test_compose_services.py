"""Each service's command line and health check, run on this machine with the environment that the file gives it."""

import asyncio
import json
import secrets
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from streams.embedded.child import Child
from streams.embedded.kafka import KafkaServer
from streams.embedded.ports import LOOPBACK, free_ports, listens
from streams.embedded.redis import redis_program
from streams.store.redis_client import connect
from tests.deployment import compose
from tests.programs import becomes, floorcast, said

PASSWORD = secrets.token_urlsafe(24)
IMAGE_SAYS = {"PROCESS_ROLES", "NODE_ID", "CONTROLLER_QUORUM_VOTERS", "LISTENERS", "ADVERTISED_LISTENERS", "LOG_DIRS"}
"""Properties of the broker that hold places: the embedded broker has its own."""


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Start Kafka and Redis as the file says; return where on this machine that is which the containers name."""
    broker_port, controller_port, redis_port = free_ports(3)
    (tmp_path / "redis_password").write_text(PASSWORD + "\n")
    (tmp_path / "config").mkdir()
    shutil.copy(compose.ROOT / "floor.yaml", tmp_path / "config")
    (tmp_path / "data").mkdir()
    found = {
        "kafka:9092": f"{LOOPBACK}:{broker_port}",
        "redis:6379": f"{LOOPBACK}:{redis_port}",
        "/run/secrets/redis_password": str(tmp_path / "redis_password"),
        "/etc/floorcast": str(tmp_path / "config"),
        "dir /data": f"dir {tmp_path / 'data'}\nport {redis_port}\nbind {LOOPBACK}",
        "redis-server": redis_program(),
    }
    async with AsyncExitStack() as running:
        kafka = KafkaServer(tmp_path, broker_port, controller_port, properties=_properties(compose.services()["kafka"]))
        running.push_async_callback(kafka.kill)
        redis = Child("Redis", tmp_path / "redis.log")
        await redis.start(compose.words(compose.services()["redis"], found))
        running.push_async_callback(_leaves, redis, redis_port)
        await kafka.start()
        await redis.ready(lambda: listens(redis_port), timeout_s=30)
        yield found


async def _leaves(redis: Child, port: int) -> None:
    """Stop Redis as a container is stopped: what runs first gets the signal, and must be Redis itself."""
    redis.signal(signal.SIGTERM)
    code = await redis.wait()
    assert (code, listens(port)) == (0, False)


def _properties(service: Mapping[str, Any]) -> str:
    """Return what the image makes of a broker's environment, as lines of its properties."""
    given = {name.removeprefix("KAFKA_"): value for name, value in service["environment"].items()}
    lines = {name.lower().replace("_", "."): value for name, value in given.items() if name not in IMAGE_SAYS}
    return "".join(f"{name}={value}\n" for name, value in lines.items())


async def healthy(service: str, places: Mapping[str, str]) -> bool:
    """Say whether a service's own check finds it well."""
    argv = [
        sys.executable if word == "python" else word for word in compose.health(compose.services()[service], places)
    ]
    process = await asyncio.create_subprocess_exec(*argv, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait() == 0


async def test_redis_never_evicts_writes_what_it_holds_to_disk_and_lets_in_who_knows_the_secret(
    places: dict[str, str],
) -> None:
    address = places["redis:6379"]
    stranger, friend = connect(f"redis://{address}/0"), connect(f"redis://:{PASSWORD}@{address}/0")
    with pytest.raises(Exception, match="authenticated"):
        await stranger.ping()
    assert (await friend.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
    assert (await friend.config_get("appendonly"))["appendonly"] == "yes"
    for client in (stranger, friend):
        await client.aclose()


async def test_our_services_start_in_their_order_and_find_themselves_well(places: dict[str, str]) -> None:
    ours = compose.ours()
    ports = {"worker": "6066", "exporter": "9108"}
    free = dict(zip(ports, map(str, free_ports(2)), strict=True))
    places |= {f"127.0.0.1:{port}": f"127.0.0.1:{free[name]}" for name, port in ports.items()}
    own = {"host": LOOPBACK, "worker_port": free["worker"], "exporter_port": free["exporter"]}
    given = {name: compose.settings(service, places, **own) for name, service in ours.items()}
    line = {name: compose.words(service, places) for name, service in ours.items()}
    assert not await healthy("worker", places)
    assert ours["topics"]["restart"] == "on-failure"  # a broker that listens may not be ready to make topics
    await becomes(partial(said, *line["topics"], **given["topics"]), lambda answer: answer[0] == 0)
    async with AsyncExitStack() as running:
        worker, exporter, simulate = [
            await running.enter_async_context(floorcast(*line[name], **given[name]))
            for name in ("worker", "exporter", "simulate")
        ]
        for service in ports:
            await becomes(partial(healthy, service, places), bool)
        async with aiohttp.ClientSession(f"http://{LOOPBACK}:{free['exporter']}") as session:

            async def applied() -> float:
                async with session.get("/metrics") as answer:
                    lines = (await answer.text()).splitlines()
                return sum(float(each.rsplit(" ", 1)[1]) for each in lines if 'result="applied"' in each)

            await becomes(applied, lambda count: count > 0)
        for program in (simulate, exporter, worker):
            code, _ = await program.ends(signal.SIGTERM)
            assert code == 0
        assert all(isinstance(json.loads(each), dict) for each in worker.errors)
