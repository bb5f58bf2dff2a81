"""What a worker says of itself over HTTP, whatever its parts are doing; the real parts are tests/operations'."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from streams.floor import Floor, Problem
from streams.floor.followed import Configuration
from streams.settings import Settings
from streams.worker.health import application
from streams.worker.metrics import WorkerMetrics
from streams.worker.service import VERIFIED_LATELY_S, WorkerService


class Parts:
    """A worker whose owner and applier are as the test says."""

    def __init__(self) -> None:
        self.owner = SimpleNamespace(partitions=["calls 0"], unsettled=[])
        self.applier = SimpleNamespace(
            verified_at=asyncio.get_running_loop().time(), unsafe_policy=None, unanswered=None, unheard=0
        )
        self.letters = SimpleNamespace(waiting=[])
        self.metrics = WorkerMetrics()
        owner = SimpleNamespace(held=lambda: self.owner.partitions, settling=lambda: self.owner.unsettled)
        nothing: Any = None
        self.service = WorkerService(
            Settings(),
            nothing,
            nothing,
            nothing,
            nothing,
            cast(Any, self.letters),
            cast(Any, owner),
            cast(Any, self.applier),
            self.metrics,
        )
        self.configuration = Configuration(Floor.default(), "floor.yaml", 1_795_521_600_000)
        self.service._waiting_for = []


@pytest.fixture
async def parts() -> Parts:
    """Return a worker that is ready."""
    return Parts()


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[TestClient[Any, Any]]:
    """Return what asks the worker."""
    async with TestClient(
        TestServer(application(parts.service.reasons, parts.metrics, lambda: parts.configuration))
    ) as client:
        yield client


async def readyz(client: TestClient[Any, Any]) -> tuple[int, list[str]]:
    async with client.get("/readyz") as answer:
        said = await answer.json()
    assert said["status"] == ("ready" if answer.status == 200 else "not ready")
    return answer.status, said["reasons"]


async def samples(client: TestClient[Any, Any]) -> dict[str, float]:
    async with client.get("/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
    return {sample.name: sample.value for family in families for sample in family.samples}


async def test_a_worker_that_has_its_partitions_and_its_ledger_is_ready(client: TestClient[Any, Any]) -> None:
    assert await readyz(client) == (200, [])
    assert (await samples(client))["floorcast_worker_ready"] == 1


def starting(parts: Parts) -> None:
    parts.service._waiting_for = ["topic calls: missing: run `floorcast topics create`"]


def unassigned(parts: Parts) -> None:
    parts.owner.partitions = []


def settling(parts: Parts) -> None:
    parts.owner.unsettled = ["calls 1", "calls 2"]


def never_verified(parts: Parts) -> None:
    parts.applier.verified_at = float("-inf")


def verified_long_ago(parts: Parts) -> None:
    parts.applier.verified_at -= VERIFIED_LATELY_S + 1


def unanswered(parts: Parts) -> None:
    parts.applier.unanswered = "connection refused"


def unheard(parts: Parts) -> None:
    parts.applier.unheard = 3


def parking(parts: Parts) -> None:
    parts.letters.waiting = ["refused records of calls-0 cannot be parked in calls-dlq: no such topic"]


def evicting(parts: Parts) -> None:
    parts.applier.unsafe_policy = "allkeys-lru"


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (starting, "topic calls: missing: run `floorcast topics create`"),
        (unassigned, "no partition is assigned"),
        (settling, "2 partitions are on their way to the ledger's position"),
        (never_verified, "Redis has not verified the ledger for 10 s"),
        (verified_long_ago, "Redis has not verified the ledger for 10 s"),
        (unanswered, "Redis does not answer: connection refused"),
        (unheard, "Kafka does not answer for 3 partitions"),
        (parking, "refused records of calls-0 cannot be parked in calls-dlq: no such topic"),
        (evicting, "Redis may drop figures: maxmemory-policy is allkeys-lru, not noeviction"),
    ],
)
async def test_a_worker_that_is_not_ready_says_why_and_is_alive_all_the_same(
    parts: Parts, client: TestClient[Any, Any], deed: Any, reason: str
) -> None:
    deed(parts)
    assert await readyz(client) == (503, [reason])
    assert (await samples(client))["floorcast_worker_ready"] == 0
    async with client.get("/livez") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "alive"})


async def test_the_metrics_say_whether_redis_may_drop_figures(parts: Parts, client: TestClient[Any, Any]) -> None:
    assert (await samples(client))["floorcast_worker_redis_unsafe"] == 0
    evicting(parts)
    assert (await samples(client))["floorcast_worker_redis_unsafe"] == 1


async def test_every_reason_is_told(parts: Parts, client: TestClient[Any, Any]) -> None:
    for deed in (settling, never_verified, evicting):
        deed(parts)
    _, reasons = await readyz(client)
    assert len(reasons) == 3


async def test_a_worker_that_has_just_been_made_is_not_ready(parts: Parts) -> None:
    assert "starting" in WorkerService(*[cast(Any, getattr(parts.service, n)) for n in ORDER]).reasons()


ORDER = ("settings", "file", "app", "store", "offsets", "letters", "owner", "applier", "metrics")


async def test_metrics_are_served_under_their_names_from_the_start(client: TestClient[Any, Any]) -> None:
    async with client.get("/metrics") as answer:
        text = await answer.text()
        assert answer.headers["Content-Type"].startswith("text/plain")
    assert re.findall(r"^# TYPE (floorcast_worker_\S+) (\w+)$", text, re.MULTILINE) == [
        ("floorcast_worker_batches_total", "counter"),
        ("floorcast_worker_records_total", "counter"),
        ("floorcast_worker_process_seconds", "histogram"),
        ("floorcast_worker_apply_seconds", "histogram"),
        ("floorcast_worker_rewinds_total", "counter"),
        ("floorcast_worker_stale_batches_total", "counter"),
        ("floorcast_worker_errors_total", "counter"),
        ("floorcast_worker_store_unavailable_total", "counter"),
        ("floorcast_worker_partitions", "gauge"),
        ("floorcast_worker_ready", "gauge"),
        ("floorcast_worker_redis_unsafe", "gauge"),
        ("floorcast_worker_config_valid", "gauge"),
        ("floorcast_worker_config_loaded_timestamp_seconds", "gauge"),
        ("floorcast_worker_config_restart_needed", "gauge"),
    ]
    assert "process_resident_memory_bytes" in text
    assert "_created" not in text


async def test_an_applied_batch_is_counted_once_however_many_records_it_has() -> None:
    metrics = WorkerMetrics()
    metrics.applied("calls", 500, 0.0)
    value = metrics.registry.get_sample_value
    assert value("floorcast_worker_batches_total", {"topic": "calls"}) == 1
    assert value("floorcast_worker_records_total", {"topic": "calls"}) == 500
    assert value("floorcast_worker_apply_seconds_count") == 1


async def test_a_worker_tells_of_its_configuration_and_counts_on_by_what_it_has(
    parts: Parts, client: TestClient[Any, Any]
) -> None:
    wrong = Problem("floor.yaml", 7, "unknown key 'targts' in the configuration; did you mean 'targets'?")
    parts.configuration = replace(parts.configuration, problems=(wrong,), restart_needed=("queues",))
    async with client.get("/readyz") as answer:
        assert answer.status == 200
        assert (await answer.json())["config"] == {
            "file": "floor.yaml",
            "valid": False,
            "loaded": "2026-11-24T12:00:00+00:00",
            "problems": [{"file": "floor.yaml", "line": 7, "reason": wrong.reason}],
            "restart_needed": ["queues"],
        }
    told = await samples(client)
    assert told["floorcast_worker_config_valid"] == 0
    assert told["floorcast_worker_config_restart_needed"] == 1
    assert told["floorcast_worker_config_loaded_timestamp_seconds"] == 1_795_521_600
    parts.configuration = replace(parts.configuration, problems=(), restart_needed=())
    mended = await samples(client)
    assert mended["floorcast_worker_config_valid"] == 1
    assert mended["floorcast_worker_config_restart_needed"] == 0
