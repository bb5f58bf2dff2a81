"""Calendars: shifts across midnight, breaks, days off, DST; working time is the sum of its parts."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.floor.model import Calendar, Shift
from streams.targets import ALWAYS, WorkingTime

HOUR = 3_600_000
WEEKDAYS, EVERY = frozenset(range(5)), frozenset(range(7))
ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe")


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def office(zone: str = "Asia/Tokyo", **more: object) -> Calendar:
    return Calendar("office", zone, (Shift("day", WEEKDAYS, 540, 1080, ((720, 780),)),), **more)  # type: ignore[arg-type]


def nights(zone: str, start: int = 22 * 60, end: int = 30 * 60) -> WorkingTime:
    return WorkingTime(Calendar("nights", zone, (Shift("night", EVERY, start, end),)))


def test_an_office_day_is_eight_hours_and_a_weekend_none() -> None:
    work = WorkingTime(office())
    assert work.between(ms("2026-11-24T00:00+09:00"), ms("2026-11-25T00:00+09:00")) == 8 * HOUR
    assert work.between(ms("2026-11-24T11:30+09:00"), ms("2026-11-24T13:30+09:00")) == HOUR
    assert work.between(ms("2026-11-28T00:00+09:00"), ms("2026-11-30T00:00+09:00")) == 0
    assert work.between(ms("2026-11-01T00:00+09:00"), ms("2026-12-01T00:00+09:00")) == 21 * 8 * HOUR


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        ("2026-11-24T08:59+09:00", 0),
        ("2026-11-24T09:00+09:00", 0),
        ("2026-11-24T09:20+09:00", 20),
        ("2026-11-24T11:59+09:00", 179),
        ("2026-11-24T12:30+09:00", 0),
        ("2026-11-24T13:05+09:00", 5),  # after the break it begins anew
        ("2026-11-24T18:00+09:00", 0),
        ("2026-11-28T10:00+09:00", 0),
    ],
)
def test_work_has_lasted_since_its_last_pause(at: str, minutes: int) -> None:
    assert WorkingTime(office()).lasted(ms(at)) == minutes * 60_000


def test_work_lasts_through_midnight_and_from_shift_to_shift_but_is_told_for_a_day_at_most() -> None:
    assert nights("Asia/Tokyo").lasted(ms("2026-11-28T01:30+09:00")) == 3.5 * HOUR
    handed_over = (Shift("early", WEEKDAYS, 360, 840), Shift("late", WEEKDAYS, 840, 1320))
    assert WorkingTime(Calendar("two", "UTC", handed_over)).lasted(ms("2026-11-24T15:00+00:00")) == 9 * HOUR
    assert nights("UTC", start=0, end=24 * 60).lasted(ms("2026-11-24T15:00+00:00")) == 24 * HOUR
    assert ALWAYS.lasted(0) == 24 * HOUR


def test_holidays_of_the_country_and_dates_of_the_floor_are_off() -> None:
    work = WorkingTime(office(country="JP", dates=frozenset({date(2026, 11, 24)})))
    assert (
        work.between(ms("2026-11-23T00:00+09:00"), ms("2026-11-26T00:00+09:00")) == 8 * HOUR
    )  # 23: Labour Thanksgiving
    assert work.shift_at(ms("2026-11-23T10:00+09:00")) is None
    assert work.shift_at(ms("2026-11-24T10:00+09:00")) is None
    assert work.shift_at(ms("2026-11-25T10:00+09:00")) is not None


def test_a_night_is_judged_by_the_date_on_which_it_starts() -> None:
    friday = WorkingTime(Calendar("n", "Asia/Tokyo", (Shift("night", WEEKDAYS, 22 * 60, 30 * 60),)))
    span = (ms("2026-11-27T22:00+09:00"), ms("2026-11-28T06:00+09:00"))
    assert friday.shift_at(ms("2026-11-28T05:59+09:00")) == span
    assert friday.shift_at(ms("2026-11-28T06:00+09:00")) is None
    assert friday.shift_at(ms("2026-11-30T05:00+09:00")) is None  # Sunday's night has no shift


def test_of_two_shifts_the_one_that_began_last_counts_and_their_union_works() -> None:
    both = WorkingTime(
        Calendar("two", "UTC", (Shift("early", EVERY, 360, 840, ((600, 660),)), Shift("late", EVERY, 780, 1320)))
    )
    assert both.shift_at(ms("2026-11-24T13:30+00:00")) == (ms("2026-11-24T13:00+00:00"), ms("2026-11-24T22:00+00:00"))
    assert both.shift_at(ms("2026-11-24T10:30+00:00")) == (ms("2026-11-24T06:00+00:00"), ms("2026-11-24T14:00+00:00"))
    assert (
        both.between(ms("2026-11-24T00:00+00:00"), ms("2026-11-25T00:00+00:00")) == 15 * HOUR
    )  # 4 + 11, an hour shared


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        ("Europe/Berlin", "2026-10-24", 9),  # 02:00–03:00 comes twice
        ("Europe/Berlin", "2026-03-28", 7),  # and is skipped
        ("America/New_York", "2026-10-31", 9),
        ("Australia/Lord_Howe", "2026-04-04", 8.5),
        ("Asia/Tokyo", "2026-10-24", 8),
    ],
)
def test_a_night_with_dst_is_as_long_as_it_is(zone: str, night: str, hours: float) -> None:
    begin = datetime.fromisoformat(f"{night}T22:00").replace(tzinfo=ZoneInfo(zone))
    span = nights(zone).shift_at(int(begin.timestamp() * 1000))
    assert span is not None
    assert span[1] - span[0] == hours * HOUR
    assert nights(zone).between(*span) == hours * HOUR


def test_a_skipped_wall_time_moves_on_by_the_gap_and_a_repeated_one_is_the_first() -> None:
    span = nights("Europe/Berlin", 150, 240).shift_at(ms("2026-03-29T03:45+02:00"))  # 02:30–04:00, from 03:30 on
    assert span == (ms("2026-03-29T03:30+02:00"), ms("2026-03-29T04:00+02:00"))
    span = nights("Europe/Berlin", 150, 240).shift_at(ms("2026-10-25T02:45+02:00"))
    assert span == (ms("2026-10-25T02:30+02:00"), ms("2026-10-25T04:00+01:00"))


def test_without_a_calendar_all_time_works_and_there_is_no_shift() -> None:
    assert ALWAYS.between(5, 12) == 7
    assert ALWAYS.between(12, 5) == 0
    assert ALWAYS.shift_at(0) is None


shifts = st.builds(
    lambda days, start, length, pause: Shift(
        "s", frozenset(days), start * 15, (start + length) * 15, ((start * 15 + 15, start * 15 + 15 * pause),)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 95),
    st.integers(4, 96),
    st.integers(2, 4),
)


@given(
    st.sampled_from(ZONES),
    st.lists(shifts, min_size=1, max_size=3),
    st.lists(st.integers(0, 400 * 96), min_size=3, max_size=6).map(sorted),
)
def test_the_working_time_of_a_range_is_the_sum_of_its_parts(zone: str, some: list[Shift], marks: list[int]) -> None:
    work = WorkingTime(Calendar("c", zone, tuple(some)))
    start = ms("2026-01-01T00:00+00:00")
    times = [start + mark * 900_000 for mark in marks]
    parts = [work.between(a, b) for a, b in pairwise(times)]
    assert sum(parts) == work.between(times[0], times[-1])
    assert all(0 <= part <= b - a for part, (a, b) in zip(parts, pairwise(times), strict=True))


@given(st.sampled_from(ZONES), shifts, st.integers(0, 365 * 24))
def test_working_time_is_what_a_walk_through_the_quarters_finds(zone: str, shift: Shift, hour: int) -> None:
    work = WorkingTime(Calendar("c", zone, (shift,)))
    begin = ms("2026-01-01T00:00+00:00") + hour * HOUR
    quarters = [begin + n * 900_000 for n in range(96)]
    if any(_transition(zone, quarter) for quarter in quarters):
        return  # on the days themselves the tests above say what is right
    walked = sum(_works(zone, shift, quarter) for quarter in quarters)
    assert work.between(begin, begin + 96 * 900_000) == walked * 900_000


def _works(zone: str, shift: Shift, at_ms: int) -> bool:
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        minute = local.hour * 60 + local.minute + back * 1440
        on_break = any(begin <= minute < end for begin, end in shift.breaks)
        if day.weekday() in shift.days and shift.start <= minute < shift.end and not on_break:
            return True
    return False


def _transition(zone: str, at_ms: int) -> bool:
    here = ZoneInfo(zone)
    offsets = {datetime.fromtimestamp(at_ms / 1000 + h * 3600, here).utcoffset() for h in (-30, 0, 30)}
    return len(offsets) > 1
