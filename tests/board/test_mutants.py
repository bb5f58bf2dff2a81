"""A board that is broken in one place is noticed by the checks: none of them always says yes."""

from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

import pytest

from tests.board.checks import CONTRAST, FITS, FIVE_METRES_PX, OVERLAPS, SMALLEST, wrong_digits
from tests.board.screen import Screen
from tests.board.seeded import HOSTILE
from tests.board.test_freshness import RULED, RULES

Check = Callable[[Screen], Awaitable[Any]]
"""Returns something true where it finds a fault."""


def looks(script: str) -> Check:
    return lambda board: board.page.evaluate(script)


async def digits(board: Screen) -> Any:
    return await wrong_digits(board, "en")


async def too_small(board: Screen) -> bool:
    return bool(await board.page.evaluate(SMALLEST) < FIVE_METRES_PX)


async def scrolls(board: Screen) -> bool:
    return bool(await board.page.evaluate(FITS) != [True, True])


async def markup(board: Screen) -> bool:
    return HOSTILE not in await board.page.locator("#teams tbody th").all_inner_texts()


def ruled(case: str) -> Check:
    async def check(board: Screen) -> bool:
        messages, now, topics, wanted = RULED[case]
        return bool(await board.page.evaluate(RULES, [messages, now, topics]) != wanted)

    return check


MUTANTS: dict[tuple[str, str, str], tuple[str, Check]] = {
    ("format.js", "const percent = fixed(1,", "const percent = fixed(0,"): ("", digits),
    ("format.js", "total / 60)}:${two(total % 60)}", "total / 60)}:${total % 60}"): ("", digits),
    ("tile.js", "const value = row?.value ?? null", "const value = row?.value ?? 0"): ("", digits),
    ("dom.js", "element.textContent = text", "element.innerHTML = text"): ("", markup),
    ("colours.css", "--soft: #4b5868", "--soft: #9aa7b8"): ("?theme=light", looks(CONTRAST)),
    ("colours.css", "--bad: #ff8a8a", "--bad: #b3141f"): ("?theme=dark", looks(CONTRAST)),
    ("tv.css", "font-size: min(40cqh, calc(98cqw / var(--ems, 4)))", "font-size: 40cqh"): ("?tv", looks(OVERLAPS)),
    ("tv.css", "height: 13cqh;", "height: 13cqh; margin-top: -20cqh;"): ("?tv", looks(OVERLAPS)),
    ("tv.css", "font-size: min(10.2cqh", "font-size: min(5cqh"): ("?tv", too_small),
    ("tv.css", "  height: 100vh;\n  overflow: hidden;", "  height: 120vh;"): ("?tv", scrolls),
    ("stream.js", "SILENT_MS = 3000", "SILENT_MS = 3e9"): ("", ruled("silent for more than 3 s")),
    ("freshness.js", "UNMOVED_MS = 5000", "UNMOVED_MS = 5e9"): ("", ruled("and for longer")),
    ("freshness.js", "stale.length) return null", "stale.length || true) return null"): ("", ruled("a stale topic that makes the figure")),
    ("freshness.js", "topic in state.topics", "true"): ("", ruled("a stale topic that does not")),
}  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant[0]}: {mutant[2]}")
async def test_a_broken_board_is_noticed(desk: Screen, mutant: tuple[str, str, str]) -> None:
    (name, old, new), (query, finds) = mutant, MUTANTS[mutant]
    source = resources.files("streams.export").joinpath("board", name).read_text("utf-8")
    assert source.count(old) == 1
    kind = "text/css" if name.endswith("css") else "text/javascript"
    broken = source.replace(old, new)
    await desk.page.route(f"**/board/{name}", lambda route: route.fulfill(body=broken, content_type=kind))
    await desk.open(query)
    await desk.says("() => document.querySelector('.curve-line[d^=M]')")
    assert await finds(desk)
    await desk.page.unroute(f"**/board/{name}")
    desk.complaints.clear()
