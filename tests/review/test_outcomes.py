"""What targets would have said of stored history, by today's file and by another."""

from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from streams.floor import Floor, parse
from streams.review import screen
from streams.review.opened import counted_partitions, opened, opened_to_judge
from streams.review.outcomes import Outcomes, outcomes
from streams.review.report import Report, Side
from streams.review.standings import standings
from streams.times import parse_ms
from tests.export.floor_page import CALLS, CATALOGUE, call
from tests.view.floor_of_two import NOON, dial
from tests.view.stored import MemoryReader

HEAD = """\
floor: {timezone: Asia/Tokyo, calendar: office}
calendars: {office: {shifts: {day: {days: [sun, mon, tue], start: "09:00", end: "18:00"}}}}
targets:
"""
TODAY = (
    HEAD
    + """\
  - {kpi: dials, scope: team, name: "*", window: today, at_least: 2}
  - {kpi: dials, scope: team, name: alpha, window: today, at_least: 4}
"""
)
OTHER = (
    HEAD
    + """\
  - {kpi: dials, scope: team, name: "*", window: today, at_least: 1}
  - {kpi: dials, scope: team, name: alpha, window: today, at_least: 3, from: "2026-11-23"}
"""
)
MONDAY, TUESDAY = parse_ms("2026-11-23T00:00:00+09:00"), parse_ms("2026-11-24T00:00:00+09:00")
HOUR = 3_600_000


@pytest.fixture
def reader() -> MemoryReader:
    """Three days: alpha dials 3, 5 and 2 times, beta once on Sunday and on Tuesday."""
    reader = MemoryReader(CATALOGUE, NOON)
    days = {parse_ms("2026-11-22T10:00:00+09:00"): 3, MONDAY + 10 * HOUR: 5, TUESDAY + 10 * HOUR: 2}
    for ms, count in days.items():
        reader.add(CALLS, [dial(ms, "alpha")] * count)
    reader.add(CALLS, [dial(parse_ms("2026-11-22T10:00:00+09:00"), "beta"), dial(TUESDAY + 10 * HOUR, "beta")])
    return reader


async def judged(reader: MemoryReader, text: str, from_ms: int = MONDAY, to_ms: int = NOON) -> tuple[Floor, Outcomes]:
    floor = parse(text.encode())
    view = await opened_to_judge(reader, floor, await counted_partitions(reader))
    return floor, await outcomes(view, floor, from_ms, to_ms, NOON)


async def rows(reader: MemoryReader, text: str, **span: int) -> dict[tuple[str, str], Any]:
    _, found = await judged(reader, text, **span)
    day = {MONDAY - 24 * HOUR: "sun", MONDAY: "mon", TUESDAY: "tue"}
    return {
        (figure.name, day[figure.from_ms]): (one.target.line, one.value, one.attainment, one.met)
        for figure, one in found.items()
    }


async def test_each_day_is_judged_by_the_most_specific_target_with_what_was_there_at_its_end(
    reader: MemoryReader,
) -> None:
    assert await rows(reader, TODAY, from_ms=MONDAY - 24 * HOUR) == {
        ("alpha", "sun"): (5, 3, 0.75, False),
        ("alpha", "mon"): (5, 5, 1.25, True),
        ("alpha", "tue"): (5, 2, 0.5, False),
        ("beta", "sun"): (4, 1, 0.5, False),
        ("beta", "mon"): (4, 0, 0.0, False),
        ("beta", "tue"): (4, 1, 0.5, False),
    }


async def test_a_week_that_goes_on_beyond_the_range_is_judged_whole(reader: MemoryReader) -> None:
    text = HEAD + "  - {kpi: dials, scope: floor, window: week, at_least: 8}\n"
    _, found = await judged(reader, text, to_ms=TUESDAY)
    assert [(one.value, one.met) for one in found.values()] == [(8, True)], "Tuesday's calls are in it too"


async def test_a_target_counts_from_its_first_day_on(reader: MemoryReader) -> None:
    found = await rows(reader, OTHER, from_ms=MONDAY - 24 * HOUR)
    assert [found["alpha", day] for day in ("sun", "mon", "tue")] == [
        (4, 3, 3.0, True),
        (5, 5, 5 / 3, True),
        (5, 2, 2 / 3, False),
    ]


async def test_a_trailing_window_is_met_where_all_of_its_windows_in_working_time_are(reader: MemoryReader) -> None:
    text = HEAD + "  - {kpi: dials, scope: floor, window: 1h, at_least: 5}\n"
    _, found = await judged(reader, text)
    monday, tuesday = [one for _, one in sorted(found.items())]
    assert (monday.windows, monday.met_windows, monday.met, monday.value) == (9, 1, False, 0)
    assert (tuesday.windows, tuesday.met_windows) == (9, 0)


