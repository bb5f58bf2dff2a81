"""Shifts tile the time that their calendar covers, on DST days too; a shift's working time is the sum of its parts."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.floor import Calendar, Floor, Shift
from streams.kpis.windows import midnight, whole
from streams.targets import Calendars, WorkingTime
from tests.targets.test_working_time import EVERY, HOUR, ms, shifts

QUARTER = 900_000
AROUND_THE_CLOCK = (
    Shift("early", EVERY, 360, 840, ((600, 615),)),
    Shift("late", EVERY, 840, 1320, ((1080, 1110),)),
    Shift("night", EVERY, 1320, 1800, ((1500, 1545),)),  # a break from 01:00 to 01:45 of the next day
)
DST_DAYS = {
    "Asia/Tokyo": ("2026-03-29", "2026-10-25"),  # has none: as long as any day
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Asia/Kolkata": ("2026-03-29", "2026-10-25"),
    "Asia/Kathmandu": ("2026-03-29", "2026-10-25"),
    "Australia/Lord_Howe": ("2026-10-04", "2026-04-05"),
}
CHANGE_DAYS = [(zone, day) for zone, days in DST_DAYS.items() for day in days]


@pytest.mark.parametrize(("zone", "day"), CHANGE_DAYS)
def test_every_quarter_of_a_day_with_dst_is_in_one_shift_that_its_neighbours_share(zone: str, day: str) -> None:
    work, here = WorkingTime(Calendar("c", zone, AROUND_THE_CLOCK)), ZoneInfo(zone)
    begin = midnight(date.fromisoformat(day), here)
    end = midnight(date.fromisoformat(day) + timedelta(days=1), here)
    spans = [work.shift_at(at) for at in range(begin, end, QUARTER)]
    counts = Counter(span for span in spans if span)
    assert sum(counts.values()) == (end - begin) // QUARTER
    inside = {span: max(0, min(span[1], end) - max(span[0], begin)) // QUARTER for span in counts}
    assert counts == inside
    assert [a[1] for a in sorted(counts)[:-1]] == [b[0] for b in sorted(counts)[1:]]
    assert all(
        span == work.shift_at(at + QUARTER - 1) for span, at in zip(spans, range(begin, end, QUARTER), strict=True)
    )


@given(
    st.sampled_from(CHANGE_DAYS),
    st.lists(shifts, min_size=1, max_size=3),
    st.integers(-1, 1),
    st.integers(0, 60) | st.integers(0, 24 * 60),
)
def test_of_a_shift_what_has_passed_and_what_is_left_make_its_working_time(
    where: tuple[str, str], some: list[Shift], days: int, minutes: int
) -> None:
    work = WorkingTime(Calendar("c", where[0], tuple(replace(shift, days=EVERY) for shift in some)))
    t = begin_of(some[0], where, days) + minutes * 60_000
    span = whole("shift", t, ZoneInfo("UTC"), work.shift_at)
    if span is None:
        assert minutes >= 15 or some[0].end - some[0].start <= 60  # an hour may be all that DST skips
        return
    begin, end = span
    assert begin <= t < end and begin % QUARTER == end % QUARTER == 0
    assert end - begin <= 25 * HOUR
    assert work.between(begin, t) + work.between(t, end) == work.between(begin, end) <= end - begin


@given(
    st.sampled_from(CHANGE_DAYS), shifts.filter(lambda shift: 60 < shift.end - shift.start < 1440), st.integers(-1, 1)
)
def test_a_shift_alone_is_the_same_from_its_first_ms_to_its_last(
    where: tuple[str, str], shift: Shift, days: int
) -> None:
    work = WorkingTime(Calendar("c", where[0], (replace(shift, days=EVERY),)))
    span = work.shift_at(begin_of(shift, where, days))
    assert span is not None
    assert {work.shift_at(at) for at in (*range(span[0], span[1], QUARTER), span[1] - 1)} == {span}
    assert span not in (work.shift_at(span[0] - 1), work.shift_at(span[1]))


def begin_of(shift: Shift, where: tuple[str, str], days: int) -> int:
    """Return when a shift begins, some days after the day with DST."""
    zone, day = where
    wall = datetime.fromisoformat(day) + timedelta(days=days, minutes=shift.start)
    return int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def test_a_break_that_dst_repeats_takes_twice_its_time_and_one_that_it_skips_none() -> None:
    work = WorkingTime(Calendar("c", "Europe/Berlin", (Shift("night", EVERY, 1320, 1800, ((1560, 1620),)),)))
    for night, hours in (("2026-10-24T23:00+02:00", 9 - 2), ("2026-03-28T23:00+01:00", 7 - 0)):  # 02:00 to 03:00 off
        span = work.shift_at(ms(night))
        assert span is not None and work.between(*span) == hours * HOUR


@pytest.mark.parametrize(
    ("shift", "worked", "pieces"),
    [
        (
            Shift("night", EVERY, 1320, 1800, ((1575, 1590), (1620, 1635))),
            6.5,
            [("22:00", "03:00"), ("03:30", "06:00")],
        ),
        (Shift("early", EVERY, 150, 600, ((165, 195),)), 6.5, [("03:30", "10:00")]),
        (Shift("early", EVERY, 150, 600, ((165, 210),)), 6.5, [("03:30", "10:00")]),
        (Shift("early", EVERY, 150, 600, ((165, 240),)), 6.25, [("03:30", "03:45"), ("04:00", "10:00")]),
    ],
    ids=["02:15 and 03:00 off", "02:45 to 03:15 off", "02:45 to 03:30 off", "02:45 to 04:00 off"],
)
def test_breaks_move_by_themselves_where_dst_skips_their_ends(
    shift: Shift, worked: float, pieces: list[tuple[str, str]]
) -> None:
    """In Berlin, on 2027-03-28, 02:00 is 03:00."""
    work = WorkingTime(Calendar("c", "Europe/Berlin", (shift,)))
    span = work.shift_at(ms("2027-03-28T04:00+02:00"))
    assert span is not None
    assert work.between(*span) == worked * HOUR
    day = [ms("2027-03-28T00:00+01:00") + n * QUARTER for n in range(-8, 40)]
    working = {at for at in day if span[0] <= at < span[1] and work.lasted(at + 1)}
    begins = [f"{local(at):%H:%M}" for at in day if at in working and at - QUARTER not in working]
    ends = [f"{local(at):%H:%M}" for at in day if at not in working and at - QUARTER in working]
    assert [*zip(begins, ends, strict=True)] == pieces


def local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, ZoneInfo("Europe/Berlin"))


def test_a_team_uses_its_own_calendar_and_everybody_else_the_floors() -> None:
    calendars = {
        name: Calendar(name, "UTC", (Shift(name, EVERY, begin, begin + 60),)) for name, begin in (("a", 0), ("b", 60))
    }
    whose = Calendars(Floor(calendar="a", calendars=calendars, teams={"night": "b", "day": "a"}))
    noon = {(scope, name): whose.of(scope, name).shift_at(90 * 60_000) for scope, name in WHO}
    assert [who for who, span in noon.items() if span] == [("team", "night")]
    assert whose.shifts().teams == {"night": "shift:b"}


WHO = (("floor", "all"), ("team", "day"), ("team", "night"), ("team", "other"), ("rep", "night"), ("queue", "night"))


def test_a_team_with_a_calendar_on_a_floor_without_one_has_shifts() -> None:
    calendars = {"b": Calendar("b", "UTC", (Shift("s", EVERY, 0, 60),))}
    whose = Calendars(Floor(calendars=calendars, teams={"night": "b"}))
    assert whose.of("team", "night").shift_at(0) == (0, HOUR)
    assert whose.of("team", "day").shift_at(0) is None
