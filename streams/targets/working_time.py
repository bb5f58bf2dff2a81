"""When people work, in epoch milliseconds: shifts across midnight, breaks, days off, and DST.

Wall times are those of the calendar's zone. One that DST repeats is the first of the two; one that it skips moves on by
the gap: so Python's `fold=0` reads them.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from streams.floor.model import Calendar, Shift
from streams.kpis.windows import local_date

Span = tuple[int, int]
"""[begin, end), epoch ms."""
DAY_MS = 86_400_000


class WorkingTime:
    """The working time of one calendar; without one, all time works and there is no shift."""

    def __init__(self, calendar: Calendar | None) -> None:
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.timezone) if calendar else None
        self._days: dict[date, tuple[Span, ...]] = {}

    def shift_at(self, t_ms: int) -> Span | None:
        """Return the shift that holds t, the one that began last where two do; breaks belong to it."""
        if self._calendar is None or self._zone is None:
            return None
        return max(self.shifts(t_ms, t_ms + 1), default=None)

    def shifts(self, from_ms: int, to_ms: int) -> list[Span]:
        """Return all shifts that begin before `to_ms` and end after `from_ms`, ascending."""
        if self._calendar is None or self._zone is None:
            return []
        spans = (
            self._span(day, shift.start, shift.end)
            for day in self._dates(from_ms, to_ms - 1, self._zone)
            for shift in self._shifts_on(day)
        )
        return sorted((begin, end) for begin, end in spans if begin < to_ms and end > from_ms)

    def between(self, from_ms: int, to_ms: int) -> int:
        """Return the working ms in [from, to): the union of all shifts, each less its own breaks."""
        if to_ms <= from_ms:
            return 0
        if self._calendar is None or self._zone is None:
            return to_ms - from_ms
        spans = (span for day in self._dates(from_ms, to_ms, self._zone) for span in self._working_on(day))
        return sum(end - begin for begin, end in union(_cut(spans, from_ms, to_ms)))

    def lasted(self, t_ms: int) -> int:
        """Return for how many ms it has been working time without a pause at t, at most a day; 0 outside of it."""
        if self._calendar is None or self._zone is None:
            return DAY_MS
        today = local_date(t_ms, self._zone)
        spans = (span for n in range(-2, 1) for span in self._working_on(today + timedelta(days=n)))
        begun = [begin for begin, end in union(spans) if begin <= t_ms < end]
        return min(t_ms - begun[0], DAY_MS) if begun else 0

    def _dates(self, first_ms: int, last_ms: int, zone: ZoneInfo) -> Iterator[date]:
        """Yield the dates on which shifts begin that hold a moment between two."""
        first, last = local_date(first_ms, zone), local_date(last_ms, zone)
        return (first + timedelta(days=n) for n in range(-1, (last - first).days + 1))

    def _working_on(self, day: date) -> tuple[Span, ...]:
        """Return the working spans of the shifts that begin on a date."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = tuple(union(self._worked(day)))
        return known

    def _worked(self, day: date) -> Iterator[Span]:
        """Yield what is worked of each shift. Its ends and its breaks move by themselves where DST skips them."""
        for shift in self._shifts_on(day):
            breaks = union(self._span(day, *minutes) for minutes in shift.breaks)
            yield from less([self._span(day, shift.start, shift.end)], breaks)

    def _shifts_on(self, day: date) -> Iterator[Shift]:
        assert self._calendar
        if is_day_off(self._calendar, day):
            return
        yield from (shift for shift in self._calendar.shifts if day.weekday() in shift.days)

    def _span(self, day: date, start: int, end: int) -> Span:
        return self._epoch_ms(day, start), self._epoch_ms(day, end)

    def _epoch_ms(self, day: date, minutes: int) -> int:
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
        return int(wall.replace(tzinfo=self._zone).timestamp()) * 1000


ALWAYS = WorkingTime(None)


def is_day_off(calendar: Calendar, day: date) -> bool:
    """Say whether no shift of a calendar begins on a date, whatever its weekday."""
    return day in calendar.dates or bool(calendar.country and day in _holidays(calendar.country, day.year))


def _cut(spans: Iterable[Span], from_ms: int, to_ms: int) -> Iterator[Span]:
    for begin, end in spans:
        if begin < to_ms and end > from_ms:
            yield max(begin, from_ms), min(end, to_ms)


def union(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans that cover the same time, none touching another, ascending."""
    held: Span | None = None
    for begin, end in sorted(span for span in spans if span[0] < span[1]):
        if held and begin <= held[1]:
            held = (held[0], max(held[1], end))
        else:
            if held:
                yield held
            held = (begin, end)
    if held:
        yield held


def less(spans: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """Yield the parts of the spans that are in none of the others; both ascend."""
    others = list(others)
    for begin, end in spans:
        at = begin
        for from_, to in others:
            if from_ < end and to > at:
                if from_ > at:
                    yield at, from_
                at = max(at, to)
        if at < end:
            yield at, end


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
