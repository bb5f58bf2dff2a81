"""Targets of floor.yaml beside the figures, in the JSON and on the page."""

from typing import Any

from streams.export.floor_targets import FloorTargets
from streams.floor import parse
from streams.store.protocol import HOUR_MS
from tests.export.floor_page import CATALOGUE, Exporter, call
from tests.view.floor_of_two import NOON
from tests.view.stored import MemoryReader

FLOOR = parse(
    b"""
floor: {timezone: Asia/Tokyo, calendar: office}
teams: {night-desk: {calendar: nights}}
calendars:
  office: {shifts: {day: {days: [mon, tue, wed, thu, fri, sat, sun], start: "09:00", end: "23:00"}}}
  nights: {shifts: {night: {days: [mon, tue, wed, thu, fri, sat, sun], start: "20:00", end: "23:00"}}}
targets:
  - {kpi: calls_inbound, scope: team, name: "*", window: today, at_least: 40}
  - {kpi: calls_inbound, scope: team, name: alpha, window: today, at_least: 8}
  - {kpi: average_speed_of_answer, scope: floor, window: today, at_most: 20}
  - {kpi: answer_rate, scope: floor, window: 1h, at_least: 0.8}
  - {kpi: meetings_held, scope: floor, window: 1h, at_least: 5}
  - {kpi: customers_covered, scope: floor, window: today, at_least: 5}
"""
)  # NOON is 21:00 in Tokyo: 12 of the office's 14 hours are over, and 1 of the night's 3


async def rows(exporter: Exporter, **filters: str) -> list[dict[str, Any]]:
    async with exporter.http() as client:
        found: list[dict[str, Any]] = (await (await client.get("/api/kpis", params=filters)).json())["kpis"]
        return found


async def shown() -> Exporter:
    teams = ["alpha"] * 6 + ["beta"] * 6 + ["night-desk"] * 6
    return await Exporter(judge=FloorTargets(FLOOR)).with_calls(*(call(NOON - 60_000, team=team) for team in teams))


async def test_a_count_is_judged_and_paced_by_its_teams_calendar() -> None:
    found = await rows(await shown(), kpi="calls_inbound", scope="team", window="today")
    judged = {
        row["name"]: [row[key] for key in ("target", "bound", "attainment", "pace", "forecast", "required_per_hour")]
        for row in found
    }
    assert judged == {
        "alpha": [8, "min", 6 / 8, 6 / (8 * 12 / 14), 7.0, 2 / 2],
        "beta": [40, "min", 6 / 40, 6 / (40 * 12 / 14), 7.0, 34 / 2],
        "night-desk": [40, "min", 6 / 40, 6 / (40 / 3), 18.0, 34 / 2],
    }


async def test_an_average_has_attainment_and_no_pace() -> None:
    (row,) = await rows(await shown(), kpi="average_speed_of_answer", scope="floor", window="today")
    assert (row["value"], row["target"], row["bound"], row["attainment"], row["pace"]) == (10, 20, "max", 2, None)


async def test_a_distinct_count_and_a_trailing_window_have_no_pace() -> None:
    for kpi, window in (("customers_covered", "today"), ("meetings_held", "1h")):
        (row,) = await rows(await shown(), kpi=kpi, scope="floor", window=window)
        assert (row["attainment"], row["pace"], row["forecast"], row["required_per_hour"]) == (0, None, None, None)


async def test_a_figure_without_value_keeps_its_target() -> None:
    idle = await Exporter(judge=FloorTargets(FLOOR)).with_calls()
    (row,) = await rows(idle, kpi="answer_rate", scope="floor", window="1h")
    assert [row[key] for key in ("value", "target", "bound", "attainment")] == [None, 0.8, "min", None]


async def test_a_window_without_a_target_has_none() -> None:
    (row,) = await rows(await shown(), kpi="calls_inbound", scope="team", name="alpha", window="week")
    assert (row["target"], row["bound"], row["attainment"]) == (None, None, None)


async def test_the_page_shows_what_the_json_shows() -> None:
    labels = {"kpi": "calls_inbound", "scope": "team", "name": "alpha", "window": "today"}
    exporter = await shown()
    assert exporter.sample("kpi_target", **labels, bound="min") == 8
    assert exporter.sample("kpi_attainment_ratio", **labels) == 0.75
    assert exporter.sample("kpi_pace_ratio", **labels) == 6 / (8 * 12 / 14)
    assert exporter.sample("kpi_forecast", **labels) == 7
    assert exporter.sample("kpi_required_per_hour", **labels) == 1


async def test_the_page_says_how_long_the_floor_and_whoever_has_a_target_have_worked() -> None:
    exporter = await shown()
    worked = {
        (dict(labels)["scope"], dict(labels)["name"]): value
        for (family, labels), value in exporter.samples().items()
        if family == "floor_working_seconds"
    }
    office, night = 12 * 3600, 3600
    assert worked == {
        ("floor", "all"): office,
        ("team", "alpha"): office,
        ("team", "beta"): office,
        ("team", "night-desk"): night,
    }


async def test_without_a_calendar_work_has_lasted_a_day_and_outside_of_shifts_no_time() -> None:
    assert (await Exporter().with_calls()).sample("floor_working_seconds", scope="floor", name="all") == 86_400
    evening = await Exporter(judge=FloorTargets(FLOOR), reader=MemoryReader(CATALOGUE, NOON + 3 * HOUR_MS)).with_calls()
    assert evening.sample("floor_working_seconds", scope="floor", name="all") == 0
