"""What stands on the board is what the API says of the same instant, digit by digit."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.board.checks import js, rows_at, wrong_digits
from tests.board.conftest import Exporter
from tests.board.screen import PHONE, Screen, screen
from tests.board.seeded import HOSTILE, TEAMS, Seeded


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_every_tile_shows_the_api_s_digits_in_its_language(board: Screen, language: str) -> None:
    await board.open(f"?lang={language}")
    shown = {tile["kpi"] for tile in (await board.read())["tiles"]}
    assert shown == {kpi["kpi"] for kpi in (await board.ask("/api/catalogue"))["kpis"]}
    assert await wrong_digits(board, language) == []


async def test_a_tile_stands_in_the_window_of_its_target_and_is_judged_by_it(desk: Screen) -> None:
    tiles = {tile["kpi"]: tile for tile in (await desk.read())["tiles"]}
    found = {kpi: (tiles[kpi]["window"], tiles[kpi]["target"], tiles[kpi]["judged"]) for kpi in tiles}
    assert found["calls_answered"] == ("today", "Target ≥ 10", "good")
    assert found["service_level"] == ("1h", "Target ≥ 80.0%", "bad")
    assert found["abandon_rate"] == ("today", "Target ≤ 5.0%", "bad")
    assert found["won_amount"] == ("month", "Target ≥ ¥1,000,000,000,000", "near")
    assert found["emails_sent"] == ("today", "no target", "")


async def test_another_window_is_chosen_for_all(board: Screen) -> None:
    await board.open()
    await board.page.get_by_label("Window").select_option("15m")
    await board.says("() => document.querySelector('[data-kpi=dials]').dataset.value !== ''")
    shown = await board.read()
    assert {tile["window"] for tile in shown["tiles"]} == {"15m"}
    rows = await rows_at(board, shown["at"])
    for tile in shown["tiles"]:
        value = rows["floor", "15m", tile["kpi"], "all"]["value"]
        assert tile["value"] == ("" if value is None else js(value))


async def test_teams_and_queues_stand_side_by_side_with_their_own_figures(desk: Screen) -> None:
    shown = await desk.read()
    rows = await rows_at(desk, shown["at"])
    teams = dict(shown["cells"]["teams"])
    assert set(teams) == set(TEAMS)
    for name, cells in teams.items():
        assert cells[2][0] == js(rows["team", "today", "dials", name]["value"])
        assert cells[1][0] == js(rows["team", "today", "service_level", name]["value"])
    queues = dict(shown["cells"]["queues"])
    assert queues["support"][2][0] == js(rows["queue", "30m", "service_level", "support"]["value"])


async def test_who_waits_and_who_works_is_what_api_now_says(desk: Screen) -> None:
    now, shown = await desk.ask("/api/now"), await desk.read()
    queues = dict(shown["cells"]["queues"])
    waiting = {one["queue"]: one for one in now["waiting"]}
    assert {name: queues[name][0][0] for name in queues} == {"support": "1", "sales": "1"}
    assert set(waiting) == {"support", "sales"}
    assert re.fullmatch(r"\d+:\d\d min", queues["support"][1][1])
    states = await desk.page.locator("#reps li > span:first-child").all_inner_texts()
    by_team = {
        name: dict(zip(states, (cell[0] for cell in cells), strict=True))
        for name, cells in shown["cells"]["reps-by-team"]
    }
    told = {(one["team"], one["state"]): one["count"] for one in now["reps"]}
    assert told[TEAMS[0], "on_call"] == 2 == int(by_team[TEAMS[0]]["On call"])
    assert await desk.page.locator('#reps [data-state="on_call"]').get_attribute("data-value") == "2"


async def test_reps_are_ranked_best_first_by_what_is_chosen(desk: Screen) -> None:
    shown = await desk.read()
    rows = await rows_at(desk, shown["at"])
    ranked = sorted(
        (row for key, row in rows.items() if key[:3] == ("rep", "today", "dials") and row["value"]),
        key=lambda row: (-row["value"], row["name"]),
    )
    assert [(row["name"], js(row["value"])) for row in ranked] == [
        (name, cells[1][0]) for name, cells in shown["cells"]["leaders"]
    ]
    await desk.page.get_by_label("Rank by").select_option("calls_answered")
    await desk.says("() => document.querySelector('#leaders thead').textContent.includes('Calls answered')")


async def test_an_event_is_on_the_board_as_soon_as_in_the_api_and_moves_its_curve(desk: Screen, floor: Seeded) -> None:
    await desk.says("() => document.querySelector('[data-kpi=dials] .curve-line').getAttribute('d')")
    before = await desk.page.locator("[data-kpi=dials]").get_attribute("data-value")
    curve = await desk.page.locator("[data-kpi=dials] .curve").get_attribute("aria-label")
    assert curve and curve.endswith(f" to {int(before or 0):,}")
    await floor.calls(outbound_busy=1000)
    await desk.says(
        "(wanted) => document.querySelector('[data-kpi=dials]').dataset.value === wanted", str(int(before or 0) + 1000)
    )
    assert await desk.page.locator("[data-kpi=dials] .curve").get_attribute("aria-label") != curve


async def test_a_curve_has_the_history_of_its_figure(desk: Screen) -> None:
    await desk.says("() => document.querySelector('[data-kpi=calls_answered] .curve-line').getAttribute('d')")
    answer = await desk.ask("/api/history?figure=floor/today/calls_answered&name=all")
    drawn = await desk.page.locator("[data-kpi=calls_answered] .curve-line").get_attribute("d")
    known = [value for value in answer["series"][0]["values"] if value is not None]
    assert len(re.findall("[ML]", drawn or "")) == len(known) + 1


async def test_a_name_is_never_taken_for_markup(desk: Screen) -> None:
    assert await desk.page.locator(f'#teams tr[data-name="{HOSTILE}"] th').inner_text() == HOSTILE
    assert await desk.page.locator("main img").count() == 0


async def test_nothing_comes_from_elsewhere_and_nothing_is_inline(board: Screen) -> None:
    asked: list[str] = []
    board.page.on("request", lambda request: asked.append(request.url))
    response = await board.page.goto(f"{board.url}/")
    assert response
    assert response.headers["content-security-policy"].startswith("default-src 'self'")
    await board.state("live")
    assert {url.split("/")[2] for url in asked} == {board.url.split("/")[2]}


async def test_a_failing_history_is_asked_for_later_and_later(chromium: Browser, exporter: Exporter) -> None:
    async with screen(chromium, exporter.url, PHONE) as board:
        asked: list[float] = []

        async def fail(route: Any) -> None:
            asked.append(await board.page.evaluate("performance.now()"))
            await route.fulfill(status=503)

        await board.page.route("**/api/history*", fail)
        await board.open()
        messages = "() => { window.seen ??= new Set(); window.seen.add(document.getElementById('as-of').dateTime); return window.seen.size > 6 }"
        await board.says(messages)
        assert 1 <= len(asked) <= 3, "the stream's messages must not make it ask"
