"""A back-fill over the nights on which the clocks change."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from streams.floor.load import parse
from streams.simulate.shifts import by_calendar
from tests.simulate.runs import DAY, HOUR, MINUTE, plan, run

NIGHTS = """
floor: {{timezone: {zone}, calendar: nights}}
calendars:
  nights: {{shifts: {{night: {{days: [mon, tue, wed, thu, fri, sat, sun], start: "22:00", end: "06:00"}}}}}}
"""
CASES = [
    ("America/New_York", datetime(2026, 10, 31, 20), {"-04:00", "-05:00"}, 9),
    ("Europe/Berlin", datetime(2026, 3, 28, 20), {"+01:00", "+02:00"}, 7),
]


@pytest.mark.parametrize(("zone", "start", "offsets", "hours"), CASES)
def test_a_backfill_goes_through_the_change_without_a_gap_or_a_step_back(
    zone: str, start: datetime, offsets: set[str], hours: int
) -> None:
    start_ms = int(start.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000
    config = parse(NIGHTS.format(zone=zone).encode())
    floor = run(plan(6, 3, "real", config), 12 * 60, warm=False, start_ms=start_ms)
    assert all(earlier.at_ms <= later.at_ms for earlier, later in pairwise(floor.arrivals))
    told = [told for told in floor.told if told.arrival.topic in ("calls", "reps")]
    assert all(0 <= told.arrival.at_ms - told.at_ms < 5000 for told in told)
    assert {told.arrival.value.split(b'"time":"')[1][23:29].decode() for told in told} == offsets
    working = {(told.at_ms - start_ms) // (10 * MINUTE) for told in told if told.kind == "call.ended"}
    assert working >= set(range(13, (2 + hours) * 6)), "some ten minutes of the night are silent"
    assert max(working) <= (2 + hours) * 6 + 3


@pytest.mark.parametrize(("zone", "start", "offsets", "hours"), CASES)
def test_a_shift_is_as_long_as_the_night(zone: str, start: datetime, offsets: set[str], hours: int) -> None:
    (calendar,) = parse(NIGHTS.format(zone=zone).encode()).calendars.values()
    from_ms = int(start.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000
    night, following = (duty for duty, _ in zip(by_calendar(calendar, 0, from_ms), range(2), strict=False))
    assert night.end_ms - night.start_ms == hours * HOUR
    assert following.end_ms - following.start_ms == 8 * HOUR
    assert following.start_ms - night.start_ms == DAY + (hours - 8) * HOUR


def test_a_wall_time_that_is_skipped_moves_on_by_the_gap() -> None:
    shifts = '{n: {days: [sat], start: "22:00", end: "02:30"}}'
    (calendar,) = parse(f"calendars: {{c: {{timezone: Europe/Berlin, shifts: {shifts}}}}}".encode()).calendars.values()
    start = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    duty = next(by_calendar(calendar, 0, int(start.timestamp()) * 1000))
    assert duty.end_ms - duty.start_ms == timedelta(hours=4.5) / timedelta(milliseconds=1)
