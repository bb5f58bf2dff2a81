"""Windows end with t's whole pane, begin where people expect it, and are made of panes without remainder."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streams.floor import Calendar, Shift
from streams.kpis.panes import MINUTE_MS, QUARTER_MS
from streams.kpis.windows import WINDOWS, Range, ShiftOf, local_date, midnight, window_range
from streams.targets import WorkingTime

TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = [
    "Asia/Tokyo",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Chatham",
]
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def window(name: str, t: str, zone: ZoneInfo = TOKYO, now: str | None = None, shift_of: ShiftOf | None = None) -> Range:
    found = window_range(name, ms(t), ms(now or t), zone, shift_of)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("5m", "2026-11-24T12:33:00+09:00"),
        ("15m", "2026-11-24T12:23:00+09:00"),
        ("30m", "2026-11-24T12:08:00+09:00"),
        ("1h", "2026-11-24T11:38:00+09:00"),
        ("today", "2026-11-24T00:00:00+09:00"),
        ("week", "2026-11-23T00:00:00+09:00"),
        ("month", "2026-11-01T00:00:00+09:00"),
    ],
)
def test_a_window_ends_with_the_whole_minute_of_t(name: str, begin: str) -> None:
    assert window(name, "2026-11-24T12:37:21+09:00") == Range(ms(begin), ms("2026-11-24T12:38:00+09:00"), False)


@pytest.mark.parametrize(("name", "quarters"), [("5m", 1), ("15m", 1), ("30m", 2), ("1h", 4)])
def test_long_ago_a_trailing_window_is_made_of_whole_quarters(name: str, quarters: int) -> None:
    found = window(name, "2026-11-24T12:37:21+09:00", now="2026-11-24T15:37:22+09:00")
    end = ms("2026-11-24T12:45:00+09:00")
    assert found == Range(end - quarters * QUARTER_MS, end, True)


def test_up_to_three_hours_ago_minutes_are_still_used() -> None:
    assert not window("5m", "2026-11-24T12:37:21+09:00", now="2026-11-24T15:37:21+09:00").whole_quarters


def test_long_ago_a_day_ends_with_the_whole_quarter() -> None:
    found = window("today", "2026-11-23T23:50:00+09:00", now="2026-11-25T00:00:00+09:00")
    assert found == Range(ms("2026-11-23T00:00:00+09:00"), ms("2026-11-24T00:00:00+09:00"), True)


def test_on_a_monday_the_week_is_today_and_on_the_first_the_month_is_too() -> None:
    monday = "2026-11-23T00:00:00+09:00"
    assert window("week", monday).from_ms == ms(monday)
    assert window("month", "2026-12-01T00:00:59+09:00").from_ms == ms("2026-12-01T00:00:00+09:00")


@pytest.mark.parametrize(
    ("zone", "date", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Asia/Tokyo", "2026-03-29", 24),
        ("Africa/Cairo", "2026-04-24", 23),
        ("America/Havana", "2026-11-01", 25),
    ],
)
def test_days_are_as_long_as_the_clock_change_makes_them(zone: str, date: str, hours: float) -> None:
    here = ZoneInfo(zone)
    day = datetime.fromisoformat(date).date()
    last = midnight(day + timedelta(days=1), here) - 1
    found = window_range("today", last, last, here)
    assert found is not None and found.to_ms - found.from_ms == hours * HOUR_MS


def test_a_midnight_that_is_skipped_moves_on_by_the_gap() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    assert midnight(datetime(2026, 4, 24).date(), cairo) == ms("2026-04-24T01:00:00+03:00")


def test_a_midnight_that_comes_twice_is_the_first() -> None:
    havana = ZoneInfo("America/Havana")
    assert midnight(datetime(2026, 11, 1).date(), havana) == ms("2026-11-01T00:00:00-04:00")


def test_what_begins_before_the_kept_panes_has_no_window() -> None:
    now = ms("2026-11-24T12:00:00+09:00")
    assert window_range("month", ms("2026-10-31T12:00:00+09:00"), now, TOKYO) is None
    assert window_range("today", ms("2026-10-31T12:00:00+09:00"), now, TOKYO) is not None
    assert window_range("1h", now - 35 * DAY_MS - HOUR_MS, now, TOKYO) is None


def test_the_shift_is_the_one_that_its_calendar_gives() -> None:
    begin = ms("2026-11-24T09:00:00+09:00")
    found = window("shift", "2026-11-24T12:37:21+09:00", shift_of=lambda t: (begin, begin + 9 * HOUR_MS))
    assert found == Range(begin, ms("2026-11-24T12:38:00+09:00"), False)


def test_outside_of_shifts_and_without_a_calendar_there_is_no_shift() -> None:
    now = ms("2026-11-24T12:00:00+09:00")
    assert window_range("shift", now, now, TOKYO) is None
    assert window_range("shift", now, now, TOKYO, lambda t: None) is None


def test_an_unknown_window_is_an_error() -> None:
    with pytest.raises(KeyError):
        window_range("2h", 0, 0, TOKYO)


def nights(zone: str) -> ShiftOf:
    """Return shifts of every night from 21:45 to 06:15, and on from 00:00 to 00:30 within it."""
    outer, inner = Shift("night", frozenset(range(7)), 1305, 1815), Shift("midnight", frozenset(range(7)), 0, 30)
    return WorkingTime(Calendar("nights", zone, (outer, inner))).shift_at


@given(
    st.sampled_from(WINDOWS),
    st.sampled_from(ZONES),
    st.integers(ms("2025-01-01T00:00:00+00:00"), ms("2027-12-31T00:00:00+00:00")),
    st.integers(0, 34 * DAY_MS),
)
def test_any_window_in_any_zone_holds_t_and_is_tiled_by_panes(name: str, zone: str, t: int, ago: int) -> None:
    found = window_range(name, t, t + ago, ZoneInfo(zone), nights(zone))
    assume(found is not None)
    assert found is not None and found.from_ms <= t < found.to_ms
    panes = found.cover()
    tiled = len(panes.quarters) * QUARTER_MS + (len(panes.head) + len(panes.tail)) * MINUTE_MS
    assert tiled == found.to_ms - found.from_ms
    if panes.quarters and (found.whole_quarters or name in ("today", "shift", "week", "month")):
        assert not panes.head
    if found.whole_quarters:
        assert not panes.tail


@given(st.sampled_from(ZONES), st.integers(ms("2025-01-01T00:00:00+00:00"), ms("2027-12-31T00:00:00+00:00")))
def test_days_follow_each_other_without_gap_or_overlap(zone: str, t: int) -> None:
    here = ZoneInfo(zone)
    day = local_date(t, here)
    begin, end = midnight(day, here), midnight(day + timedelta(days=1), here)
    assert 23 * HOUR_MS <= end - begin <= 25 * HOUR_MS
    assert begin % QUARTER_MS == 0
    assert datetime.fromtimestamp(begin / 1000, UTC).astimezone(here).date() == day
