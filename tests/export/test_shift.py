"""Window `shift` in the JSON and on the page: each team by its own calendar, across a midnight that DST makes longer."""

from datetime import datetime
from typing import Any

from streams.export.floor_targets import FloorTargets
from streams.floor import parse
from streams.targets import Calendars
from tests.export.floor_page import CATALOGUE, Exporter, call
from tests.view.stored import MemoryReader

FLOOR = parse(
    b"""
floor: {timezone: Europe/Berlin, calendar: office}
teams: {night-desk: {calendar: nights}}
calendars:
  office: {shifts: {day: {days: [mon, tue, wed, thu, fri, sat, sun], start: "09:00", end: "18:00"}}}
  nights:
    shifts: {night: {days: [sat], start: "22:00", end: "06:00", breaks: [["02:00", "03:00"]]}}
targets:
  - {kpi: calls_inbound, scope: team, name: "*", window: shift, at_least: 9}
  - {kpi: average_speed_of_answer, scope: team, name: "*", window: shift, at_most: 20}
  - {kpi: calls_inbound, scope: floor, window: shift, at_least: 9}
"""
)
HOUR = 3_600_000
TEN = int(datetime.fromisoformat("2026-10-24T22:00:00+02:00").timestamp() * 1000)  # Berlin's night of nine hours
FIVE = TEN + 8 * HOUR
"""05:00, when it is winter: seven of the night's nine hours without the two of its break (02:00 comes twice) are left."""


async def shown(at: int = FIVE) -> Exporter:
    exporter = Exporter(
        zone=FLOOR.timezone,
        judge=FloorTargets(FLOOR),
        shifts=Calendars(FLOOR).shifts(),
        reader=MemoryReader(CATALOGUE, at),
    )
    return await exporter.with_calls(
        call(TEN - 1, "night-desk"),
        call(TEN - 6 * HOUR, "day-desk"),
        *(call(TEN + n * HOUR, "night-desk") for n in range(6)),
    )


async def rows(exporter: Exporter, **filters: str) -> dict[str, dict[str, Any]]:
    async with exporter.http() as client:
        answer = await (
            await client.get("/api/kpis", params={"window": "shift", "kpi": "calls_inbound", **filters})
        ).json()
        return {row["name"]: row for row in answer["kpis"]}


def judged(row: dict[str, Any]) -> list[Any]:
    return [row[key] for key in ("value", "target", "attainment", "pace", "forecast", "required_per_hour")]


async def test_a_team_in_its_night_has_figures_while_the_others_have_no_shift() -> None:
    found = await rows(await shown(), scope="team")
    assert (found["night-desk"]["from"], found["night-desk"]["to"]) == (
        "2026-10-24T22:00:00+02:00",
        "2026-10-25T05:01:00+01:00",
    )
    assert judged(found["night-desk"]) == [6, 9, 6 / 9, 6 / (9 * 6 / 7), 7.0, 3 / 1]
    assert (found["day-desk"]["from"], found["day-desk"]["to"]) == (None, None)
    assert judged(found["day-desk"]) == [None, 9, None, None, None, None]


async def test_the_floor_and_its_reps_go_by_the_floors_calendar() -> None:
    for scope, name in (("floor", "all"), ("rep", "r"), ("queue", "q")):
        assert (await rows(await shown(), scope=scope))[name]["value"] is None
    at_four = await rows(await shown(TEN - 6 * HOUR + 60_000), scope="floor")
    assert judged(at_four["all"])[:2] == [1, 9]
    assert at_four["all"]["from"] == "2026-10-24T09:00:00+02:00"


async def test_a_single_team_is_answered_as_it_stands_in_the_table() -> None:
    exporter = await shown()
    everybody = await rows(exporter, scope="team")
    assert {name: (await rows(exporter, scope="team", name=name))[name] for name in everybody} == everybody


async def test_an_instant_of_days_ago_has_the_shift_of_that_time() -> None:
    exporter = await shown(FIVE + 5 * 24 * HOUR)
    found = await rows(exporter, scope="team", at="2026-10-25T02:20:00+01:00")
    assert (found["night-desk"]["from"], found["night-desk"]["to"]) == (
        "2026-10-24T22:00:00+02:00",
        "2026-10-25T02:30:00+01:00",
    )
    assert judged(found["night-desk"])[:3] == [6, 9, 6 / 9]
    assert judged(found["night-desk"])[3] == 6 / (9 * 4 / 7)  # 22:00 to 02:00: the break has begun and gone on
    assert found["day-desk"]["value"] is None
    earlier = await rows(exporter, scope="team", at="2026-10-24T17:40:00+02:00")
    assert earlier["day-desk"]["value"] == 1
    assert "night-desk" not in earlier  # nothing has happened there by then


async def test_the_page_shows_what_the_json_shows() -> None:
    exporter = await shown()
    labels = {"kpi": "calls_inbound", "scope": "team", "name": "night-desk", "window": "shift"}
    assert exporter.sample("kpi_value", **labels) == 6
    assert exporter.sample("kpi_target", **labels, bound="min") == 9
    assert exporter.sample("kpi_pace_ratio", **labels) == 6 / (9 * 6 / 7)
    assert exporter.sample("kpi_forecast", **labels) == 7
    assert exporter.sample("kpi_required_per_hour", **labels) == 3
    assert exporter.sample("kpi_value", **{**labels, "name": "day-desk"}) is None


async def test_names_that_share_a_row_share_the_floors_shift() -> None:
    exporter = await shown()
    figures = exporter.view.figures
    everybody = figures.rows("team").names
    noon = await shown(TEN - 6 * HOUR + 60_000)
    assert figures.table("team", "shift", figures.rows("team", everybody)).ranges == (None,)
    (span,) = noon.view.figures.table("team", "shift", noon.view.figures.rows("team", everybody[:1])).ranges[-1:]
    assert span is not None and span.from_ms == TEN - 13 * HOUR
