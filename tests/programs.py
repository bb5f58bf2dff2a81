"""A `floorcast` command as its users run it: a process with settings, a terminal's two streams, and an end."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

FLOORCAST = Path(sys.executable).with_name("floorcast")
PATIENCE_S = 60.0
"""How long anything may take before the test has failed."""
POLL_S = 0.05


class Program:
    """A running command."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.errors: list[str] = []
        """The lines on standard error so far."""
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            async with self._news:
                self.errors.append(line.decode().rstrip("\n"))
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    async def says(self, words: str) -> str:
        """Wait for a line on standard error that holds the words; return it."""

        def found() -> list[str]:
            return [line for line in self.errors if words in line]

        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: found() or self._reading.done())
        assert found(), f"ended without {words!r}:\n" + "\n".join(self.errors)
        return found()[0]

    async def line(self) -> str:
        """Wait for a line on standard output; empty when the program ends first."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE_S):
            return (await self.process.stdout.readline()).decode()

    async def url(self) -> str:
        """Wait until a worker or an exporter with JSON logs says where it listens."""
        said = json.loads(await self.says('"port"'))
        return f"http://127.0.0.1:{said['port']}"

    async def ends(self, number: int | None = None) -> tuple[int, str]:
        """Wait for the end, if a number is given after that signal; return exit code and the rest of the output."""
        if number is not None:
            self.process.send_signal(number)
        assert self.process.stdout
        try:
            async with asyncio.timeout(PATIENCE_S):
                rest = await self.process.stdout.read()
                code = await self.process.wait()
                await self._reading
        except TimeoutError:
            self.process.send_signal(signal.SIGABRT)  # it says what it was doing
            raise
        return code, rest.decode()

    async def close(self) -> None:
        """End it, if it still runs; show what it said where the test fails."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._reading
        print("\n".join(self.errors))  # noqa: T201


@asynccontextmanager
async def floorcast(*words: str, folder: Path | None = None, **settings: Any) -> AsyncIterator[Program]:
    """Run a command with these settings and no others."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLOORCAST_")}
    environment["PYTHONFAULTHANDLER"] = "1"
    environment |= {f"FLOORCAST_{name.upper()}": str(value) for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        str(FLOORCAST),
        *words,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    program = Program(process)
    try:
        yield program
    finally:
        await program.close()


async def said(*words: str, folder: Path | None = None, **settings: Any) -> tuple[int, str, str]:
    """Run a command that ends by itself; return exit code, output and errors."""
    async with floorcast(*words, folder=folder, **settings) as program:
        code, output = await program.ends()
        return code, output, "\n".join(program.errors)


async def becomes(ask: Callable[[], Awaitable[T]], wanted: Callable[[T], Any]) -> T:
    """Ask until the answer is as wanted: what another process does gives no event to wait for."""
    seen: list[T] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                seen[:] = [await ask()]
                if wanted(seen[0]):
                    return seen[0]
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise TimeoutError(f"after {PATIENCE_S:.0f} s this is still the answer: {seen}") from None
