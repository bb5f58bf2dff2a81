"""Kafka and Redis together in one data folder, for one owner at a time."""

import asyncio
import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import structlog

from streams.embedded.kafka import KafkaServer
from streams.embedded.ports import free_ports
from streams.embedded.redis import RedisServer

log = structlog.get_logger(__name__)


class StackError(Exception):
    """The stack cannot start: the folder is in use, or a server failed."""


def opened(data: Path, name: str) -> IO[str]:
    """Open a file of a data folder to append to it; make both where they lack. Raises StackError."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        return (data / name).open("a+", encoding="utf-8")
    except OSError as error:
        raise StackError(f"{data} cannot be written to: {error.strerror}") from None


class Stack:
    """`async with Stack(folder) as stack:` starts both servers and stops them at the end."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        kafka_port, controller_port, redis_port = free_ports(3)
        self.kafka_server = KafkaServer(self.data, kafka_port, controller_port)
        self.redis_server = RedisServer(self.data, redis_port)
        self._lock: IO[str] | None = None

    @property
    def kafka(self) -> str:
        """Kafka's bootstrap address."""
        return self.kafka_server.address

    @property
    def redis(self) -> str:
        """Redis' URL."""
        return self.redis_server.url

    async def start(self) -> None:
        """Start both servers. Raises StackError, ChildFailed."""
        self._take_folder()
        log.info(
            "starting Kafka and Redis (the first time on a machine this fetches Kafka, 45 MB)", data=str(self.data)
        )
        try:
            await self._start_both()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop both servers and let the folder go."""
        await asyncio.gather(self.kafka_server.stop(), self.redis_server.stop())
        if self._lock:
            self._lock.close()
            self._lock = None

    async def until(self, stop: asyncio.Event) -> None:
        """Wait for `stop`. Raises StackError when a server ends before."""
        servers: dict[str, KafkaServer | RedisServer] = {"Kafka": self.kafka_server, "Redis": self.redis_server}
        while not stop.is_set():
            for name, server in servers.items():
                if not server.running:
                    raise StackError(f"{name} has ended; the end of its log in {self.data}:\n{server.last_lines()}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await stop.wait()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start_both(self) -> None:
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self.kafka_server.start())
                both.create_task(self.redis_server.start())
        except* Exception as errors:
            raise StackError("; ".join(str(error) for error in errors.exceptions)) from errors

    def _take_folder(self) -> None:
        lock = opened(self.data, ".lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StackError(f"another stack is running on {self.data}: stop it, or choose another --data") from None
        os.set_inheritable(lock.fileno(), False)
        self._lock = lock
