"""Reps who report their states, the store that a worker makes of it, and a plain recount of who was in which state."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from streams.events import RowKey
from streams.floor import Floor
from streams.kpis.additions import additions_of
from streams.kpis.model import Scope
from streams.kpis.time_in_state import Rows, TimeInState
from streams.store.names import row_name
from streams.store.protocol import LedgerRow, Memory, Partition, Standing, StoredPane, Told
from streams.view.view import View
from streams.worker.reps import RepChanges
from tests.scanned import Sent, decoder_of, scanned
from tests.view.stored import Happening, MemoryReader

FLOOR = Floor.default()
CATALOGUE = FLOOR.catalogue()
LAYOUT = CATALOGUE.layout("reps")
PARTITIONS = [Partition("reps", 0), Partition("reps", 1), Partition("calls", 0)]
MINUTE, HOUR = 60_000, 3_600_000
DECODER = decoder_of("reps", CATALOGUE)
TIME = TimeInState(CATALOGUE, additions_of(CATALOGUE, DECODER.layout))


class OwnRows(dict[RowKey, str]):
    """The rows of a worker that keeps all names."""

    def __missing__(self, key: RowKey) -> str:
        return row_name(*(name or "unassigned" for name in key))


@dataclass(frozen=True)
class Report:
    """A change of state as it is sent."""

    rep: str
    ms: int
    state: str
    team: str | None = "a"

    @property
    def partition(self) -> Partition:
        return PARTITIONS[sum(self.rep.encode()) % 2]


class BusyReader(MemoryReader):
    """A store into which something may come between two readings of it."""

    def __init__(self, now_ms: int) -> None:
        super().__init__(CATALOGUE, now_ms)
        self.between: dict[str, list[Callable[[], None]]] = {}
        """Method → what happens after its next calls, one each."""

    def _happen(self, method: str) -> None:
        if waiting := self.between.get(method):
            waiting.pop(0)()

    async def ledgers(self, partitions: Sequence[Partition]) -> list[LedgerRow | None]:
        found = await super().ledgers(partitions)
        self._happen("ledgers")
        return found

    async def changed(self, since: Sequence[tuple[Partition, int]]) -> list[list[str]]:
        found = await super().changed(since)
        self._happen("changed")
        return found

    async def panes(self, wanted: Sequence[tuple[Partition, str]]) -> list[StoredPane]:
        found = await super().panes(wanted)
        self._happen("panes")
        return found

    async def standing(self, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        found = await super().standing(partition, since, panes)
        self._happen("standing")
        return found

    async def told(self, partitions: Sequence[Partition], wait_s: float = 0) -> list[Told]:
        found = await super().told(partitions, wait_s)
        self._happen("told")
        return found


@dataclass
class Reps:
    """A floor whose reps report; the worker's part is the worker's own code."""

    now_ms: int
    zone: str = "UTC"
    names: Mapping[RowKey, str] = field(default_factory=OwnRows)
    """The rows that the worker keeps for names."""
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reader = BusyReader(self.now_ms)
        self.view = View(self.reader, CATALOGUE, ZoneInfo(self.zone), lambda: PARTITIONS, monotonic=lambda: 0.0)
        self._owners = {partition: RepChanges(Memory(), TIME, DECODER.layout) for partition in PARTITIONS[:2]}

    def says(self, rep: str, ms: int, state: str, team: str | None = "a") -> None:
        """Report a change and let the worker apply it as a batch of its own."""
        report = Report(rep, ms, state, team)
        rows: Rows = {}
        owner = self._owners[report.partition]
        data = {"rep": rep, "state": state, "team": team}
        sent = Sent("rep.state_changed", data, ms, self.reader.clock_ms, len(self.reports))
        owner.take(scanned(DECODER, [sent]), rows)
        self.reports.append(report)
        changes = owner.changes(self.reader.clock_ms, self.names)
        self.reader.add(report.partition, list(_happenings(rows)), reps=changes)

    def passes(self, ms: int) -> None:
        """Let time pass."""
        self.reader.clock_ms += ms
        self.reader.verify()

    def time(self, scope: Scope, name: str, from_ms: int, to_ms: int, t_ms: int) -> Counter[str]:
        """Return the ms in each state that belong to a name in [from, to), as of the instant t."""
        found: Counter[str] = Counter()
        for report, until in self._intervals(t_ms):
            named = {Scope.FLOOR: "all", Scope.TEAM: report.team or "unassigned", Scope.REP: report.rep}
            if named[scope] == name and report.state != "offline":
                found[f"state_{report.state}_ms"] += max(0, min(until, to_ms) - max(report.ms, from_ms))
        return found

    def _intervals(self, t_ms: int) -> Iterator[tuple[Report, int]]:
        """Yield each report with the end of its state: the rep's next report, else the instant; after 12 h anyway."""
        for rep in {report.rep for report in self.reports}:
            own = sorted((report for report in self.reports if report.rep == rep), key=lambda report: report.ms)
            ends = [*(report.ms for report in own[1:]), t_ms]
            for report, end in zip(own, ends, strict=True):
                yield report, min(end, report.ms + 12 * HOUR)


def _happenings(rows: Rows) -> Iterator[Happening]:
    for minute, named in rows.items():
        for (team, _, _, rep), row in named.items():
            facts = dict(zip(LAYOUT, row, strict=True))
            yield Happening("reps", minute * MINUTE, team or "unassigned", "unassigned", "unassigned", str(rep), facts)
