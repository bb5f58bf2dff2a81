"""A batch as far as it has been counted, before any of it is told to the store."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.events import Events, RowKey
from streams.kpis.time_in_state import Rows
from streams.store.protocol import PARKED_COUNTER
from streams.store.seen import Hashes, Hours
from streams.transport import Record
from streams.worker.irregular import Irregular
from streams.worker.panes import Panes


@dataclass(frozen=True, slots=True)
class Parked:
    """A refused record, and why."""

    record: Record
    reason: str
    error: str


@dataclass(slots=True)
class Tally:
    """A batch as far as it has been counted."""

    events: list[Events] = field(default_factory=list)
    """What counts, not yet added up."""
    timed: Rows = field(default_factory=dict)
    """Time in states."""
    lasting: set[RowKey] = field(default_factory=set)
    """Whose rows readers must know, because a state of theirs still lasts."""
    counters: dict[str, int] = field(default_factory=dict)
    seen: dict[int, list[bytes]] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    """Source → the latest time of its events."""
    parked: list[Parked] = field(default_factory=list)
    irregular: Irregular = field(default_factory=Irregular)
    panes: tuple[Panes, Panes] = field(default_factory=lambda: ({}, {}))
    """What minute and quarter panes gain, once it is packed."""
    arrival: int = 0
    """Highest Kafka timestamp, epoch ms; 0 when there are no records."""
    watermark: int = 0

    def count(self, name: str, n: int) -> None:
        if n:
            self.counters[name] = self.counters.get(name, 0) + n

    def park(self, refused: Iterable[Parked]) -> None:
        """Take note of refused records."""
        for one in refused:
            self.parked.append(one)
            self.count(PARKED_COUNTER + one.reason, 1)
            self.irregular.note(PARKED_COUNTER + one.reason, [one.record.timestamp])

    def remember(self, ids: Hashes, hours: Hours) -> None:
        """Take note of the ids that count, by the hour in which each arrived."""
        found = set(hours.tolist())
        for hour in found:
            of_hour = ids if len(found) == 1 else ids[hours == hour]
            self.seen.setdefault(hour, []).append(of_hour.tobytes())

    def heard(self, latest: Iterable[tuple[str, int]]) -> None:
        """Take note of sources with a time of an event of theirs."""
        for source, ms in latest:
            self.sources[source] = max(self.sources.get(source, 0), ms)
