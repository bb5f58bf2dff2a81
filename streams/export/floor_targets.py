"""Judges tables by a floor's targets and calendars."""

from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from streams.export.applied import applied
from streams.export.judgement import Judgement, Judgements, Owner
from streams.floor.model import Floor, Target
from streams.kpis.model import Kind, Kpi
from streams.kpis.windows import local_date, whole
from streams.targets import Calendars, Progress, Targets, WorkingTime, attainment, progress
from streams.view.tables import Table

ADDITIVE = (Kind.COUNT, Kind.SUM)
NO_PROGRESS = Progress(None, None, None)
Elapsed = tuple[int, int]
"""Working ms of a window: until t, and in all."""


class FloorTargets:
    """`Judge` of one configuration. A team uses its own calendar, every other scope the floor's."""

    def __init__(self, floor: Floor) -> None:
        self._zone = ZoneInfo(floor.timezone)
        self._targets = Targets(floor.targets)
        self._calendars = Calendars(floor)

    def __call__(self, table: Table, t_ms: int) -> Judgements:
        """Return the judgements of a table at an instant."""
        return dict(self._judgements(table, t_ms))

    def most(self, scope: str, window: str) -> int:
        """Return how many KPIs have a target in a scope and window."""
        return len(self._targets.of(scope, window))

    def worked_ms(self, owners: Iterable[Owner], t_ms: int) -> Mapping[Owner, int]:
        """Return for how long the working time of each owner's calendar has lasted."""
        lasted: dict[int, int] = {}
        found: dict[Owner, int] = {}
        for owner in owners:
            calendar = self._calendars.of(*owner)
            if id(calendar) not in lasted:
                lasted[id(calendar)] = calendar.lasted(t_ms)
            found[owner] = lasted[id(calendar)]
        return found

    def _judgements(self, table: Table, t_ms: int) -> Iterator[tuple[tuple[int, int], Judgement]]:
        elapsed: dict[int, Elapsed | None] = {}
        for number, place, target in applied(self._targets, table, local_date(t_ms, self._zone)):
            calendar = self._calendars.of(table.scope, table.names[number])
            if id(calendar) not in elapsed:
                elapsed[id(calendar)] = self._elapsed(calendar, table.window, t_ms)
            value = table.figure(number, place).value
            yield (number, place), _judged(table.kpis[place], target, value, elapsed[id(calendar)])

    def _elapsed(self, calendar: WorkingTime, window: str, t_ms: int) -> Elapsed | None:
        span = whole(window, t_ms, self._zone, calendar.shift_at)
        if span is None:
            return None
        begin, end = span
        return calendar.between(begin, min(t_ms, end)), calendar.between(begin, end)


def _judged(kpi: Kpi, target: Target, value: float | None, elapsed: Elapsed | None) -> Judgement:
    if value is None:
        return Judgement(target.value, target.bound)
    under_way = (
        progress(value, target.value, target.bound, *elapsed) if elapsed and kpi.kind in ADDITIVE else NO_PROGRESS
    )
    return Judgement(
        target=target.value,
        bound=target.bound,
        attainment=attainment(value, target.value, target.bound),
        pace=under_way.pace,
        forecast=under_way.forecast,
        required_per_hour=under_way.required_per_hour,
    )
