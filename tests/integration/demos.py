"""A demo as people and scripts run it, and what it says of itself."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
from prometheus_client.parser import text_string_to_metric_families

from streams.embedded.ports import listens

FLOORCAST = str(Path(sys.executable).with_name("floorcast"))
SERVERS = {"prometheus": ["prometheus"], "alertmanager": ["alertmanager", "prometheus-alertmanager"]}
MONITORS = [
    name for name, programs in SERVERS.items() if shutil.which("prometheus") and any(map(shutil.which, programs))
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


@asynccontextmanager
async def demo(data: Path, *options: str, through: tuple[str, ...] = (), **given: str) -> AsyncIterator[Running]:
    """Start a demo, `through` another program and with environment variables; whatever is left of it is killed."""
    said = data / "stderr"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLOORCAST_")}
    with said.open("wb") as stderr:
        starter = await asyncio.create_subprocess_exec(
            *through,
            *(FLOORCAST, "demo", "--headless", "--data", str(data), *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            cwd=data,
            env={**environment, **given},
        )
    process = psutil.Process(starter.pid)
    if through:
        process = (await becomes(lambda: now(process.children()), bool))[0]
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


async def now(value: Any) -> Any:
    """Return what is at hand, for `becomes`."""
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


async def watched(addresses: dict[str, Any]) -> None:
    """Wait until Prometheus has scraped the exporter and both workers; it has the rules, and knows whom to tell."""
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
    await becomes(lambda: sample(session, "floorcast_events_total", result="applied"), lambda later: later > applied)
    floor = {"scope": "floor", "window": "today"}
    for kpi in ("emails_sent", "calls_handled", "dials"):
        said -= await sample(session, "kpi_value", kpi=kpi, **floor)
    assert said <= 0


async def all_ready(urls: list[str]) -> bool:
    """Say whether all of them do."""
    return all([await ready(url) for url in urls])


def words(process: psutil.Process) -> list[str]:
    """Return a command line; of one that is gone none."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
