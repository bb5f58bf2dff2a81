"""Calendars as Alertmanager's time intervals: when people work, and the days on which they would but do not."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from streams.alerts.written import OneLine
from streams.floor.calendars import DAY_MINUTES
from streams.floor.model import Calendar
from streams.targets.working_time import is_day_off, less, union

Interval = OneLine
"""One of Alertmanager's: everything in it must hold."""
Span = tuple[int, int]
"""[begin, end) in minutes after a day's midnight."""
ALL_DAY: tuple[Span, ...] = ()
"""Nothing is left of the day: no times are named."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def working(calendar: Calendar) -> list[Interval]:
    """Return when a week's shifts work, breaks left out; days off are left in."""
    by_span: dict[Span, set[int]] = {}
    for weekday in range(7):
        for span in _spans(calendar, _weekdays_from(weekday)):
            by_span.setdefault(span, set()).add(weekday)
    return [
        Interval(weekdays=[WEEKDAYS[day] for day in sorted(days)], times=_times([span]), location=calendar.timezone)
        for span, days in sorted(by_span.items())
    ]


def days_off(calendar: Calendar, years: Iterable[int]) -> list[Interval]:
    """Return when a week's shifts would work but do not: holidays of the country and further dates.

    A shift that began the day before works on through the midnight of a day off, as in working time.
    """
    found: dict[tuple[int, int, tuple[Span, ...]], list[int]] = {}
    for day in (day for year in years for day in _days(year)):
        kept = _on(calendar, day, off=True)
        if gone := tuple(less(_on(calendar, day, off=False), kept)):
            found.setdefault((day.year, day.month, gone if kept else ALL_DAY), []).append(day.day)
    return [
        Interval(
            years=[str(year)],
            months=[str(month)],
            days_of_month=[str(day) for day in days],
            **({} if gone == ALL_DAY else {"times": _times(gone)}),
            location=calendar.timezone,
        )
        for (year, month, gone), days in sorted(found.items())
    ]


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(1)


def _weekdays_from(weekday: int) -> Callable[[int], int | None]:
    return lambda day: (weekday + day) % 7


def _on(calendar: Calendar, day: date, *, off: bool) -> list[Span]:
    """Return the spans of a date; `off`: of those shifts that do not begin on a day off."""

    def weekday(shift_by: int) -> int | None:
        began = day + timedelta(shift_by)
        return None if off and is_day_off(calendar, began) else began.weekday()

    return _spans(calendar, weekday)


def _spans(calendar: Calendar, weekday: Callable[[int], int | None]) -> list[Span]:
    """Return what works between a day's midnights; `weekday(-1)` is that on which the night's shifts began."""
    spans = [
        (max(begin + day * DAY_MINUTES, 0), min(end + day * DAY_MINUTES, DAY_MINUTES))
        for day in (-1, 0)
        for shift in calendar.shifts
        if weekday(day) in shift.days
        for begin, end in less([(shift.start, shift.end)], union(shift.breaks))
    ]
    return list(union(spans))


def _times(spans: Iterable[Span]) -> list[dict[str, str]]:
    return [{"start_time": _clock(begin), "end_time": _clock(end)} for begin, end in spans]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
