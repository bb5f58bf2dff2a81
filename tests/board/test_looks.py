"""The board can be read: from five metres, on a phone, by keyboard and by screen readers, in both themes."""

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.board.checks import CONTRAST, FITS, FIVE_METRES_PX, OVERLAPS, SMALLEST
from tests.board.conftest import Exporter
from tests.board.screen import PHONE, SMALL_PHONE, Screen, screen


async def test_a_wall_shows_twelve_tiles_large_enough_without_scrolling(board: Screen) -> None:
    for theme, language in (("dark", "en"), ("light", "ja")):
        await board.open(f"?tv&lang={language}&theme={theme}")
        await board.says("() => document.querySelector('.curve-line[d^=M]')")
        assert await board.page.locator(".tile").count() == 12
        assert await board.page.locator("button:visible, select:visible, a:visible").count() == 0
        assert await board.page.evaluate(FITS) == [True, True]
        assert await board.page.evaluate(OVERLAPS) == []
        assert await board.page.evaluate(SMALLEST) >= FIVE_METRES_PX
        assert await board.page.evaluate(CONTRAST) == []
        await board.keep(f"tv-{language}-{theme}")
    for width, height in ((1024, 768), (1280, 720), (3840, 2160)):
        await board.page.set_viewport_size({"width": width, "height": height})
        assert await board.page.evaluate(FITS) == [True, True]
        assert await board.page.evaluate(OVERLAPS) == []


async def test_the_widest_value_and_the_longest_title_fit_on_a_wall(board: Screen) -> None:
    kpis = "won_amount", "long_named_share", "staffed_time", "handle_p90"
    await board.open("?tv&" + "&".join(f"kpi={kpi}" for kpi in kpis))
    shown = await board.read()
    assert [tile["kpi"] for tile in shown["tiles"]] == list(kpis)
    assert shown["tiles"][0]["number"] == "¥987,654,321,000"
    assert await board.page.evaluate(OVERLAPS) == []
    assert await board.page.evaluate(FITS) == [True, True]
    await board.keep("tv-wide-values")


async def test_a_desk_shows_everything_with_enough_contrast(board: Screen) -> None:
    for theme in ("light", "dark"):
        await board.open(f"?theme={theme}")
        await board.page.get_by_role("button", name="Definitions").click()
        assert await board.page.locator(".definition:visible").count() > 40
        assert await board.page.evaluate(CONTRAST) == []
        assert await board.page.evaluate(OVERLAPS) == []
        await board.page.get_by_role("button", name="Definitions").click()
        await board.keep(f"desk-{theme}", whole=True)


async def test_what_is_grey_can_still_be_read(board: Screen) -> None:
    await board.open()
    await board.page.evaluate(
        "() => { for (const one of document.querySelectorAll('.tile, .part')) one.classList.add('stale') }"
    )
    grounds = await board.page.evaluate(CONTRAST)
    assert grounds == []


async def test_a_phone_scrolls_in_one_direction_only(chromium: Browser, exporter: Exporter) -> None:
    async with screen(chromium, exporter.url, PHONE, locale="ja", has_touch=True, is_mobile=True) as board:
        for query, language in (("", "ja"), ("?lang=en&theme=dark", "en")):
            await board.open(query)
            assert await board.page.evaluate("document.documentElement.lang") == language
            assert (await board.page.evaluate(FITS))[0]
            assert await board.page.evaluate(OVERLAPS) == []
            await board.keep(f"phone-{language}", whole=True)
            await board.page.set_viewport_size(SMALL_PHONE)
            assert (await board.page.evaluate(FITS))[0]
            await board.page.set_viewport_size(PHONE)
        assert board.complaints == []


