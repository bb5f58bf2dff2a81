"""A KPI whose formula changed: by the version at the window's end, or by the one that is asked for."""

from typing import Any

from streams.export.floor_targets import FloorTargets
from streams.floor import parse
from tests.export.floor_page import Exporter, call
from tests.view.floor_of_two import HOUR, NOON
from tests.view.stored import MemoryReader

FLOOR = parse(
    b"""
floor: {timezone: Asia/Tokyo}
kpis:
  load:
    - {title: {en: Load}, unit: count, better: lower, facts: [calls_inbound]}
    - {since: "2026-11-24T20:00", facts: [calls_inbound, calls_answered]}
  seen:
    - {unit: count, facts: [calls_inbound]}
    - {since: "2026-11-24T20:00", facts: [customers_covered]}
targets:
  - {kpi: load, scope: floor, window: today, at_most: 4}
"""
)  # NOON is 21:00 in Tokyo: the formula changed an hour ago
CATALOGUE = FLOOR.catalogue()
CHANGE = NOON - HOUR


async def shown(at: int = NOON) -> Exporter:
    exporter = Exporter(catalogue=CATALOGUE, judge=FloorTargets(FLOOR), reader=MemoryReader(CATALOGUE, at))
    return await exporter.with_calls(call(CHANGE - 2 * HOUR), call(CHANGE - 60_000), call(CHANGE))


async def rows(exporter: Exporter, **query: str) -> list[dict[str, Any]]:
    async with exporter.http() as client:
        wanted = {"scope": "floor", "window": "today", **query}
        return list((await (await client.get("/api/kpis", params=wanted)).json())["kpis"])


async def values(exporter: Exporter, **query: str) -> list[tuple[float, float]]:
    return [(row["value"], row["attainment"]) for row in await rows(exporter, kpi="load", **query)]


async def test_a_window_is_shown_by_the_formula_at_its_end_also_where_it_begins_before_the_change() -> None:
    assert await values(await shown()) == [(6, 4 / 6)]
    assert await values(await shown(CHANGE)) == [(6, 4 / 6)]
    assert await values(await shown(CHANGE - 60_000)) == [(2, 2)]


async def test_an_instant_before_the_change_is_shown_by_the_old_formula() -> None:
    exporter = await shown(NOON + HOUR)
    before, after = ("2026-11-24T19:59:30+09:00", "2026-11-24T20:00:00+09:00")
    assert await values(exporter, at=before) == [(2, 2)]
    assert await values(exporter, at=after) == [(6, 4 / 6)]
    assert await values(exporter, at=before, version="2") == [(4, 1)]


async def test_each_version_can_be_asked_for_at_any_time() -> None:
    exporter = await shown()
    assert await values(exporter, version="1") == [(3, 4 / 3)]
    assert await values(exporter, version="2") == [(6, 4 / 6)]
    assert await values(exporter, version="3") == []
    assert await values(exporter) == [(6, 4 / 6)]
    everything = {row["kpi"] for row in await rows(exporter, version="1")}
    assert everything == {row["kpi"] for row in await rows(exporter)}  # all KPIs have a first version


async def test_a_count_may_become_a_distinct_count() -> None:
    (first,) = await rows(await shown(), kpi="seen", version="1")
    (second,) = await rows(await shown(), kpi="seen")
    assert (first["value"], second["value"]) == (3, 0)
    assert {row["scope"] for row in await rows(await shown(), kpi="seen", scope="queue", version="1")} == {"queue"}
    assert await rows(await shown(), kpi="seen", scope="queue") == []  # customers are not by queue


async def test_the_page_follows_the_change() -> None:
    labels = {"kpi": "load", "scope": "floor", "name": "all", "window": "today"}
    exporter = await shown(CHANGE - 30_000)
    of_queue = {"kpi": "seen", "scope": "queue", "name": "q", "window": "today"}
    assert exporter.sample("kpi_value", **labels) == 2
    assert exporter.sample("kpi_value", **of_queue) == 2
    exporter.reader.clock_ms = CHANGE
    await exporter.refresh()
    assert exporter.sample("kpi_value", **labels) == 6
    assert exporter.sample("kpi_value", **of_queue) is None


async def test_a_version_that_is_no_number_is_refused() -> None:
    exporter = await shown()
    async with exporter.http() as client:
        for text in ("0", "-1", "old", "1.0", "9999999"):
            response = await client.get("/api/kpis", params={"version": text})
            assert response.status == 400
            assert "version is a number from 1 on" in (await response.json())["detail"]
