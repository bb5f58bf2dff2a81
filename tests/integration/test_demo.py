"""The demo as people and scripts run it: real Kafka, Redis, workers, exporter and floor; and nothing left afterwards."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded.ports import listens

FLOORCAST = str(Path(sys.executable).with_name("floorcast"))
MONITORS = [
    name
    for name, programs in {
        "prometheus": ["prometheus"],
        "alertmanager": ["alertmanager", "prometheus-alertmanager"],
    }.items()
    if shutil.which("prometheus") and any(map(shutil.which, programs))
]
"""What of this machine a demo runs too; .ci/run installs it."""
PATIENCE_S = 120.0
"""How long a condition may take before the test has failed; nothing waits for it to pass."""


@dataclass(frozen=True)
class Running:
    """A demo, and the process that started it."""

    starter: asyncio.subprocess.Process
    demo: psutil.Process
    said: Path
    """What it wrote to standard error."""
    seen: set[psutil.Process] = field(default_factory=set)
    """Every process that was found in the family."""

    def family(self) -> list[psutil.Process]:
        """Return the demo and everything below it."""
        found = [self.demo, *_below(self.demo)]
        self.seen.update(found)
        return found

    async def addresses(self) -> dict[str, Any]:
        """Return the line of addresses: the whole of standard output so far."""
        assert self.starter.stdout
        async with asyncio.timeout(PATIENCE_S):
            line = await self.starter.stdout.readline()
        assert line, self.said.read_text()
        found: dict[str, Any] = json.loads(line)
        return found

    async def ended(self, family: list[psutil.Process], ports: set[int]) -> str:
        """Wait until all processes are gone and no port is listened on; return the rest of standard output."""
        async with asyncio.timeout(PATIENCE_S):
            await self.starter.wait()
        _, alive = await asyncio.to_thread(psutil.wait_procs, family, timeout=PATIENCE_S)
        assert not alive, self.said.read_text()
        assert ports
        assert not [port for port in ports if listens(port)]
        assert self.starter.stdout
        return (await self.starter.stdout.read()).decode()


def listening(family: list[psutil.Process]) -> set[int]:
    """Return the ports on which these processes listen; none is open to other machines."""
    found = [conn for one in family for conn in one.net_connections("tcp") if conn.status == psutil.CONN_LISTEN]
    assert {conn.laddr.ip for conn in found} <= {"127.0.0.1", "::ffff:127.0.0.1"}
    return {conn.laddr.port for conn in found}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the demos of this file keep."""
    return tmp_path_factory.mktemp("demo")


