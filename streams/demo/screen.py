"""Where a running demo shows itself: a live table, plain lines, or nothing but its addresses."""

import asyncio
import json
from dataclasses import asdict
from typing import Protocol

from rich.live import Live

from streams.demo.board import Addresses
from streams.demo.follow import Follower
from streams.demo.status_line import status_line
from streams.demo.table import picture
from streams.terminal import PlainConsole

TABLE_EVERY_S = 1.0
LINE_EVERY_S = 10.0


class Screen(Protocol):
    """Shows a demo that is ready."""

    async def show(self, addresses: Addresses, follower: Follower) -> None:
        """Show it until cancelled."""


class Headless:
    """One JSON line with the addresses, nothing else: for scripts."""

    async def show(self, addresses: Addresses, follower: Follower) -> None:
        """Print the line and wait."""
        print(json.dumps(asdict(addresses)), flush=True)  # noqa: T201
        await asyncio.Event().wait()


class Lines:
    """The JSON line, then the floor in one line every ten seconds: for logs."""

    async def show(self, addresses: Addresses, follower: Follower) -> None:
        """Print line after line."""
        print(json.dumps(asdict(addresses)), flush=True)  # noqa: T201
        while True:
            print(status_line(await follower.look()), flush=True)  # noqa: T201
            await asyncio.sleep(LINE_EVERY_S)


class Terminal:
    """The live table."""

    def __init__(self, console: PlainConsole) -> None:
        self._console = console

    async def show(self, addresses: Addresses, follower: Follower) -> None:
        """Draw the table anew every second."""
        with Live(console=self._console, auto_refresh=False, vertical_overflow="crop") as live:
            while True:
                live.update(picture(await follower.look(), self._console.height - 1), refresh=True)
                await asyncio.sleep(TABLE_EVERY_S)