async def test_each_of_several_shifts_is_judged_over_all_of_its_length(reader: MemoryReader) -> None:
    """Boards show the late shift from 10:00 on, and the short one from 16:00 on."""
    text = """\
floor: {timezone: Asia/Tokyo, calendar: office}
calendars: {office: {shifts: {early: {days: [mon], start: "09:00", end: "18:00"},
  late: {days: [mon], start: "10:00", end: "20:00"}, short: {days: [mon], start: "16:00", end: "18:00"}}}}
targets: [{kpi: dials, scope: floor, window: shift, at_least: 5}]
"""
    reader.add(CALLS, [dial(MONDAY + hour * HOUR, "alpha") for hour in (9, 17, 19)])
    _, found = await judged(reader, text, to_ms=TUESDAY)
    hours = {
        ((figure.from_ms - MONDAY) // HOUR, (figure.to_ms - MONDAY) // HOUR): one.value for figure, one in found.items()
    }
    assert hours == {(9, 18): 7, (10, 20): 7, (16, 18): 1}


async def test_a_team_is_judged_at_the_end_of_its_own_shift(reader: MemoryReader) -> None:
    text = """\
floor: {timezone: Asia/Tokyo, calendar: office}
teams: {beta: {calendar: early}}
calendars:
  office: {shifts: {day: {days: [mon, tue], start: "09:00", end: "18:00"}}}
  early: {shifts: {early: {days: [mon, tue], start: "06:00", end: "10:00"}}}
targets: [{kpi: dials, scope: team, name: "*", window: shift, at_least: 1}]
"""
    _, found = await judged(reader, text)
    shown = {(figure.name, (figure.to_ms - figure.from_ms) // HOUR): one.value for figure, one in found.items()
             if figure.from_ms >= TUESDAY}  # fmt: skip
    assert shown == {("alpha", 9): 2, ("beta", 4): 0}, "beta's one call of Tuesday was after its shift"


async def test_windows_without_a_value_are_not_judged(reader: MemoryReader) -> None:
    text = HEAD + "  - {kpi: service_level, scope: floor, window: 1h, at_least: 0.8}\n"
    _, found = await judged(reader, text)
    assert {(one.windows, one.met, one.value) for one in found.values()} == {(0, None, None)}


async def test_an_upper_bound_is_met_at_it_and_below(reader: MemoryReader) -> None:
    reader.add(CALLS, [call(MONDAY + HOUR)])
    for bound, met in ((10, True), (9.5, False)):
        text = HEAD + f"  - {{kpi: average_speed_of_answer, scope: floor, window: today, at_most: {bound}}}\n"
        _, found = await judged(reader, text, to_ms=TUESDAY)
        assert [(one.value, one.met) for one in found.values()] == [(10, met)]


async def test_two_files_stand_side_by_side_in_json_and_on_the_screen(reader: MemoryReader) -> None:
    sides = [Side(Path(name), (await judged(reader, text))[1]) for name, text in (("a.yaml", TODAY), ("b.yaml", OTHER))]
    found = Report(MONDAY, NOON, ZoneInfo("Asia/Tokyo"), NOON, tuple(sides))
    answer = found.answer()
    assert answer["files"] == [{"file": "a.yaml", "met": 1, "judged": 4}, {"file": "b.yaml", "met": 2, "judged": 4}]
    assert [figure["under_way"] for figure in answer["figures"]] == [False, True] * 2
    first = answer["figures"][0]
    assert [first[key] for key in ("kpi", "scope", "name", "window", "from")] == [
        "dials",
        "team",
        "alpha",
        "today",
        "2026-11-23T00:00:00+09:00",
    ]
    assert [(rule["line"], rule["target"], rule["value"], rule["met"]) for rule in first["rules"]] == [
        (5, 4, 5, True),
        (5, 3, 5, True),
    ]
    console = Console(width=200, record=True, file=StringIO())
    console.print(screen.report(found))
    text = console.export_text()
    assert "a.yaml: 1 of 4 met" in text
    assert "b.yaml: 2 of 4 met" in text
    (line,) = [line for line in text.splitlines() if "beta" in line and "Tue" in line]
    assert line.split()[4:] == ["Tue", "2026-11-24", "so", "far", "≥", "2", "(line", "4)", "1", "50%", "missed",
                                "≥", "1", "(line", "4)", "1", "100%", "met"]  # fmt: skip


async def test_targets_stand_as_they_are_now_and_those_of_nothing_say_why(reader: MemoryReader) -> None:
    floor = parse(
        (
            TODAY
            + """\
  - {kpi: dials, scope: team, name: gamma, window: today, at_least: 4}
  - {kpi: dials, scope: floor, window: today, at_least: 9, until: "2026-11-23"}
  - {kpi: dials, scope: floor, window: week, at_least: 9, from: "2026-11-25"}
"""
        ).encode()
    )
    view = await opened(reader, floor, await counted_partitions(reader))
    found = standings(view.figures, floor, NOON)
    assert [(one.target.line, one.name, one.value, one.met, one.judgement.attainment) for one in found] == [
        (4, "beta", 1, False, 0.5),
        (5, "alpha", 2, False, 0.5),
        (6, "gamma", None, None, None),
        (7, "all", None, None, None),
        (8, "all", None, None, None),
    ]
    assert [one.note for one in found[2:]] == [
        "nothing of that name, or another target has a later from",
        "ended on 2026-11-23",
        "begins on 2026-11-25",
    ]
    assert found[0].judgement.pace == 0.5
    console = Console(width=200, record=True, file=StringIO())
    console.print(screen.standings(found))
    assert "≥ 4" in console.export_text()
