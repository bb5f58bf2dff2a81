"""A board on a screen: what a person reads there, and what the browser complains of."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize

WALL: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL_PHONE: ViewportSize = {"width": 360, "height": 640}
PATIENCE_MS = 30_000
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
READ = """() => ({
  at: document.getElementById("as-of").dateTime,
  tiles: [...document.querySelectorAll(".tile[data-window]")].map((tile) => ({
    kpi: tile.dataset.kpi, window: tile.dataset.window, value: tile.dataset.value, attainment: tile.dataset.attainment,
    number: tile.querySelector(".number").textContent, unit: tile.querySelector(".unit").textContent,
    target: tile.querySelector(".target").textContent, pace: tile.querySelector(".pace").textContent,
    title: tile.querySelector(".title").textContent, judged: tile.dataset.judged,
  })),
  cells: Object.fromEntries(["teams", "queues", "reps-by-team", "leaders"].map((id) => [id,
    [...document.querySelectorAll(`#${id} tbody tr`)].map((row) => [row.dataset.name,
      [...row.querySelectorAll("td")].map((cell) => [cell.dataset.value, cell.querySelector(".number").textContent])])])),
})"""


class Screen:
    """One browser window with a board."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._noted)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _noted(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def open(self, query: str = "") -> "Screen":
        """Show the board, and wait for its figures, all of them fresh."""
        await self.page.goto(f"{self.url}/{query}")
        await self.state("live")
        return self

    async def open_stale(self) -> None:
        """Show the board, and wait for its figures, some of them stale."""
        await self.page.goto(self.url)
        await self.state("stale")

    async def state(self, kind: str) -> None:
        """Wait until the board says that it is live, stale, lost …"""
        await self.page.wait_for_selector(f'body[data-state="{kind}"]')

    async def says(self, script: str, argument: Any = None) -> None:
        """Wait until a script in the page returns something true."""
        await self.page.wait_for_function(script, arg=argument)

    async def read(self) -> Any:
        """Return what stands there, all of one moment."""
        return await self.page.evaluate(READ)

    async def text(self, selector: str) -> str:
        """Return an element's text."""
        return await self.page.locator(selector).inner_text()

    async def ask(self, path: str) -> Any:
        """Ask the exporter as the page's own scripts do."""
        return json.loads(await self.page.evaluate("(path) => fetch(path).then((answer) => answer.text())", path))

    async def keep(self, name: str, *, whole: bool = False) -> None:
        """Keep a picture for those who look at the run."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


@asynccontextmanager
async def screen(browser: Browser, url: str, size: ViewportSize = WALL, **options: Any) -> AsyncIterator[Screen]:
    """Open a window, in English unless it is said otherwise."""
    context = await browser.new_context(viewport=size, **{"locale": "en-US", **options})
    try:
        yield Screen(await context.new_page(), url)
    finally:
        await context.close()
