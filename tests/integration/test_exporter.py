"""What the worker's store says in Redis, the exporter says over HTTP: with a real Redis, a real Kafka and the program."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded import Stack
from streams.kpis.buckets import bucket_of
from streams.kpis.catalogue import load
from streams.store.names import row_name
from streams.store.protocol import MINUTE_MS, QUARTER_MS, Claim, Delta, Outcome, Partition
from streams.store.redis_client import connect
from streams.store.redis_writer import RedisWriter
from tests.contract.deltas import pane_delta

CALLS = Partition("calls", 0)
ROW = row_name('Team "|%"\n営', "q", "c", "r")
LAYOUT = load().layout("calls")


class Floor:
    """A worker's hands without the worker: claims every partition and applies deltas."""

    def __init__(self, writer: RedisWriter, topics: list[str]) -> None:
        self._writer, self._partitions = writer, [Partition(topic, 0) for topic in topics]
        self._claims: dict[Partition, Claim] = {}
        self._next = 0

    async def claim(self) -> None:
        for partition in self._partitions:
            claim = await self._writer.claim(partition, "test", 1)
            await self._writer.pin(partition, claim, self._next)
            self._claims[partition] = claim

    async def calls(self, count: int, ms: int) -> None:
        """Apply answered inbound calls after 10 s of waiting, one of them parked, and one call that waits."""
        facts = {"inbound_answered": count, "wait_ms": 10_000 * count, "known_waits": count}
        pane = pane_delta(
            facts={ROW: [facts.get(name, 0) for name in LAYOUT]},
            buckets={f"{ROW}|wait": [bucket_of(10_000), count]},
            distinct={f"{ROW}|customers": b"".join(n.to_bytes(8, "little") for n in (7, 8, 7))},
        )
        delta = Delta(
            start=self._next,
            end=self._next + count + 1,
            arrival=ms,
            watermark=ms,
            minutes={ms // MINUTE_MS: pane},
            quarters={ms // QUARTER_MS: pane},
            counters={"applied": count, "parked:invalid": 1},
            sources={"/pbx/1": ms},
            calls={"waiting": msgspec.msgpack.encode([ms, "q", None, None, None, None, ms])},
        )
        assert await self._writer.apply([(CALLS, self._claims[CALLS], delta)]) == [Outcome.APPLIED]
        self._next = delta.end


@asynccontextmanager
async def exporter(**settings: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the program on a free port; it says which."""
    environment = {**os.environ, **{f"FLOORCAST_{name.upper()}": value for name, value in settings.items()}}
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from streams.cli.exporter import exporter; exporter()",
        env={**environment, "FLOORCAST_EXPORTER_PORT": "0", "FLOORCAST_LOG_FORMAT": "json"},
        stderr=asyncio.subprocess.PIPE,
    )
    assert program.stderr
    logged = [await program.stderr.readline()]
    try:
        while logged[-1] and b'"listening"' not in logged[-1]:
            logged.append(await program.stderr.readline())
        rest = asyncio.create_task(program.stderr.read())
        yield program, f"http://127.0.0.1:{json.loads(logged[-1])['port']}"
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()
        print(b"".join((*logged, await rest)).decode())  # noqa: T201  # shown where the test fails


async def becomes(ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    """Ask until the answer is as wanted."""
    async with asyncio.timeout(30):
        while not wanted(answer := await ask()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # what another process does gives no event to wait for
    return answer


async def samples(session: aiohttp.ClientSession) -> dict[tuple[str, str], float]:
    async with session.get("/metrics") as response:
        text = await response.text()
    return {
        (sample.name, json.dumps(sample.labels, sort_keys=True)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def key(family: str, /, **labels: str) -> tuple[str, str]:
    return family, json.dumps(labels, sort_keys=True)


async def test_what_is_in_redis_is_served_until_the_program_is_told_to_stop(stack: Stack) -> None:
    client = connect(stack.redis)
    floor = Floor(RedisWriter(client, "exporter-test", lease_ms=60_000), ["calls", "emails", "links", "reps", "crm"])
    now = time.time_ns() // 1_000_000
    await floor.claim()
    await floor.calls(3, now)
    settings = {"kafka": stack.kafka, "redis": stack.redis, "group": "exporter-test", "partitions": "1"}
    async with exporter(**settings) as (program, url), aiohttp.ClientSession(url) as session:

        async def answered() -> Any:
            async with session.get("/api/kpis?kpi=calls_answered&kpi=customers_covered&window=today&scope=team") as got:
                return {row["kpi"]: row["value"] for row in (await got.json()).get("kpis", [])}

        assert await becomes(answered, bool) == {"calls_answered": 3, "customers_covered": 2}
        await floor.calls(2, now)
        assert await becomes(answered, lambda values: values["calls_answered"] != 3) == {
            "calls_answered": 5,
            "customers_covered": 2,
        }
        page = await becomes(
            lambda: samples(session),
            lambda page: page[key("floorcast_events_total", topic="calls", result="applied")] == 5,
        )
        of_team = {"scope": "team", "name": 'Team "|%"\n営', "window": "today"}
        assert page[key("kpi_value", kpi="calls_answered", **of_team)] == 5
        assert page[key("kpi_denominator", kpi="average_speed_of_answer", **of_team)] == 5
        assert page[key("floorcast_parked_total", topic="calls", reason="invalid")] == 2
        assert page[key("floor_calls_waiting", queue="q")] == 1
        assert page[key("floorcast_source_last_event_timestamp_seconds", source="/pbx/1")] == now / 1000
        assert page[key("floorcast_series")] == len(page)
        async with session.get("/readyz") as ready:
            assert ready.status == 200
        program.send_signal(signal.SIGTERM)
        assert await program.wait() == 0
    await client.aclose()


SHIFTS = r"""
teams: {"Team \"|%\"\n営": {calendar: always}}
calendars:
  always: {shifts: {whole: {days: [mon, tue, wed, thu, fri, sat, sun], start: "00:00", end: "00:00"}}}
kpis:
  load:
    - {unit: count, facts: [calls_inbound]}
    - {since: 2026-01-01, facts: [calls_inbound, calls_answered]}
"""


async def test_shifts_and_versions_of_the_file_reach_the_answers(stack: Stack, tmp_path: Path) -> None:
    config = tmp_path / "floor.yaml"
    config.write_text(SHIFTS, encoding="utf-8")
    client = connect(stack.redis)
    floor = Floor(RedisWriter(client, "shift-test", lease_ms=60_000), ["calls"])
    await floor.claim()
    await floor.calls(3, time.time_ns() // 1_000_000)
    await client.aclose()
    settings = {"kafka": stack.kafka, "redis": stack.redis, "group": "shift-test", "config": str(config)}
    async with exporter(**settings) as (_, url), aiohttp.ClientSession(url) as session:

        async def answered(more: str = "") -> Any:
            async with session.get(f"/api/kpis?kpi=load&window=shift&scope=team&scope=floor{more}") as got:
                return {row["name"]: row["value"] for row in (await got.json()).get("kpis", [])}

        team = 'Team "|%"\n営'
        assert await becomes(answered, lambda values: team in values) == {"all": None, team: 6}
        assert await answered("&version=1") == {"all": None, team: 3}


async def test_it_waits_for_redis_and_kafka_as_long_as_needed(tmp_path: Path) -> None:
    nowhere = {"kafka": "127.0.0.1:9", "redis": f"unix://{tmp_path}/redis.sock"}
    async with exporter(**nowhere) as (program, url), aiohttp.ClientSession(url) as session:
        async with session.get("/livez") as live, session.get("/readyz") as ready, session.get("/metrics") as metrics:
            assert (live.status, ready.status, metrics.status) == (200, 503, 503)
        program.send_signal(signal.SIGINT)
        assert await program.wait() == 0


async def test_a_configuration_that_was_named_must_be_there(tmp_path: Path) -> None:
    missing = str(tmp_path / "floor.yaml")
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from streams.cli.exporter import exporter; exporter()",
        env={**os.environ, "FLOORCAST_CONFIG": missing, "FLOORCAST_EXPORTER_PORT": "0"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await program.communicate()
    assert program.returncode == 1
    assert missing in said.decode()


def targets(value: int, kpi: str = "calls_answered") -> str:
    return f"targets:\n  - {{kpi: {kpi}, scope: floor, window: today, at_least: {value}}}\n"


async def test_targets_change_without_a_restart_and_a_wrong_file_changes_nothing(stack: Stack, tmp_path: Path) -> None:
    config = tmp_path / "floor.yaml"
    config.write_text(targets(400))
    settings = {"kafka": stack.kafka, "redis": stack.redis, "group": "reload-test", "config": str(config)}
    async with exporter(**settings) as (program, url), aiohttp.ClientSession(url) as session:

        async def judged() -> Any:
            async with session.get("/api/kpis?kpi=calls_answered&window=today&scope=floor") as got:
                return [row["target"] for row in (await got.json()).get("kpis", [])]

        async def told() -> Any:
            async with session.get("/api/config") as got:
                return await got.json()

        await becomes(judged, lambda found: found == [400])
        (tmp_path / "new.yaml").write_text(targets(500))
        (tmp_path / "new.yaml").rename(config)
        await becomes(judged, lambda found: found == [500])
        config.write_text(targets(600, kpi="calls_answred"))
        refused = await becomes(told, lambda found: not found["valid"])
        assert [(one["file"], one["line"]) for one in refused["problems"]] == [(str(config), 2)]
        assert await judged() == [500]
        page = await samples(session)
        assert page[key("floorcast_config_valid")] == 0
        assert (
            page[key("kpi_target", kpi="calls_answered", scope="floor", name="all", window="today", bound="min")] == 500
        )
        config.write_text(targets(700))
        program.send_signal(signal.SIGHUP)
        await becomes(judged, lambda found: found == [700])
        assert (await told())["valid"]
        program.send_signal(signal.SIGTERM)
        assert await program.wait() == 0
