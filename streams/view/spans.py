"""Which panes make each window at an instant: whole days before, then quarters, then single minutes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from streams.kpis.panes import MINUTES_A_QUARTER, QUARTERS_KEPT_MS, minute_of, quarter_of
from streams.kpis.shifts import Shifts
from streams.kpis.windows import SHIFT, TRAILING_MINUTES, WHOLE_QUARTERS_AFTER_MS, WINDOWS, Range
from streams.view.days import Days, Pane

NO_PANES = range(0)
SHORT_MINUTES = max(TRAILING_MINUTES.values())
"""No window begins within a quarter longer ago than this."""
LONGEST_SHIFT_MS = 25 * 3_600_000
"""A shift is of a day at most, and an hour longer where DST repeats one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The panes of a window. No moment is in two."""

    days: range = NO_PANES
    """Ordinals of whole local days."""
    quarters: range = NO_PANES
    head: range = NO_PANES
    """Minutes before the quarters …"""
    tail: range = NO_PANES
    """… and after them."""

    def __contains__(self, pane: Pane) -> bool:
        if pane.kind == "m":
            return pane.number in self.head or pane.number in self.tail
        return pane.number in (self.quarters if pane.kind == "q" else self.days)

    def __iter__(self) -> Iterator[Pane]:
        yield from (Pane("d", number) for number in self.days)
        yield from (Pane("q", number) for number in self.quarters)
        yield from (Pane("m", number) for minutes in (self.head, self.tail) for number in minutes)


@dataclass(frozen=True, slots=True)
class Spans:
    """Every window at one instant."""

    t_ms: int
    now_ms: int
    shifts: Shifts
    ranges: Mapping[str, Range | None]
    """Course (see `Shifts`) → its range; None: it has no value."""
    parts: Mapping[str, Parts]
    """Of the courses that have a range."""
    to_minute: int
    """End of all windows, exclusive."""
    whole_quarters: bool
    oldest_quarter: int
    """The first quarter of the 35 days before now."""
    merged_before: int
    """Days before this one are held whole: no shift that goes on now began in one of them."""

    def only(self, windows: Collection[str]) -> "Spans":
        """Return these with no value for any other window: so that they cost nothing."""
        left = [course for course in self.ranges if (course if course in WINDOWS else SHIFT) in windows]
        ranges = {course: span if course in left else None for course, span in self.ranges.items()}
        return replace(self, ranges=ranges, parts={course: self.parts[course] for course in left if ranges[course]})

    @property
    def oldest_minute(self) -> int:
        """Minutes before this one are in no window by themselves; it begins a quarter."""
        return (self.to_minute - SHORT_MINUTES) // MINUTES_A_QUARTER * MINUTES_A_QUARTER

    @property
    def from_minutes(self) -> dict[str, int]:
        """Course → its first minute."""
        return {course: minute_of(span.from_ms) for course, span in self.ranges.items() if span}


def spans(t_ms: int, now_ms: int, days: Days, shifts: Shifts) -> Spans:
    """Return the windows that end with the pane of t, as they are to be asked for at `now_ms`."""
    ranges = {course: shifts.range(course, t_ms, now_ms, days.zone) for course in shifts.courses}
    whole_quarters = t_ms < now_ms - WHOLE_QUARTERS_AFTER_MS
    merged_before = days.of(now_ms - LONGEST_SHIFT_MS)
    return Spans(
        t_ms=t_ms,
        now_ms=now_ms,
        shifts=shifts,
        ranges=ranges,
        parts={course: _parts(span, days, merged_before) for course, span in ranges.items() if span},
        to_minute=(quarter_of(t_ms) + 1) * MINUTES_A_QUARTER if whole_quarters else minute_of(t_ms) + 1,
        whole_quarters=whole_quarters,
        oldest_quarter=quarter_of(now_ms - QUARTERS_KEPT_MS),
        merged_before=merged_before,
    )


def _parts(span: Range, days: Days, merged_before: int) -> Parts:
    cover = span.cover()
    first, last = cover.quarters.start, cover.quarters.stop
    whole_days = NO_PANES
    if first < last:
        begin = days.of_quarter(first)
        end = min(days.of_quarter(last), merged_before)
        if days.quarters(begin).start == first and begin < end:
            whole_days = range(begin, end)
            first = days.quarters(end).start
    return Parts(whole_days, range(first, last), cover.head, cover.tail)