async def test_language_and_theme_are_chosen_kept_and_said(board: Screen) -> None:
    await board.open()
    await board.page.get_by_role("button", name="日本語").click()
    assert await board.page.locator('[data-kpi="dials"] .title').inner_text() == "架電数"
    assert await board.page.evaluate("document.documentElement.lang") == "ja"
    assert await board.page.evaluate("document.activeElement.id") == "lang", (
        "who used the keyboard stays where they were"
    )
    await board.page.get_by_role("button", name="ダーク／ライト").click()
    await board.open()
    assert await board.page.locator('[data-kpi="dials"] .title').inner_text() == "架電数"
    assert await board.page.evaluate("document.documentElement.dataset.theme") == "dark"


async def test_the_theme_follows_the_browser_until_one_is_chosen(chromium: Browser, exporter: Exporter) -> None:
    async with screen(chromium, exporter.url, color_scheme="dark") as board:
        await board.open()
        assert await board.page.evaluate("document.documentElement.dataset.theme") == "dark"
        await board.page.emulate_media(color_scheme="light")
        await board.says("() => document.documentElement.dataset.theme === 'light'")


async def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(desk: Screen) -> None:
    reached: list[Any] = []
    for _ in range(40):
        await desk.page.keyboard.press("Tab")
        at = await desk.page.evaluate(
            "(() => { const one = document.activeElement; return [one.tagName, one.id || one.getAttribute('href') || one.getAttribute('aria-label'),"
            " getComputedStyle(one).outlineStyle] })()"
        )
        if at[0] == "BODY":
            break
        reached.append(at)
    names = [name for _, name, _ in reached]
    for wanted in (
        "window",
        "lang",
        "theme",
        "define",
        "tv",
        "#phone",
        "#queues",
        "#teams",
        "Teams",
        "Queues",
        "rank",
        "/metrics",
    ):
        assert wanted in names
    assert {outline for _, _, outline in reached} == {"solid"}


async def test_screen_readers_find_landmarks_headings_and_the_same_words(desk: Screen) -> None:
    for landmark in ("banner", "main", "navigation", "contentinfo"):
        assert await desk.page.get_by_role(landmark).count() == 1
    assert await desk.page.get_by_role("heading", level=1).inner_text() == "Tokyo inside sales"
    sections = await desk.page.get_by_role("heading", level=2).all_inner_texts()
    assert sections[:4] == ["Phone", "Activity", "Results", "This floor's own"]
    assert await desk.page.get_by_role("region", name="Queues").count() == 1
    assert await desk.page.get_by_role("columnheader", name="Longest wait").count() == 1
    tile = desk.page.locator('[data-kpi="calls_answered"]')
    assert "on target" in await tile.inner_text(), "the colour says nothing that the words do not"
    assert await desk.page.locator('[data-kpi="calls_answered"] .sign').inner_text() == "✓"


async def test_the_rules_of_accessibility_are_kept_in_every_mode(board: Screen) -> None:
    for query in ("?theme=light", "?theme=dark&lang=ja", "?tv"):
        await board.open(query)
        for definitions in await board.page.get_by_role("button", name="Definitions").all():
            await definitions.click()
        found = await Axe().run(board.page)
        assert found.violations_count == 0, found.generate_report()


async def test_who_wants_no_motion_gets_none(chromium: Browser, exporter: Exporter) -> None:
    async with screen(chromium, exporter.url, reduced_motion="reduce") as board:
        await board.open()
        assert (
            await board.page.locator('[data-kpi="calls_answered"] .fill').evaluate(
                "(one) => getComputedStyle(one).transitionDuration"
            )
            == "0s"
        )


async def test_a_new_make_of_the_page_is_taken_up_by_itself(board: Screen) -> None:
    """A TV is never reloaded by hand."""
    await board.page.clock.install()
    await board.open()
    await board.page.evaluate("window.before = true")
    newer = {**await board.ask("/api/catalogue"), "board": "newer"}
    await board.page.route("**/api/catalogue", lambda route: route.fulfill(json=newer), times=1)
    async with board.page.expect_navigation():
        await board.page.clock.fast_forward(40_000)
    assert not await board.page.evaluate("window.before ?? false")
