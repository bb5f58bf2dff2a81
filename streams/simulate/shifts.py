"""When a rep is on duty."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from streams.floor.model import Calendar, Shift

HOUR_MS = 3_600_000
TURN_MS = 9 * HOUR_MS
"""In the profile `busy` a rep works 8 hours and is away for one, each at another time: eight ninths are always there."""
LONGEST_MS = 10 * HOUR_MS
"""A calendar's shift may be longer than a person works: then reps share it. Below the 12 h that a state lasts."""
_DAYS_WITHOUT_WORK = 400


class Duty(NamedTuple):
    """One stretch of work, epoch ms."""

    start_ms: int
    end_ms: int


def rotating(place: int, from_ms: int) -> Iterator[Duty]:
    """Yield, without end, the duties of the floor's rep number `place` that end after `from_ms`."""
    offset = int(place * 0.618034 % 1 * TURN_MS)
    start = (from_ms - offset) // TURN_MS * TURN_MS + offset
    while True:
        if start + TURN_MS - HOUR_MS > from_ms:
            yield Duty(start, start + TURN_MS - HOUR_MS)
        start += TURN_MS


def by_calendar(calendar: Calendar, place: int, from_ms: int) -> Iterator[Duty]:
    """Yield the duties that end after `from_ms`, one a working day; ends when the calendar has no more work."""
    zone = ZoneInfo(calendar.timezone)
    off = holidays.country_holidays(calendar.country) if calendar.country else {}
    day = datetime.fromtimestamp(from_ms / 1000, zone).date() - timedelta(days=1)
    idle = 0
    while idle < _DAYS_WITHOUT_WORK:
        shifts = [] if day in calendar.dates or day in off else _on(calendar, day)
        idle = 0 if shifts else idle + 1
        if shifts:
            duty = _duty(day, shifts[place % len(shifts)], place // len(shifts), zone)
            if duty.end_ms > from_ms:
                yield duty
        day += timedelta(days=1)


def _on(calendar: Calendar, day: date) -> list[Shift]:
    return [shift for shift in calendar.shifts if day.weekday() in shift.days]


def _duty(day: date, shift: Shift, place: int, zone: ZoneInfo) -> Duty:
    start, end = _moment(day, shift.start, zone), _moment(day, shift.end, zone)
    if end - start > LONGEST_MS:
        start += (place % 3) * (end - start - LONGEST_MS) // 2
    return Duty(start, min(end, start + LONGEST_MS))


def _moment(day: date, minutes: int, zone: ZoneInfo) -> int:
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return int(wall.astimezone(UTC).timestamp()) * 1000