@asynccontextmanager
async def demo(data: Path, *options: str, through: tuple[str, ...] = ()) -> AsyncIterator[Running]:
    """Start a demo, `through` another program; whatever is left of it in the end is killed."""
    said = data / "stderr"
    with said.open("wb") as stderr:
        starter = await asyncio.create_subprocess_exec(
            *through,
            *(FLOORCAST, "demo", "--headless", "--data", str(data), *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            cwd=data,
            env={name: value for name, value in os.environ.items() if not name.startswith("FLOORCAST_")},
        )
    process = psutil.Process(starter.pid)
    if through:
        process = (await becomes(lambda: _now(process.children()), bool))[0]
    running = Running(starter, process, said)
    try:
        yield running
    finally:
        running.family()
        for one in running.seen:
            _kill(one)
        if starter.returncode is None:
            starter.kill()
        await starter.wait()


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


async def becomes(ask: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    """Ask until the answer is as wanted; what another process does gives no event to wait for."""
    async with asyncio.timeout(PATIENCE_S):
        while not wanted(answer := await ask()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return answer


async def _now(value: Any) -> Any:
    return value


async def today(session: aiohttp.ClientSession) -> float:
    """Return how many e-mails and calls the floor had today, by the API."""
    query = "/api/kpis?scope=floor&window=today&kpi=emails_sent&kpi=calls_handled&kpi=dials"
    async with session.get(query) as answer:
        assert answer.status == 200
        return float(sum(row["value"] for row in (await answer.json())["kpis"]))


async def sample(session: aiohttp.ClientSession, name: str, **labels: str) -> float:
    """Return the sum of the series of `/metrics` that have these labels."""
    async with session.get("/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
    return sum(
        one.value
        for family in families
        for one in family.samples
        if one.name == name and labels.items() <= one.labels.items()
    )


async def ready(url: str) -> bool:
    """Say whether a worker or the exporter says so."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@pytest.fixture(scope="module")
def left_off() -> list[float]:
    """Return what the demos before showed for today."""
    return []


async def test_figures_move_a_dead_worker_is_replaced_and_ctrl_c_leaves_nothing(
    data: Path, left_off: list[float]
) -> None:
    async with demo(data, "--rate", "200", "--dirt", "0") as running:
        addresses = await running.addresses()
        assert set(addresses) == {"kafka", "redis", "exporter", "workers", "data", "monitors"}
        assert set(addresses["monitors"]) == set(MONITORS)
        assert all([await ready(url) for url in (addresses["exporter"], *addresses["workers"])])
        assert Path(addresses["data"]) == data
        async with aiohttp.ClientSession(addresses["exporter"]) as session:
            first = await today(session)
            await becomes(lambda: today(session), lambda now: now > first)
            await self_consistent(session)
            worker = next(one for one in running.family() if one.cmdline()[-1:] == ["worker"])
            worker.kill()
            await becomes(
                lambda: _now(running.said.read_text()), lambda said: "ended by signal 9: started again" in said
            )
            await becomes(lambda: all_ready(addresses["workers"]), bool)
            left_off.append(await today(session))
            await watched(addresses)
        family = running.family()
        assert len(family) == 1 + 2 + 2 + 1 + 1 + len(MONITORS)
        ports = listening(family)
        running.demo.send_signal(signal.SIGINT)
        assert await running.ended(family, ports) == ""
        assert await running.starter.wait() == 0


async def watched(addresses: dict[str, Any]) -> None:
    """Wait until a Prometheus of this machine, if there is one, has scraped the exporter and both workers."""
    if "prometheus" not in addresses["monitors"]:
        return
    async with aiohttp.ClientSession(addresses["monitors"]["prometheus"]) as session:

        async def reached() -> dict[str, str]:
            async with session.get("/api/v1/query", params={"query": "sum by (job) (up)"}) as answer:
                found = (await answer.json())["data"]["result"]
            return {one["metric"]["job"]: one["value"][1] for one in found}

        await becomes(reached, lambda jobs: jobs == {"floorcast-exporter": "1", "floorcast-worker": "2"})
        async with session.get("/api/v1/rules") as answer:
            assert (await answer.json())["data"]["groups"]
        async with session.get("/api/v1/alertmanagers") as answer:
            told = [urlsplit(one["url"]).netloc for one in (await answer.json())["data"]["activeAlertmanagers"]]
        assert told == [urlsplit(url).netloc for name, url in addresses["monitors"].items() if name == "alertmanager"]


async def self_consistent(session: aiohttp.ClientSession) -> None:
    """Wait until `/metrics` moves too, and its figure of the floor is not behind what the API said before."""
    said = await today(session)
    applied = await sample(session, "floorcast_events_total", result="applied")
    assert applied > 0
    await becomes(lambda: sample(session, "floorcast_events_total", result="applied"), lambda now: now > applied)
    floor = {"scope": "floor", "window": "today"}
    for kpi in ("emails_sent", "calls_handled", "dials"):
        said -= await sample(session, "kpi_value", kpi=kpi, **floor)
    assert said <= 0


async def all_ready(urls: list[str]) -> bool:
    return all([await ready(url) for url in urls])


async def test_the_next_demo_goes_on_from_the_kept_data_and_sigterm_leaves_nothing(
    data: Path, left_off: list[float]
) -> None:
    async with demo(data, "--rate", "200") as running:
        addresses = await running.addresses()
        async with aiohttp.ClientSession(addresses["exporter"]) as session:
            assert await today(session) >= left_off[-1] > 0
            left_off.append(await today(session))
            await becomes(lambda: today(session), lambda now: now > left_off[-1])
        family = running.family()
        ports = listening(family)
        running.demo.terminate()
        await running.ended(family, ports)
        assert await running.starter.wait() == 0


async def test_the_death_of_the_parent_leaves_nothing(data: Path, left_off: list[float]) -> None:
    parent = (sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])")
    async with demo(data, "--workers", "1", through=parent) as running:
        await running.addresses()
        family = running.family()
        ports = listening(family)
        assert running.demo.pid != running.starter.pid
        running.starter.kill()
        await running.ended(family, ports)


async def test_a_kafka_that_dies_ends_the_demo_with_the_end_of_its_log(data: Path) -> None:
    async with demo(data) as running:
        kafka = await becomes(lambda: _now([one for one in running.family() if "kafka.Kafka" in _words(one)]), bool)
        await becomes(lambda: _now(running.said.read_text()), lambda said: "✓ starting Kafka and Redis" in said)
        family = running.family()
        kafka[0].kill()
        async with asyncio.timeout(PATIENCE_S):
            assert await running.starter.wait() == 1
        await running.ended(family, {0})
        assert "Error: Kafka has ended; the end of its log" in running.said.read_text()


async def test_a_demo_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    async with demo(tmp_path) as running:
        await becomes(lambda: _now(running.said.read_text()), lambda said: "✓ starting Kafka and Redis" in said)
        family = running.family()
        assert len(family) > 2
        ports = listening(family)
        running.demo.kill()
        await running.ended(family, ports)


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
