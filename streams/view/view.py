"""The view: follows the store and says what every window shows, now or at an earlier instant."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from streams.kpis.catalogue import Catalogue
from streams.kpis.model import Kpi
from streams.kpis.shifts import NO_SHIFTS, Shifts
from streams.kpis.windows import WINDOWS
from streams.store.protocol import LedgerRow, Partition, Reader, StoreUnavailable
from streams.view.columns import Columns
from streams.view.days import Days
from streams.view.definitions import Definitions
from streams.view.figures import Figures
from streams.view.freshness import Freshness
from streams.view.offsets import EndOffsets
from streams.view.past import Past
from streams.view.present import Present, present
from streams.view.reading import Place
from streams.view.replica import Replica
from streams.view.sources import Sources

log = structlog.get_logger(__name__)

UNREAD_S = 10.0
"""After so long without an answer from the store, everything is stale."""


class Loading(Exception):
    """The view has not read the store yet: ask again later."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one refresh found."""

    at_ms: int
    """By the store's clock, read before everything else."""
    present: Present
    ledgers: Mapping[Partition, LedgerRow | None]
    lags: Mapping[Partition, int]
    sources: Mapping[str, int]
    """Source → its latest event time, epoch ms."""


class View:
    """A copy of the store for serving. One task calls `refresh`; everything else reads between its steps."""

    def __init__(
        self,
        reader: Reader,
        catalogue: Catalogue,
        zone: ZoneInfo,
        partitions: Callable[[], Sequence[Partition]],
        *,
        offsets: EndOffsets | None = None,
        shifts: Shifts = NO_SHIFTS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kpis: tuple[Kpi, ...] = tuple(catalogue.kpis.values())
        self.days = Days(zone)
        self.snapshot: Snapshot | None = None
        """None until the store has been read once."""
        self._reader, self._partitions, self._offsets, self._shifts = reader, partitions, offsets, shifts
        self._monotonic = monotonic
        self._columns = Columns.of(catalogue)
        self._definitions = Definitions(self._columns, self.kpis)
        self._sources = Sources(reader)
        self._freshness = Freshness()
        self._fresh_ms: dict[str, int] = {}
        self._read_at = float("-inf")
        self._interrupted = False
        self._replica: Replica | None = None
        self._past: Past | None = None
        self._figures: Figures | None = None
        self._reading = asyncio.Lock()
        """Held by who reads several tables of one instant, and while a refresh takes effect."""

    async def refresh(self) -> Snapshot:
        """Catch up with the store. Raises StoreUnavailable; the old figures then stay, and so does their time."""
        began = self._monotonic()
        try:
            now_ms = await self._reader.now_ms()
            partitions = list(self._partitions())
            ledgers = dict(zip(partitions, await self._reader.ledgers(partitions), strict=True))
            replica = self._following(ledgers, now_ms)
            await self._sources.follow(ledgers, now_ms)
            found = await replica.look(ledgers, now_ms)
        except StoreUnavailable:
            self._interrupted = True
            raise
        async with self._reading:
            self._take(replica, replica.apply(found), ledgers)
            self.snapshot = self._seen(replica, ledgers, now_ms)
        self._interrupted = False
        self._read_at = began
        return self.snapshot

    @property
    def age_s(self) -> float:
        """How long ago the latest snapshot was begun."""
        return self._monotonic() - self._read_at

    @property
    def reader(self) -> Reader:
        """What reads the store."""
        return self._reader

    @property
    def partitions(self) -> Sequence[Partition]:
        """The partitions that are followed."""
        return self._partitions()

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that are followed."""
        return tuple(dict.fromkeys(partition.topic for partition in self._partitions()))

    def stale(self) -> tuple[str, ...]:
        """Return the topics whose figures are not those of now; all of them when the store has been silent for 10 s.

        What is not known to be alive is not: a lease that would have run out by now has, until the store says better.
        """
        if self.snapshot is None or self.age_s >= UNREAD_S:
            return self.topics
        return self._freshness.stale(self._partitions(), self.now_ms())

    def fresh_ms(self, topic: str) -> int | None:
        """Return the time (epoch ms) of the last snapshot that had a topic fresh, None if none had."""
        return self._fresh_ms.get(topic)

    def now_ms(self) -> int:
        """Return the store's clock, as far as it is known. Raises Loading."""
        if self.snapshot is None:
            raise Loading("the store has not been read yet")
        return self.snapshot.at_ms + int(self.age_s * 1000)

    @property
    def figures(self) -> Figures:
        """The live figures: they go on changing, so use them up before the next await. Raises Loading."""
        if self._figures is None or self.snapshot is None:
            raise Loading("the store has not been read yet")
        return self._figures

    @asynccontextmanager
    async def still(self, t_ms: int | None = None) -> AsyncIterator[Figures]:
        """Give the figures of now, or of an instant of the last 35 days, that stand still until the block ends.

        No refresh takes effect meanwhile, so it must be short. Raises Loading, StoreUnavailable.
        """
        async with self._reading:
            if live := self._of_now(t_ms):
                yield live
                return
        assert t_ms is not None
        yield await self._of_past(t_ms)

    async def at(self, t_ms: int, windows: Collection[str] = WINDOWS) -> Figures:
        """Return the figures of an instant of the last 35 days, of these windows at least; those of the present minute go
        on changing, as the live ones do. Raises Loading, StoreUnavailable.
        """
        return self._of_now(t_ms) or await self._of_past(t_ms, windows)

    def _of_now(self, t_ms: int | None) -> Figures | None:
        """Return the figures of an instant for which the live sums are good, None for any other. Raises Loading."""
        live = self.figures
        if t_ms is None or t_ms == live.t_ms:
            return live
        assert self._past
        spans = self._past.spans(t_ms, self.now_ms())
        if spans.to_minute == live.instant.spans.to_minute and not spans.whole_quarters:
            return Figures(live.instant, self._definitions, at_ms=t_ms)
        return None

    async def _of_past(self, t_ms: int, windows: Collection[str] = WINDOWS) -> Figures:
        assert self._past
        spans = self._past.spans(t_ms, self.now_ms()).only(windows)
        return Figures(await self._past.at(spans), self._definitions, at_ms=t_ms)

    def _following(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int) -> Replica:
        """Return the replica, or one that will read everything where there is none, or the store has lost what it was
        made of; what was shown before stays until it has.
        """
        if self._replica:
            if not self._replica.lost(ledgers, now_ms, interrupted=self._interrupted):
                return self._replica
            log.warning("the store went back: reading all of it again")
        self._sources.forget()
        return Replica(self._reader, self._columns, self.days, now_ms, self._shifts)

    def _take(self, replica: Replica, changed: list[Place], ledgers: Mapping[Partition, LedgerRow | None]) -> None:
        """Show what a replica holds, in which places have changed."""
        if replica is self._replica:
            assert self._past
            self._past.follow(changed, ledgers)
            return
        self._replica = replica
        self._past = Past(replica, ledgers, self.days, self._shifts)
        self._figures = Figures(replica.live, self._definitions)

    def _seen(self, replica: Replica, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int) -> Snapshot:
        self._freshness.see(ledgers, self._offsets.ends if self._offsets else {}, now_ms)
        stale = self._freshness.stale(ledgers, now_ms)
        self._fresh_ms.update((topic, now_ms) for topic in self.topics if topic not in stale)
        return Snapshot(
            at_ms=now_ms,
            present=present(replica.calls.at(now_ms), replica.changes(), now_ms),
            ledgers=ledgers,
            lags=self._freshness.lags,
            sources=self._sources.latest,
        )
