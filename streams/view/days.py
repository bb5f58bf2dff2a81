"""Local days as ranges of quarters, and the name of any pane that the view holds."""

from datetime import date
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from streams.kpis.panes import MINUTES_A_QUARTER, quarter_of, quarter_start
from streams.kpis.windows import local_date, midnight


class Pane(NamedTuple):
    """A minute or quarter as stored, or a whole local day (its ordinal), which the view makes of quarters."""

    kind: Literal["m", "q", "d"]
    number: int

    @property
    def key(self) -> str:
        """The pane's name in the store; days have none."""
        return f"{self.kind}:{self.number}"


class Days:
    """The days of a time zone: of 23, 24 or 25 hours."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._first: dict[int, int] = {}

    def of(self, ms: int) -> int:
        """Return the ordinal of the local date at an epoch time in ms."""
        return local_date(ms, self.zone).toordinal()

    def of_quarter(self, quarter: int) -> int:
        """Return the ordinal of the day that a quarter belongs to."""
        return self.of(quarter_start(quarter))

    def quarters(self, day: int) -> range:
        """Return a day's quarters."""
        return range(self._start(day), self._start(day + 1))

    def minutes(self, pane: Pane) -> range:
        """Return the minutes of a pane of any kind."""
        if pane.kind == "m":
            return range(pane.number, pane.number + 1)
        quarters = range(pane.number, pane.number + 1) if pane.kind == "q" else self.quarters(pane.number)
        return range(quarters.start * MINUTES_A_QUARTER, quarters.stop * MINUTES_A_QUARTER)

    def stored(self, pane: Pane) -> list[Pane]:
        """Return the stored panes that make a pane of any kind."""
        return [Pane("q", quarter) for quarter in self.quarters(pane.number)] if pane.kind == "d" else [pane]

    def _start(self, day: int) -> int:
        first = self._first.get(day)
        if first is None:
            at = midnight(date.fromordinal(day), self.zone)
            first = self._first[day] = quarter_of(at)
        return first
