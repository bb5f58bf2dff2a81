"""A view over a store in memory with its page of metrics and its HTTP, for the tests of the exporter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from prometheus_client.parser import text_string_to_metric_families

from streams.export.config_lines import config_lines
from streams.export.edition import Edition, Editions
from streams.export.judgement import Judge, no_targets
from streams.export.page import MetricsPage
from streams.export.server import application
from streams.floor import Floor
from streams.floor.followed import Configuration
from streams.kpis.buckets import bucket_of
from streams.kpis.catalogue import Catalogue
from streams.kpis.shifts import NO_SHIFTS, Shifts
from streams.store.protocol import Partition
from streams.view.view import View
from tests.view.floor_of_two import NOON, Stopwatch
from tests.view.stored import Happening, MemoryReader

CATALOGUE = Floor.default().catalogue()
CALLS, REPS, CRM = Partition("calls", 0), Partition("reps", 0), Partition("crm", 0)
Sample = tuple[str, frozenset[tuple[str, str]]]


@dataclass
class Exporter:
    """Everything but the loop that refreshes, and the socket."""

    limit: int = 100_000
    rep_series: bool = False
    zone: str = "Asia/Tokyo"
    judge: Judge = no_targets
    shifts: Shifts = NO_SHIFTS
    catalogue: Catalogue = CATALOGUE
    floor: Floor = field(default_factory=Floor.default)
    reader: MemoryReader = field(default_factory=lambda: MemoryReader(CATALOGUE, NOON))
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    partitions: tuple[Partition, ...] = (CALLS, REPS, CRM)

    def __post_init__(self) -> None:
        zone, shifts = ZoneInfo(self.zone), self.shifts
        self.view = View(
            self.reader, self.catalogue, zone, lambda: self.partitions, shifts=shifts, monotonic=self.stopwatch
        )
        self.page = MetricsPage(self.view, self.catalogue, limit=self.limit, rep_series=self.rep_series)
        self.configuration = Configuration(self.floor, "floor.yaml", NOON)
        self.edition = Edition.of(self.view, self.page, self.judge, self.configuration)

    def editions(self) -> Editions:
        """Return what the loop follows; configurations change what is said of the same view."""
        return Editions(lambda _: (self.view, self.page), self.configuration)

    async def refresh(self) -> None:
        """Do what the loop does."""
        await self.edition.render()

    def own(self) -> None:
        """Give every partition an owner who is alive now."""
        for partition in self.partitions:
            self.reader.claim(partition)

    async def with_calls(self, *calls: Happening) -> "Exporter":
        """Add calls, give every partition an owner, and refresh."""
        self.own()
        self.reader.add(CALLS, calls)
        await self.refresh()
        return self

    def text(self) -> str:
        """Return the page as it is served."""
        return self.page.text(config_lines(self.configuration, self.edition.loaded_ms)).decode()

    def samples(self) -> dict[Sample, float]:
        """Return the page as Prometheus' own parser reads it; fails when a series stands there twice."""
        found: dict[Sample, float] = {}
        for family in text_string_to_metric_families(self.text()):
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                assert key not in found, key
                found[key] = sample.value
        return found

    def sample(self, family: str, /, **labels: str) -> float | None:
        """Return the number of a series, None where there is none."""
        return self.samples().get((family, frozenset(labels.items())))

    @asynccontextmanager
    async def http(self) -> AsyncIterator[TestClient[Request, Application]]:
        """Serve on a free port."""
        async with TestClient(TestServer(application(lambda: self.edition, lambda: self.configuration))) as client:
            yield client


def call(ms: int = NOON, team: str = "a", queue: str = "q", rep: str = "r", **facts: int) -> Happening:
    """Return an inbound call that was answered after 10 s."""
    counted = {"inbound_answered": 1, "wait_ms": 10_000, "known_waits": 1, "talk_ms": 90_500, **facts}
    return Happening("calls", ms, team, queue, "c", rep, counted, samples={"wait": bucket_of(10_000)})
