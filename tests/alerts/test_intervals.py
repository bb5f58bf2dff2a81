"""Alertmanager's time intervals say the same as working time does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.alerts.intervals import WEEKDAYS, Interval, days_off, working
from streams.floor.model import Calendar, Shift
from streams.targets import WorkingTime

QUARTER = timedelta(minutes=15)
WORKDAYS, EVERY = frozenset(range(5)), frozenset(range(7))


def holds(interval: Interval, at: datetime) -> bool:
    """Say what Alertmanager says of an interval at an instant: all of its fields must hold, in its location."""
    local = at.astimezone(ZoneInfo(interval["location"]))
    clock = f"{local:%H:%M}"
    return (
        WEEKDAYS[local.weekday()] in interval.get("weekdays", WEEKDAYS)
        and str(local.year) in interval.get("years", [str(local.year)])
        and str(local.month) in interval.get("months", [str(local.month)])
        and str(local.day) in interval.get("days_of_month", [str(local.day)])
        and any(one["start_time"] <= clock < one["end_time"] for one in interval.get("times", ALL_DAY))
    )


ALL_DAY = [{"start_time": "00:00", "end_time": "24:00"}]


def differences(calendar: Calendar, first: date, days: int) -> list[str]:
    """Return the quarters of an hour in which an alert arrives though nobody works, or the other way round."""
    work, on, off = WorkingTime(calendar), working(calendar), days_off(calendar, range(2026, 2028))
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    found = []
    for at in (begin + n * QUARTER for n in range(96 * days)):
        arrives = any(holds(one, at) for one in on) and not any(holds(one, at) for one in off)
        ms = int(at.timestamp()) * 1000
        if arrives != bool(work.between(ms, ms + 900_000)):
            found.append(f"{at} {'arrives' if arrives else 'does not arrive'}")
    return found


OFFICE = Shift("day", WORKDAYS, 540, 1080, ((720, 780),))
NIGHT = Shift("night", WORKDAYS, 22 * 60, 30 * 60, ((25 * 60, 25 * 60 + 30),))
DAWN = Shift("dawn", WORKDAYS, 300, 420)


@pytest.mark.parametrize(
    "shifts",
    [(OFFICE,), (NIGHT,), (OFFICE, NIGHT), (NIGHT, DAWN), (Shift("always", EVERY, 0, 1440),)],
)
@pytest.mark.parametrize("country", [None, "JP"])
def test_alerts_arrive_exactly_in_working_time(shifts: tuple[Shift, ...], country: str | None) -> None:
    calendar = Calendar("c", "Asia/Tokyo", shifts, country, frozenset({date(2026, 11, 25), date(2026, 12, 1)}))
    assert differences(calendar, date(2026, 11, 20), 14) == []


quarters = st.integers(0, 95).map(lambda n: n * 15)
shifts = st.builds(
    lambda days, start, length: Shift("s", days, start, start + length),
    st.frozensets(st.integers(0, 6), min_size=1),
    quarters,
    st.integers(1, 96).map(lambda n: n * 15),
)
off = st.frozensets(st.integers(0, 7).map(lambda n: date(2026, 6, 1) + timedelta(n)))


@settings(deadline=None, max_examples=25)
@given(st.lists(shifts, min_size=1, max_size=3), off)
def test_any_shifts_and_days_off_come_out_as_working_time(some: list[Shift], dates: frozenset[date]) -> None:
    calendar = Calendar("c", "Asia/Kathmandu", tuple(some), None, dates)
    assert differences(calendar, date(2026, 6, 1), 8) == []


def test_days_off_of_other_years_and_without_a_shift_are_left_out() -> None:
    dates = frozenset({date(2025, 12, 31), date(2026, 11, 28), date(2026, 11, 30), date(2028, 1, 3)})
    (only,) = days_off(Calendar("c", "UTC", (OFFICE,), None, dates), range(2026, 2028))
    assert (only["years"], only["months"], only["days_of_month"]) == (["2026"], ["11"], ["30"])
