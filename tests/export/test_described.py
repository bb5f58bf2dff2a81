"""What a board is told of the floor and its KPIs."""

from dataclasses import replace
from datetime import date
from typing import Any

from streams.floor.model import Floor, Target
from streams.kpis.catalogue import load
from streams.kpis.model import Scope
from tests.export.floor_page import Exporter, call

DAY = date(2026, 11, 24)
DIALS = Target("dials", Scope.TEAM, "*", "shift", "min", 400.0)
FLOOR = Floor(
    name="東京",
    timezone="Asia/Tokyo",
    currency="JPY",
    targets=(
        DIALS,
        replace(DIALS, window="today", since=DAY, until=DAY),
        replace(DIALS, window="week", since=date(2026, 11, 25)),
        replace(DIALS, window="month", until=date(2026, 11, 23)),
    ),
)


async def told(exporter: Exporter) -> Any:
    await exporter.with_calls(call())
    async with exporter.http() as client:
        return await (await client.get("/api/catalogue")).json()


async def test_the_floor_and_the_targets_of_its_date_are_told() -> None:
    answer = await told(Exporter(floor=FLOOR))
    assert answer["floor"] == {"name": "東京", "timezone": "Asia/Tokyo", "currency": "JPY"}
    assert answer["windows"] == ["5m", "15m", "30m", "1h", "today", "shift", "week", "month"]
    about = {"kpi": "dials", "scope": "team", "name": "*"}
    assert answer["targets"] == [{**about, "window": "shift"}, {**about, "window": "today"}]


async def test_every_kpi_is_told_in_both_languages_with_the_topics_that_make_it() -> None:
    answer = await told(Exporter())
    assert [kpi["kpi"] for kpi in answer["kpis"]] == list(load().kpis)
    for kpi in answer["kpis"]:
        assert set(kpi["title"]) == set(kpi["definition"]) == {"en", "ja"}
    assert next(kpi for kpi in answer["kpis"] if kpi["kpi"] == "dials_per_hour") == {
        "kpi": "dials_per_hour",
        "title": {"en": "Dials per hour", "ja": "時間当たり架電数"},
        "definition": {"en": "Dials per staffed hour.", "ja": "稼働1時間当たりの架電数。"},
        "group": "phone",
        "unit": "per_hour",
        "kind": "ratio",
        "better": "higher",
        "scopes": ["floor", "team", "rep"],
        "topics": ["calls", "reps"],
    }


async def test_reps_are_a_scope_of_the_board_where_they_are_switched_on() -> None:
    assert "rep" not in (await told(Exporter()))["scopes"]
    assert "rep" in (await told(Exporter(rep_series=True)))["scopes"]
