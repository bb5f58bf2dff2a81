"""The progress of the start: what is being done, for how long, and what it took."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from streams.terminal import PlainConsole

EVERY_S = 0.5


class Steps:
    """On a terminal a moving line, elsewhere a line at the beginning; both a line at the end of each step."""

    def __init__(self, console: PlainConsole) -> None:
        self._console = console

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(line, highlight=False, soft_wrap=True)

    @asynccontextmanager
    async def step(self, doing: str, progress: Callable[[], str] = str) -> AsyncIterator[None]:
        """Show what is done inside; `progress` adds how far it is."""
        began = time.monotonic()
        if not self._console.is_terminal:
            self.say(f"… {doing}")
        with self._console.status(doing) as status:
            following = asyncio.create_task(_follow(lambda: status.update(_text(doing, began, progress))))
            try:
                yield
            finally:
                following.cancel()
        self.say(f"✓ {doing} ({time.monotonic() - began:.1f} s)")


def _text(doing: str, began: float, progress: Callable[[], str]) -> str:
    far = progress()
    return f"{doing}: {far}{', ' if far else ''}{time.monotonic() - began:.0f} s"


async def _follow(show: Callable[[], None]) -> None:
    while True:
        show()
        await asyncio.sleep(EVERY_S)
