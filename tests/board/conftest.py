"""One Chromium, one Redis with a floor in it, and one exporter over it for all tests of the board."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright

from streams.embedded import Stack
from streams.store.redis_client import connect
from tests.board.screen import Screen, screen
from tests.board.seeded import Seeded, seeded
from tests.programs import Program, becomes, floorcast

GROUP = "board-test"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
"""Containers run it as root, and with little shared memory."""


class Exporter:
    """The program, on a port that stays the same when it is started again."""

    def __init__(self, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._settings = settings
        self._running = AsyncExitStack()
        self.program: Program

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it has figures to show."""
        settings: dict[str, Any] = {**self._settings, "exporter_port": self.port, "log_format": "json"}
        self.program = await self._running.enter_async_context(floorcast("exporter", **settings))
        await self.program.url()
        await becomes(self._ready, bool)

    async def _ready(self) -> bool:
        async with aiohttp.request("GET", f"{self.url}/readyz") as response:
            return response.status == 200

    async def stale(self) -> Any:
        """Return the topics that it takes for stale."""
        async with aiohttp.request("GET", f"{self.url}/api/kpis?kpi=dials&scope=floor&window=5m") as response:
            return (await response.json())["stale"]

    async def stop(self) -> None:
        """Kill it."""
        await self._running.aclose()


@pytest.fixture(scope="session")
async def chromium(program: Callable[[str], Path]) -> AsyncIterator[Browser]:
    """Return the system's browser."""
    path = program("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def floor(chromium: Browser, stack: Stack) -> AsyncIterator[Seeded]:
    """Return the floor whose figures are shown; a test leaves every topic fresh."""
    client = connect(stack.redis)
    async with seeded(client, GROUP) as floor:
        yield floor
    await client.aclose()


@pytest.fixture(scope="session")
async def exporter(floor: Seeded, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exporter]:
    """Return the running exporter; a test leaves it running."""
    config = tmp_path_factory.mktemp("board") / "floor.yaml"
    config.write_text(Path(__file__).with_name("floor.yaml").read_text("utf-8").replace("Asia/Tokyo", _zone()), "utf-8")
    # nobody listens there: a Kafka with other tests' topics would tell of partitions that this floor has not
    settings = {"kafka": "127.0.0.1:1", "redis": stack.redis, "group": GROUP, "partitions": "1", "config": str(config)}
    exporter = Exporter(**settings, rep_series="true")
    await exporter.start()
    yield exporter
    await exporter.stop()


def _zone() -> str:
    """Return a zone in which the hours of which there are figures are all of today."""
    early = datetime.now(ZoneInfo("Asia/Tokyo")).hour < 4
    return "America/New_York" if early else "Asia/Tokyo"


@pytest.fixture(autouse=True)
async def fresh(floor: Seeded, exporter: Exporter) -> None:
    """Renew what ran out while tests of other things had the loop, and wait until the exporter knows."""
    await floor.renew()
    await becomes(exporter.stale, lambda topics: topics == [])


@pytest.fixture
async def board(chromium: Browser, exporter: Exporter) -> AsyncIterator[Screen]:
    """Return a window on a wall, in English; at its end nothing may be in the browser's console."""
    async with screen(chromium, exporter.url) as window:
        yield window
        assert window.complaints == []


@pytest.fixture(scope="module")
async def desk(chromium: Browser, exporter: Exporter) -> AsyncIterator[Screen]:
    """Return an open board for tests that only look: at its end nothing may be in the browser's console."""
    async with screen(chromium, exporter.url) as window:
        yield await window.open()
        assert window.complaints == []
