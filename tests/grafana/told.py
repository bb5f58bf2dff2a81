"""What the pipeline says of one snapshot by other ways than /metrics: its JSON, and the ledgers in Redis."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from streams.store.protocol import LedgerRow

Key = tuple[str, str, str, str]
"""KPI, scope, name, window."""
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """The truth that panels are held against."""

    at: float
    """When the figures were read from the store, epoch seconds."""
    asked: float
    """When Prometheus is asked, epoch seconds."""
    unbroken: bool
    """Whether Prometheus reached everybody every second since the beginning: else growth may have passed unseen."""
    kpis: Mapping[Key, Json]
    """Rows of /api/kpis at `at`."""
    now: Json
    """/api/now."""
    stale: list[str]
    loaded: float
    """When the exporter read its configuration, epoch seconds, to the second."""
    series: int
    """How many Prometheus found on the page."""
    ledgers: Mapping[tuple[str, int], LedgerRow]
    sources: Mapping[str, int]
    """Source → its latest event time, epoch ms."""
    worker: str
    """Its address."""
    worker_bytes: int
    """What the kernel says of the worker's memory."""

    def counted(self, topic: str, name: str) -> int:
        """Return a topic's counter; `parked` is the sum of all reasons."""
        whole: Counter[str] = Counter()
        for (of, _), row in self.ledgers.items():
            if of == topic:
                whole.update(row.counters)
        return sum(count for key, count in whole.items() if key == name or key.startswith(f"{name}:"))

    @property
    def topics(self) -> set[str]:
        """All source topics."""
        return {topic for topic, _ in self.ledgers}

    @property
    def judged(self) -> set[tuple[str, str]]:
        """The floor and the teams that have a target: scope and name."""
        rows = {(scope, name) for (_, scope, name, _), row in self.kpis.items() if row["target"] is not None}
        return {(scope, name) for scope, name in rows if scope in {"floor", "team"}}

    def latest(self, topic: str, what: str) -> float:
        """Return the latest `watermark` or `applied` of a topic, epoch seconds."""
        return max(float(getattr(row, what)) for (of, _), row in self.ledgers.items() if of == topic) / 1000

    def longest(self) -> Mapping[str, float]:
        """Return how long each queue's first call had waited at `at`; /api/now is of a later moment."""
        later = datetime.fromisoformat(self.now["at"]).timestamp() - self.at
        return {row["queue"]: row["longest_seconds"] - later for row in self.now["waiting"]}


async def ask(session: aiohttp.ClientSession, at: float, **others: Any) -> Told:
    """Ask the exporter for what it says of an instant; `others` comes from elsewhere."""
    moment = datetime.fromtimestamp(at, UTC).isoformat()
    async with session.get("/api/kpis", params={"at": moment}) as answer:
        figures = await answer.json()
    async with session.get("/api/now") as answer:
        now = await answer.json()
    async with session.get("/api/config") as answer:
        loaded = datetime.fromisoformat((await answer.json())["loaded"]).timestamp()
    rows = {(row["kpi"], row["scope"], row["name"], row["window"]): row for row in figures["kpis"]}
    return Told(at=at, kpis=rows, now=now, stale=figures["stale"], loaded=loaded, **others)
