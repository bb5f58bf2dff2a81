"""A view of two partitions of calls over a store in memory, at a quiet time of day."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from streams.floor import Floor
from streams.store.protocol import Partition
from streams.view.figures import Figures
from streams.view.view import View
from tests.view.stored import Happening, MemoryReader

CATALOGUE = Floor.default().catalogue()
FIRST, SECOND = Partition("calls", 0), Partition("calls", 1)
MINUTE, HOUR = 60_000, 3_600_000
NOON = 1_795_521_600_000
"""2026-11-24T12:00:00Z, on the border of a quarter."""


class Stopwatch:
    """A monotonic clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Watched:
    """A view, its store and its clock."""

    reader: MemoryReader = field(default_factory=lambda: MemoryReader(CATALOGUE, NOON))
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    partitions: list[Partition] = field(default_factory=lambda: [FIRST, SECOND])

    def __post_init__(self) -> None:
        self.view = View(self.reader, CATALOGUE, ZoneInfo("UTC"), lambda: self.partitions, monotonic=self.stopwatch)

    def passes(self, ms: int) -> None:
        """Let time pass on both clocks, with owners at work."""
        self.reader.clock_ms += ms
        self.stopwatch.now_s += ms / 1000
        self.reader.verify()


def dial(ms: int, team: str = "a", rep: str = "r") -> Happening:
    """Return an outbound call that nobody answered."""
    return Happening("calls", ms, team, "q", "c", rep, {"outbound_no_answer": 1})


def value(figures: Figures, kpi: str, window: str, scope: str = "floor", name: str = "all") -> float | None:
    """Return one figure, or None where the name has no row."""
    table = figures.table(scope, window)
    if name not in table.names:
        return None
    place = [one.id for one in table.kpis].index(kpi)
    return table.figures(table.names.index(name))[place].value
