"""A worker from start to stop: what it connects to, what it waits for, when it is ready."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import faust
import structlog
from aiohttp import web
from aiokafka.errors import KafkaError

from streams.floor.followed import FloorFile
from streams.listening import listen
from streams.parking import DeadLetters
from streams.settings import Settings
from streams.store.protocol import StoreUnavailable, Writer
from streams.topics import KafkaAway, check
from streams.worker.applier import Applier
from streams.worker.health import application
from streams.worker.log_offsets import LogOffsets
from streams.worker.metrics import WorkerMetrics
from streams.worker.owner import Owner

T = TypeVar("T")
log = structlog.get_logger(__name__)

RETRY_S = 1.0
VERIFIED_LATELY_S = 10.0
STOP_S = 5.0


class WorkerError(Exception):
    """The worker cannot run as it is set up; the message says what to change."""


class WorkerService:
    """One worker process."""

    def __init__(
        self,
        settings: Settings,
        file: FloorFile,
        app: faust.App,
        store: Writer,
        offsets: LogOffsets,
        letters: DeadLetters,
        owner: Owner,
        applier: Applier,
        metrics: WorkerMetrics,
    ) -> None:
        self.settings, self.file, self.app = settings, file, app
        self.store, self.offsets, self.letters = store, offsets, letters
        self.owner, self.applier, self.metrics = owner, applier, metrics
        metrics.redis_unsafe.set_function(lambda: self.applier.unsafe_policy is not None)
        self._waiting_for: list[str] = ["starting"]
        self._stop = asyncio.Event()
        self._app_started = False

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises WorkerError, ListenError when it must not start, and what crashed it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self.file.ask)
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not working.done() and not self._app_started:
            working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working

    async def _work(self) -> None:
        async with contextlib.AsyncExitStack() as parts:
            following = asyncio.create_task(self.file.follow())
            parts.callback(following.cancel)
            await self._listen(parts)
            await self._prepare()
            for part in (self.offsets, self.letters):
                await self._insist(part.start)
                parts.push_async_callback(part.stop)
            applying = asyncio.create_task(self.applier.run())
            parts.callback(applying.cancel)
            await self._run_app(applying, following)

    def reasons(self) -> list[str]:
        """Return what keeps the worker from being ready."""
        found = list(self._waiting_for)
        if settling := self.owner.settling():
            found.append(f"{len(settling)} partitions are on their way to the ledger's position")
        if not found and not self.owner.held():
            found.append("no partition is assigned")
        found += self.letters.waiting
        if self.applier.unheard:
            found.append(f"Kafka does not answer for {self.applier.unheard} partitions")
        if self.applier.unanswered:
            found.append(f"Redis does not answer: {self.applier.unanswered}")
        age_s = asyncio.get_running_loop().time() - self.applier.verified_at
        if age_s > VERIFIED_LATELY_S:
            found.append(f"Redis has not verified the ledger for {VERIFIED_LATELY_S:.0f} s")
        if self.applier.unsafe_policy:
            found.append(f"Redis may drop figures: maxmemory-policy is {self.applier.unsafe_policy}, not noeviction")
        return found

    async def _run_app(self, *parts: asyncio.Task[None]) -> None:
        """Run Faust until a signal comes or something ends by itself. Raises WorkerError for the latter."""
        self._app_started = True
        self.metrics.partitions.set_function(lambda: len(self.owner.held()))
        starting = asyncio.create_task(self._start_app())
        stopped = asyncio.create_task(self._stop.wait())
        ended = asyncio.create_task(self.app.wait_until_stopped())
        await asyncio.wait([stopped, ended, *parts], return_when=asyncio.FIRST_COMPLETED)
        failed = self.app.crashed or any(part.done() for part in parts)
        log.info("stopping", failed=failed)
        await self.owner.revoke([memory.partition for memory in self.owner.held()])
        if not failed:  # Faust words the end of its agents as a crash
            logging.getLogger("faust").setLevel(logging.CRITICAL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self.app.stop()
        for task in (starting, stopped, ended):
            task.cancel()
        if failed:
            raise WorkerError(f"the worker crashed: {self.app.crash_reason!r}")

    async def _start_app(self) -> None:
        await self.app.start()
        self._waiting_for = []
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)

    async def _listen(self, parts: contextlib.AsyncExitStack) -> None:
        runner = web.AppRunner(application(self.reasons, self.metrics, lambda: self.file.now), access_log=None)
        await runner.setup()
        parts.push_async_callback(runner.cleanup)
        await listen(runner, self.settings.host, self.settings.worker_port, port_setting="FLOORCAST_WORKER_PORT")

    async def _prepare(self) -> None:
        """Wait for Redis, refuse one that evicts, wait for the topics."""
        policy = await self._insist(self.store.unsafe_policy)
        if policy:
            raise WorkerError(f"Redis has maxmemory-policy {policy}: it must be noeviction, or figures may be dropped")
        told: set[str] = set()
        while True:
            faults = await self._insist(lambda: check(self.settings))
            missing = [fault for fault in faults if fault.endswith(": missing")]
            for fault in faults:
                if fault not in told:
                    log.warning("topic", fault=fault)
            told = set(faults)
            if not missing:
                return
            self._waiting_for = [f"topic {fault}: run `floorcast topics create`" for fault in missing]
            await asyncio.sleep(RETRY_S)

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        for tries in range(1 << 62):
            try:
                answer = await ask()
            except (StoreUnavailable, KafkaAway, KafkaError, OSError) as error:
                if tries % 20 == 0:
                    log.warning("waiting", reason=str(error))
                self._waiting_for = [f"waiting: {error}"]
                await asyncio.sleep(RETRY_S)
            else:
                self._waiting_for = ["starting"]
                return answer
        raise AssertionError("unreachable")
