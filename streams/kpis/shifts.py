"""Whose shift a row's window `shift` is: that of a team's own calendar, and the floor's for all other rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from streams.kpis.model import Scope
from streams.kpis.windows import SHIFT, WINDOWS, Range, ShiftOf, window_range


@dataclass(frozen=True, slots=True)
class Shifts:
    """The shifts of a floor. Sums are kept by *course*: a window, or `shift` by one team calendar."""

    floor: ShiftOf | None = None
    """Of every row that has no calendar of its own; None: there are no shifts."""
    own: Mapping[str, ShiftOf] = field(default_factory=dict)
    """Course → the shifts of a calendar of teams' own."""
    teams: Mapping[str, str] = field(default_factory=dict)
    """Team → the course of its own calendar."""

    @property
    def courses(self) -> tuple[str, ...]:
        """Every window (`shift` is the floor's), then the shifts of teams' own calendars."""
        return (*WINDOWS, *self.own)

    def apart(self, scope: str, window: str) -> Mapping[str, str]:
        """Return name → course of the rows of a table whose course is not the window itself."""
        return self.teams if scope == Scope.TEAM and window == SHIFT else {}

    def range(self, course: str, t_ms: int, now_ms: int, zone: ZoneInfo) -> Range | None:
        """Return the range of a course, as `window_range` does. Raises KeyError."""
        own = self.own.get(course)
        return window_range(SHIFT if own else course, t_ms, now_ms, zone, own or self.floor)


NO_SHIFTS = Shifts()
