"""The board never shows what is old as good: it turns grey, says since when, and recovers by itself."""

import signal
from collections.abc import AsyncIterator

import pytest

from tests.board.checks import CONTRAST, FITS, OVERLAPS
from tests.board.conftest import Exporter
from tests.board.screen import Screen
from tests.board.seeded import Seeded

CALLS_TILE, CRM_TILE = '[data-kpi="dials"]', '[data-kpi="deals_won"]'
GREY = "(selector) => document.querySelector(selector).classList.contains('stale')"
ALL_GREY = "() => [...document.querySelectorAll('.tile')].every((tile) => tile.classList.contains('stale'))"
NONE_GREY = "() => document.querySelectorAll('.stale').length === 0"
CLOCK = r"\d\d:\d\d:\d\d"


@pytest.fixture
async def abandoned(floor: Seeded) -> AsyncIterator[Seeded]:
    """Return the floor while nobody is at work on the CRM's events."""
    await floor.release("crm")
    yield floor
    if "crm" not in floor.held:
        await floor.claim("crm")


async def since(board: Screen, selector: str) -> str:
    return await board.text(f"{selector} .since")


async def test_only_what_a_stale_topic_makes_turns_grey_and_says_since_when(board: Screen, abandoned: Seeded) -> None:
    await board.open_stale()
    assert await board.page.evaluate(GREY, CRM_TILE)
    assert not await board.page.evaluate(GREY, CALLS_TILE)
    message = await board.ask("/api/kpis?kpi=dials&scope=floor&window=5m")
    assert message["stale"] == ["crm"]
    said = await since(board, CRM_TILE)
    assert said.startswith("stale since ")
    assert await since(board, CALLS_TILE) == ""
    assert f"CRM (since {said.split()[-1]})" in await board.text("#state")
    assert said.split()[-1] <= await board.text("#as-of")
    column = board.page.locator("#teams thead th", has_text="Deals won")
    assert await column.get_attribute("data-since") == said
    assert await board.page.evaluate(CONTRAST) == []
    await board.keep("stale")
    await abandoned.claim("crm")
    await board.state("live")
    assert await board.page.evaluate(NONE_GREY)


async def test_a_silent_exporter_is_noticed_and_everything_turns_grey(board: Screen, exporter: Exporter) -> None:
    await board.open()
    exporter.program.process.send_signal(signal.SIGSTOP)
    try:
        await board.state("lost")
        assert await board.page.evaluate(ALL_GREY)
        assert await since(board, CALLS_TILE) == f"stale since {await board.text('#as-of')}"
        assert f"No connection since {await board.text('#as-of')}" in await board.text("#state")
        assert await board.page.locator("#state").get_attribute("aria-live") == "polite"
        await board.keep("lost")
    finally:
        exporter.program.process.send_signal(signal.SIGCONT)
    await board.state("live")
    assert await board.page.evaluate(NONE_GREY)


async def test_the_board_comes_back_after_a_restart_with_what_has_happened_meanwhile(
    board: Screen, exporter: Exporter, floor: Seeded
) -> None:
    await board.open("?tv")
    before = int(await board.page.locator(CALLS_TILE).get_attribute("data-value") or 0)
    await exporter.stop()
    await board.state("lost")
    assert await board.page.evaluate(ALL_GREY)
    assert await board.page.evaluate(OVERLAPS) == await board.page.evaluate(CONTRAST) == []
    assert await board.page.evaluate(FITS) == [True, True]
    await board.keep("tv-lost")
    await floor.calls(outbound_busy=7)
    await exporter.start()
    await board.state("live")
    await board.says(f"(wanted) => document.querySelector('{CALLS_TILE}').dataset.value === wanted", str(before + 7))
    assert await board.page.evaluate(NONE_GREY)
    board.complaints = [one for one in board.complaints if "Failed to load resource: " not in one]


async def test_a_board_that_never_reached_an_exporter_says_so(board: Screen) -> None:
    await board.page.route("**/api/**", lambda route: route.abort())
    await board.page.goto(board.url)
    await board.state("never")
    assert "No connection" in await board.text("#state")
    board.complaints.clear()
