"""Child processes that never outlive their parent, however it ends."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class ChildFailed(Exception):
    """A child process ended before it was ready; the message ends with the last lines of its log."""


def die_with_parent(parent: int) -> Callable[[], None]:
    """Return what a new child runs before its program: the kernel kills it when `parent` dies (on Linux)."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def run() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

    return run


class Child:
    """One process with its log file. `start` may be called again after the process ended."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The process id of the last start."""
        assert self._process
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process was started and has not been seen to end."""
        return self._process is not None and self._process.returncode is None

    async def start(
        self, argv: Sequence[str], env: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        """Start the program in a process group of its own, away from the terminal's Ctrl-C; in `folder`, if one is given."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if env is None else {**os.environ, **env},
                cwd=folder,
                preexec_fn=die_with_parent(os.getpid()),
                start_new_session=True,
            )

    async def ready(self, answers: Callable[[], bool], timeout_s: float) -> None:
        """Wait until `answers` holds. Raises ChildFailed when the process ends first or time runs out."""
        try:
            async with asyncio.timeout(timeout_s):
                while not await asyncio.to_thread(answers):
                    if not self.running:
                        raise ChildFailed(f"{self.name} ended at its start:\n{self.last_lines()}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise ChildFailed(f"{self.name} does not answer after {timeout_s:.0f} s:\n{self.last_lines()}") from None

    async def wait(self) -> int:
        """Wait for the end; return the exit code."""
        assert self._process
        return await self._process.wait()

    async def stop(self, grace_s: float = 10.0) -> None:
        """Ask the process to end, insist after `grace_s`."""
        if self.running:
            self.signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(grace_s):
                    await self.wait()
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self.running:
            self.signal(signal.SIGKILL)
            await self.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self._process and self.running:
            try:
                self._process.send_signal(number)
            except ProcessLookupError:
                return

    def last_lines(self, count: int = 15) -> str:
        """Return the end of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-count:])
