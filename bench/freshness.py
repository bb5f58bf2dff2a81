"""How long an event takes until a board shows it, and until Prometheus does, beside a live load.

Leads of a team of their own are created one after the other; a reader that sees the team's count at n has seen the
first n of them. The board's reader follows `/api/stream`, Prometheus is asked every few milliseconds.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
import numpy as np
from aiokafka import AIOKafkaProducer

SCRAPE_S = 1
EVERY_S = 0.05
WARM_S = 5.0
ASK_S = 0.01
LATE_S = 10.0
READY_S = 60.0
MOST_S = WARM_S + LATE_S + 5.0
"""A measurement takes at most so much longer than what of it is measured."""
Where = Mapping[str, str]
"""The figure that counts the leads: KPI, scope, name and window."""
SCRAPING = """\
global: {{scrape_interval: {every_s}s}}
scrape_configs:
  - job_name: floorcast
    static_configs: [{{targets: ["{exporter}"]}}]
"""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Event → reader, in ms."""

    reader: str
    p50_ms: float
    p99_ms: float
    events: int


def scraping(folder: Path, exporter: str, prometheus: str) -> list[str]:
    """Return the arguments of a Prometheus at host:port that scrapes an exporter once a second."""
    folder.mkdir()
    (folder / "prometheus.yml").write_text(SCRAPING.format(every_s=SCRAPE_S, exporter=exporter))
    return [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={prometheus}",
    ]


async def measure(bootstrap: str, exporter: str, prometheus: str | None, seconds: float) -> list[Freshness]:
    """Create leads for so long; return when the board and, where there is one, Prometheus (both host:port) saw them.

    Raises RuntimeError when one does not see them all.
    """
    team = f"probe-{uuid4()}"  # earlier measurements on the same stack have left leads of their own
    where = {"kpi": "leads_created", "scope": "team", "name": team, "window": "today"}
    readers = {"board": _board(exporter, where)} | (
        {"Prometheus": _prometheus(prometheus, where)} if prometheus else {}
    )
    seen: dict[str, list[float]] = {name: [] for name in readers}
    watching = [asyncio.create_task(_watch(counts, seen[name])) for name, counts in readers.items()]
    sent = await _send(bootstrap, team, seconds)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LATE_S):
            while any(len(times) < len(sent) for times in seen.values()):
                await asyncio.sleep(ASK_S)
    for task in watching:
        if task.done():
            task.result()
        task.cancel()
    return [_latency(name, sent, times) for name, times in seen.items()]


async def ready(*urls: str) -> None:
    """Return when all of them answer well. Raises TimeoutError."""
    async with asyncio.timeout(READY_S):
        for url in urls:
            await _ready(url)


async def _ready(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(ASK_S)


async def _send(bootstrap: str, team: str, seconds: float) -> list[float]:
    """Create leads; return when."""
    sent: list[float] = []
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1, linger_ms=0) as producer:
        end = time.time() + WARM_S + seconds
        while time.time() < end:
            sent.append(time.time())
            lead = str(uuid4())
            await producer.send(
                "crm", _lead(lead, team, sent[-1]), key=lead.encode(), timestamp_ms=int(sent[-1] * 1000)
            )
            await asyncio.sleep(EVERY_S)
    return sent


def _lead(lead: str, team: str, at_s: float) -> bytes:
    event = {"specversion": "1.0", "id": lead, "source": "bench", "type": "lead.created"}
    moment = datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")
    return json.dumps(event | {"time": moment, "data": {"lead_id": lead, "team": team}}).encode()


async def _watch(counts: AsyncGenerator[int, None], seen: list[float]) -> None:
    """Note when each lead was first seen, until cancelled."""
    async with aclosing(counts) as told:
        async for count in told:
            seen += [time.time()] * (count - len(seen))


async def _board(exporter: str, where: Where) -> AsyncGenerator[int, None]:
    async with (
        aiohttp.ClientSession(f"http://{exporter}") as session,
        session.get("/api/stream", params=where) as answer,
    ):
        async for line in answer.content:
            if line.startswith(b"data:"):
                yield sum(int(row["value"] or 0) for row in json.loads(line[5:])["kpis"])


async def _prometheus(address: str, where: Where) -> AsyncGenerator[int, None]:
    labels = ",".join(f'{name}="{value}"' for name, value in where.items())
    async with aiohttp.ClientSession(f"http://{address}") as session:
        while True:
            async with session.get("/api/v1/query", params={"query": f"kpi_value{{{labels}}}"}) as answer:
                found: list[Mapping[str, list[str]]] = (await answer.json())["data"]["result"]
            yield sum(int(one["value"][1]) for one in found)
            await asyncio.sleep(ASK_S)


def _latency(reader: str, sent: list[float], seen: list[float]) -> Freshness:
    warm = int(WARM_S / EVERY_S)
    if len(seen) < len(sent):
        raise RuntimeError(f"{reader}: {len(seen)} of {len(sent)} leads were seen")
    took = [(there - here) * 1000 for here, there in zip(sent, seen, strict=False)][warm:]
    p50, p99 = np.percentile(took, [50, 99]).tolist()
    return Freshness(reader, p50, p99, len(took))
