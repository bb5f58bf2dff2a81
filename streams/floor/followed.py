"""An installation's floor.yaml while a program runs: what it says now, and what of that is in force.

The file is read again twice a second, and its content is compared. Whoever watches a file for events must watch every
folder on the way to it: editors replace files by renaming, Kubernetes swaps a link above them, and network file systems
tell nobody anything. The content of a path is the same question everywhere, and a few kilobytes cost next to nothing.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import structlog

from streams.floor.changes import changed, live, waiting
from streams.floor.load import parse, read
from streams.floor.model import Floor
from streams.floor.problems import FloorError, Problem

log = structlog.get_logger(__name__)

EVERY_S = 0.5
"""A change takes effect when it was seen twice, so that a file that is still being written does not."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is in force, and what is to be said of the file."""

    floor: Floor
    file: str
    loaded_ms: int
    """When it was read, epoch ms."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the file as it is now; while there is anything, `floor` is what it said before."""
    restart_needed: tuple[str, ...] = ()
    """Parts of the file that wait until the program is started again."""

    @property
    def valid(self) -> bool:
        """Whether the file is good."""
        return not self.problems

    def answer(self, zone: tzinfo = UTC) -> dict[str, Any]:
        """Return what programs ask for, as JSON has it."""
        return {
            "file": self.file,
            "valid": self.valid,
            "loaded": datetime.fromtimestamp(self.loaded_ms // 1000, zone).isoformat(),
            "problems": [{"file": one.file, "line": one.line, "reason": one.reason} for one in self.problems],
            "restart_needed": list(self.restart_needed),
        }


Content = bytes | FloorError | None
"""Of a file; or why it cannot be read; None where there need not be one."""


class FloorFile:
    """Holds the configuration in force. Raises FloorError where the file is not good to begin with."""

    def __init__(self, path: Path, *, named: bool, every_s: float = EVERY_S) -> None:
        self._path, self._every_s = path, every_s
        self._may_lack = not named and not path.exists()
        self._judged = self._read()
        self._asked = asyncio.Event()
        self.now = Configuration(self._parsed(self._judged), str(path), _now_ms())

    def ask(self) -> None:
        """Read the file at once, as it is: what SIGHUP means."""
        self._asked.set()

    async def follow(self, take: Callable[[Configuration], None] = lambda _: None) -> None:
        """Hand over each new configuration, until cancelled. A file that is refused changes nothing but `problems`."""
        seen = self._judged
        while True:
            asked = await self._pause()
            before, seen = seen, await asyncio.to_thread(self._read)
            if asked or (_same(seen, before) and not _same(seen, self._judged)):
                self._judged = seen
                await self._judge(seen, take)

    async def _pause(self) -> bool:
        """Wait for the next look; say whether somebody asked for it."""
        try:
            await asyncio.wait_for(self._asked.wait(), self._every_s)
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def _judge(self, content: Content, take: Callable[[Configuration], None]) -> None:
        try:
            wanted = await asyncio.to_thread(self._parsed, content)
        except FloorError as error:
            self.now = replace(self.now, problems=error.problems)
            for problem in error.problems:
                log.error(
                    "configuration refused: the one before stays in force",
                    file=problem.file,
                    line=problem.line,
                    reason=problem.reason,
                )
            return
        running = self.now.floor
        floor, restart = live(running, wanted), waiting(running, wanted)
        self.now = Configuration(floor, self.now.file, _now_ms(), restart_needed=restart)
        log.info("configuration loaded", file=self.now.file, changed=list(changed(running, floor)))
        if restart:
            log.warning("configuration: what is counted by needs a restart", file=self.now.file, parts=list(restart))
        take(self.now)

    def _read(self) -> Content:
        try:
            content = read(self._path, again=True)
        except FloorError as error:
            return None if self._may_lack and not self._path.exists() else error
        self._may_lack = False
        return content

    def _parsed(self, content: Content) -> Floor:
        if isinstance(content, FloorError):
            raise content
        return Floor.default() if content is None else parse(content, str(self._path))


def _same(one: Content, other: Content) -> bool:
    if isinstance(one, FloorError) or isinstance(other, FloorError):
        return str(one) == str(other)
    return one == other


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
