"""What one configuration says of stored history: every figure that it has a target for, period by period."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.export.applied import applied
from streams.floor.model import FLOOR_NAME, Floor, Target
from streams.kpis.model import Kpi, Scope
from streams.kpis.windows import WINDOWS, local_date
from streams.progress import Tell, untold
from streams.review.periods import Period, periods
from streams.targets import Calendars, Targets, attainment
from streams.view.figures import Figures
from streams.view.view import View


class Figure(NamedTuple):
    """What is judged."""

    kpi: str
    scope: str
    name: str
    window: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a figure. Of several windows in a day, value and attainment are those of the worst."""

    target: Target
    kpi: Kpi
    value: float | None
    attainment: float | None
    """None: no window had a value."""
    windows: int
    """Judged; those without a value are not."""
    met_windows: int

    @property
    def met(self) -> bool | None:
        """Whether every window kept to the target; None where none had a value."""
        return self.met_windows == self.windows if self.windows else None


Outcomes = dict[Figure, Outcome]


async def outcomes(view: View, floor: Floor, from_ms: int, to_ms: int, now_ms: int, tell: Tell = untold) -> Outcomes:
    """Return what a floor's targets say of the periods in [from, to), as far as they have come at `now_ms`. Raises
    StoreUnavailable.

    The view is one by that floor's calendars and KPIs, and has been refreshed.
    """
    review = _Review(floor)
    found: Outcomes = {}
    instants = sorted(review.instants(from_ms, to_ms, now_ms).items())
    for done, (t_ms, wanted) in enumerate(instants):
        tell("instants", len(instants) - done)
        figures = await view.at(t_ms, {window for window, _, _ in wanted})
        for window, period, calendars in wanted:
            for figure, outcome in review.judged(figures, window, period, calendars, t_ms):
                found[figure] = _worse(found[figure], outcome) if figure in found else outcome
    return found


Wanted = tuple[str, Period, frozenset[int]]
"""A window, its period at an instant, and the ids of the calendars that have it."""


class _Review:
    """Knows when to look, and what the targets say of what is seen then."""

    def __init__(self, floor: Floor) -> None:
        self._zone = ZoneInfo(floor.timezone)
        self._targets = Targets(floor.targets)
        self._calendars = Calendars(floor)
        own = (self._calendars.of(Scope.TEAM, team) for team in floor.teams)
        self._known = {id(one): one for one in (self._calendars.of(Scope.FLOOR, FLOOR_NAME), *own)}
        self._windows = [window for window in WINDOWS if any(target.window == window for target in floor.targets)]

    def instants(self, from_ms: int, to_ms: int, now_ms: int) -> dict[int, list[Wanted]]:
        """Return when to look at what."""
        found: dict[int, list[Wanted]] = {}
        for window in self._windows:
            calendars: dict[tuple[int, Period], set[int]] = {}
            for calendar in self._known.values():
                for period in periods(window, from_ms, to_ms, self._zone, calendar, now_ms):
                    for t_ms in period.instants:
                        calendars.setdefault((t_ms, replace(period, instants=())), set()).add(id(calendar))
            for (t_ms, period), ids in calendars.items():
                found.setdefault(t_ms, []).append((window, period, frozenset(ids)))
        return found

    def judged(
        self, figures: Figures, window: str, period: Period, calendars: Iterable[int], t_ms: int
    ) -> Iterator[tuple[Figure, Outcome]]:
        """Yield what the targets of a window say of an instant's figures."""
        for scope in Scope:
            if not self._targets.of(scope, window):
                continue
            table = figures.table(scope, window)
            for number, place, target in applied(self._targets, table, local_date(t_ms, self._zone)):
                name, kpi = table.names[number], table.kpis[place]
                if id(self._calendars.of(scope, name)) in calendars:
                    figure = Figure(kpi.id, scope.value, name, window, period.from_ms, period.to_ms)
                    yield figure, _outcome(kpi, target, table.figure(number, place).value)


def _outcome(kpi: Kpi, target: Target, value: float | None) -> Outcome:
    if value is None:
        return Outcome(target, kpi, None, None, 0, 0)
    met = value >= target.value if target.bound == "min" else value <= target.value
    return Outcome(target, kpi, value, attainment(value, target.value, target.bound), 1, int(met))


def _worse(one: Outcome, other: Outcome) -> Outcome:
    if other.attainment is None:
        return one
    worst = other if one.attainment is None or other.attainment < one.attainment else one
    return replace(worst, windows=one.windows + other.windows, met_windows=one.met_windows + other.met_windows)
