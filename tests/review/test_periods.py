"""When targets are judged: at the end of days, shifts, weeks and months, and all through a day."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from streams.floor import parse
from streams.review.periods import Period, periods
from streams.review.shifts import shift_judged
from streams.targets import ALWAYS, WorkingTime

TOKYO = ZoneInfo("Asia/Tokyo")
HOUR = 3_600_000


def ms(text: str, zone: ZoneInfo = TOKYO) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


def calendar(shifts: str) -> WorkingTime:
    floor = parse(f"floor: {{timezone: Asia/Tokyo, calendar: c}}\ncalendars: {{c: {{shifts: {shifts}}}}}".encode())
    return WorkingTime(floor.calendar_of())


OFFICE = calendar(
    '{day: {days: [mon, tue, wed, thu, fri], start: "09:00", end: "18:00", breaks: [["12:00", "13:00"]]}}'
)


def found(
    window: str, begin: str, end: str, hours: WorkingTime = ALWAYS, zone: ZoneInfo = TOKYO, now: str | None = None
) -> list[Period]:
    """Return the periods of a range up to the present, or to before `now`."""
    return list(periods(window, ms(begin, zone), ms(end, zone), zone, hours, ms(now or end, zone)))


def test_a_day_is_judged_at_its_last_moment_and_the_one_under_way_as_it_is() -> None:
    first, second = found("today", "2026-11-23T00:00", "2026-11-24T15:00")
    assert first == Period(ms("2026-11-23T00:00"), ms("2026-11-24T00:00"), (ms("2026-11-24T00:00") - 1,))
    assert second == Period(ms("2026-11-24T00:00"), ms("2026-11-25T00:00"), (ms("2026-11-24T15:00") - 1,))


@pytest.mark.parametrize(
    ("day", "after", "hours"), [("2026-03-29", "2026-03-30", 23), ("2026-10-25", "2026-10-26", 25)]
)
def test_a_day_of_dst_is_as_long_as_it_is(day: str, after: str, hours: int) -> None:
    (period,) = found("today", day, after, zone=ZoneInfo("Europe/Berlin"))
    assert period.to_ms - period.from_ms == hours * HOUR


def test_weeks_and_months_are_the_floors() -> None:
    assert [one.from_ms for one in found("week", "2026-11-10T00:00", "2026-11-24T00:00")] == [
        ms("2026-11-09T00:00"),
        ms("2026-11-16T00:00"),
        ms("2026-11-23T00:00"),
    ]
    assert [one.to_ms for one in found("month", "2026-10-31T00:00", "2026-11-24T00:00")] == [
        ms("2026-11-01T00:00"),
        ms("2026-12-01T00:00"),
    ]


def test_shifts_are_judged_when_they_end_and_nothing_on_days_off() -> None:
    shifts = found("shift", "2026-11-20T00:00", "2026-11-24T12:00", OFFICE)
    assert shifts == [
        Period(ms("2026-11-20T09:00"), ms("2026-11-20T18:00"), (ms("2026-11-20T18:00") - 1,)),
        Period(ms("2026-11-23T09:00"), ms("2026-11-23T18:00"), (ms("2026-11-23T18:00") - 1,)),
        Period(ms("2026-11-24T09:00"), ms("2026-11-24T18:00"), (ms("2026-11-24T12:00") - 1,)),
    ]


def test_a_shift_that_another_takes_over_on_the_board_is_judged_at_its_end_all_the_same() -> None:
    two = calendar(
        '{early: {days: [tue], start: "06:00", end: "14:00"}, late: {days: [tue], start: "13:00", end: "21:00"}}'
    )
    early, late = found("shift", "2026-11-24T00:00", "2026-11-25T00:00", two)
    assert (early.from_ms, early.instants) == (ms("2026-11-24T06:00"), (ms("2026-11-24T14:00") - 1,))
    assert (late.from_ms, late.instants) == (ms("2026-11-24T13:00"), (ms("2026-11-24T21:00") - 1,))
    (shown,) = found("shift", "2026-11-24T00:00", "2026-11-24T13:30", two)
    assert (shown.from_ms, shown.instants) == (ms("2026-11-24T13:00"), (ms("2026-11-24T13:30") - 1,))


def test_shifts_that_end_together_are_judged_apart() -> None:
    hours = calendar(
        '{day: {days: [tue], start: "09:00", end: "18:00"}, short: {days: [tue], start: "13:00", end: "18:00"}}'
    )
    day, short = sorted(found("shift", "2026-11-24T00:00", "2026-11-25T00:00", hours), key=lambda one: one.from_ms)
    assert (short.instants, day.instants) == ((ms("2026-11-24T18:00") - 1,), (ms("2026-11-24T18:00") - 2,))
    shift_of = shift_judged(hours)
    for period in (day, short):
        assert shift_of(*period.instants) == (period.from_ms, period.to_ms)
    assert shift_of(ms("2026-11-24T17:59") - 1) == (short.from_ms, short.to_ms), "the one that boards show"
    assert found("shift", "2026-11-24T00:00", "2026-11-24T12:00", hours, now="2026-11-25T00:00") == [day], (
        "the same, though the range does not reach the short one"
    )


def test_a_shift_across_midnight_is_one() -> None:
    night = calendar('{night: {days: [mon], start: "22:00", end: "06:00"}}')
    (period,) = found("shift", "2026-11-23T00:00", "2026-11-25T00:00", night)
    assert period == Period(ms("2026-11-23T22:00"), ms("2026-11-24T06:00"), (ms("2026-11-24T06:00") - 1,))


def test_a_trailing_window_is_judged_where_it_ends_in_working_time() -> None:
    (day,) = found("1h", "2026-11-24T00:00", "2026-11-25T00:00", OFFICE)
    assert [datetime.fromtimestamp((t + 1) / 1000, TOKYO).hour for t in day.instants] == [
        10,
        11,
        12,
        14,
        15,
        16,
        17,
        18,
    ]
    (short,) = found("5m", "2026-11-24T00:00", "2026-11-25T00:00", OFFICE)
    assert len(short.instants) == 8 * 4
    assert found("1h", "2026-11-21T00:00", "2026-11-23T00:00", OFFICE) == []


@pytest.mark.parametrize("window", ["30m", "today", "shift", "week", "month"])
def test_no_instant_lies_before_what_is_asked_for_nor_in_the_future(window: str) -> None:
    begin, end = ms("2026-11-17T10:07"), ms("2026-11-24T15:22")
    instants = [t for period in periods(window, begin, end, TOKYO, OFFICE, end) for t in period.instants]
    assert instants
    assert all(begin <= t < end for t in instants)


@pytest.mark.parametrize(
    ("window", "end", "now", "judged"),
    [
        ("week", "2026-11-18T00:00", "2026-12-01T00:00", "2026-11-23T00:00"),
        ("week", "2026-11-18T00:00", "2026-11-20T08:00", "2026-11-20T08:00"),
        ("month", "2026-11-18T00:00", "2026-12-03T00:00", "2026-12-01T00:00"),
        ("today", "2026-11-17T12:00", "2026-11-20T08:00", "2026-11-18T00:00"),
        ("shift", "2026-11-17T12:07", "2026-11-20T08:00", "2026-11-17T18:00"),
        ("shift", "2026-11-17T12:07", "2026-11-17T15:22", "2026-11-17T15:22"),
        ("1h", "2026-11-17T12:07", "2026-11-17T15:22", "2026-11-17T12:00"),
    ],
)
def test_a_period_that_goes_on_beyond_the_range_is_judged_at_its_own_end(
    window: str, end: str, now: str, judged: str
) -> None:
    (period,) = found(window, "2026-11-17T09:30", end, OFFICE, now=now)
    assert period.instants[-1] == ms(judged) - 1


def test_a_shift_that_begins_after_the_range_is_not_in_it() -> None:
    found_ = found("shift", "2026-11-17T09:30", "2026-11-17T18:00", OFFICE, now="2026-11-20T00:00")
    assert [one.from_ms for one in found_] == [ms("2026-11-17T09:00")]
    assert found("shift", "2026-11-17T19:00", "2026-11-18T09:00", OFFICE, now="2026-11-20T00:00") == []
