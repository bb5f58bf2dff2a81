"""Whose calendar counts: a team uses its own where it has one, every other scope and team the floor's."""

from collections.abc import Callable

from streams.floor.model import Floor
from streams.kpis.model import Scope
from streams.kpis.shifts import Shifts
from streams.kpis.windows import SHIFT, ShiftOf
from streams.targets.working_time import WorkingTime


class Calendars:
    """The calendars of one floor."""

    def __init__(self, floor: Floor) -> None:
        self._floors = WorkingTime(floor.calendar_of())
        own = {team: calendar for team, calendar in floor.teams.items() if calendar != floor.calendar}
        self._named = {name: WorkingTime(floor.calendars[name]) for name in sorted(set(own.values()))}
        self._teams = own

    def of(self, scope: str, name: str) -> WorkingTime:
        """Return the calendar of a name in a scope."""
        calendar = self._teams.get(name) if scope == Scope.TEAM else None
        return self._floors if calendar is None else self._named[calendar]

    def shifts(self, shift_of: Callable[[WorkingTime], ShiftOf] = lambda calendar: calendar.shift_at) -> Shifts:
        """Return the shifts of the same calendars; `shift_of` says which one a calendar has at an instant."""
        return Shifts(
            floor=shift_of(self._floors),
            own={_course(name): shift_of(calendar) for name, calendar in self._named.items()},
            teams={team: _course(calendar) for team, calendar in self._teams.items()},
        )


def _course(calendar: str) -> str:
    return f"{SHIFT}:{calendar}"
