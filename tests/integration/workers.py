"""Worker processes of one consumer group, and what the group's figures must become."""

import os
import signal
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import psutil
from redis.asyncio import Redis

from streams import topics
from streams.embedded import Stack
from streams.embedded.ports import free_ports
from streams.settings import Settings
from streams.store.protocol import LedgerRow, Partition, StoreUnavailable
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader
from tests.brokers import admin
from tests.integration.faults import Fault
from tests.integration.faulty_worker import VERIFIED, run
from tests.integration.stored import differences, figures
from tests.programs import becomes

T = TypeVar("T")

NURSERY = get_context("forkserver")
"""Imports what a worker imports once, and forks each worker from there: a start takes no two seconds of a core."""
NURSERY.set_forkserver_preload(["tests.integration.faulty_worker"])
Wanted = Mapping[tuple[str, int], Any]
"""A recount, by topic and partition; where only names count, anything by name."""


class Worker:
    """One worker process."""

    def __init__(self, process: BaseProcess, port: int, log: Path) -> None:
        self.log = log
        self._process, self._port = process, port

    def said(self) -> str:
        """Return the end of its log without the verifications; a worker may end before it has one."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return "\n".join(line for line in lines if VERIFIED not in line)[-8000:]

    async def died(self) -> int:
        """Wait until it has ended by itself; return the exit code, negative for a signal."""
        code = await becomes(lambda: _now(self._process.exitcode), lambda code: code is not None)
        assert code is not None
        return code

    async def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        await self.died()

    async def stop(self) -> int:
        """Ask it to end; return the exit code."""
        self.signal(signal.SIGTERM)
        return await self.died()

    async def stopped(self) -> None:
        """Wait until it has sent itself SIGSTOP."""
        process = psutil.Process(self._process.pid)
        await becomes(lambda: _now(process.status()), lambda status: status == psutil.STATUS_STOPPED)

    async def verifies(self, times: int) -> None:
        """Wait until it has asked the ledger so many times more whether it still agrees."""
        past = self._verified()
        await becomes(lambda: _now(self._verified()), lambda count: count >= past + times)

    def _verified(self) -> int:
        return self.log.read_text().count(VERIFIED)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self._process.exitcode is None and self._process.pid:
            os.kill(self._process.pid, number)

    async def reasons(self) -> list[str]:
        """Return what keeps it from being ready; nothing when it is."""
        try:
            async with aiohttp.ClientSession() as session, session.get(self._url("readyz")) as answer:
                reasons = (await answer.json())["reasons"]
                assert (answer.status == 200) is (reasons == [])
                return list(reasons)
        except aiohttp.ClientConnectionError:
            return ["not listening yet"]

    async def metric(self, name: str) -> float:
        """Return the value of one of its own metrics, 0 before it listens."""
        try:
            async with aiohttp.ClientSession() as session, session.get(self._url("metrics")) as answer:
                lines = (await answer.text()).splitlines()
        except aiohttp.ClientConnectionError:
            return 0
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}"


class Group:
    """A consumer group with figures of its own: every test is one, over records that many tests share."""

    def __init__(self, stack: Stack, name: str, partitions: int, logs: Path) -> None:
        self.name, self.stack = name, stack
        self.redis: Redis = connect(stack.redis)
        self.reader = RedisReader(self.redis, name)
        self.workers: list[Worker] = []
        self._partitions = partitions
        self._logs = logs

    def start(self, *faults: Fault, mutant: str = "", pace_s: float = 0.0, **settings: str) -> Worker:
        """Start a worker; it is not yet ready."""
        (port,) = free_ports(1)
        log = self._logs / f"worker-{len(self.workers) + 1}.log"
        chosen = {
            "kafka": self.stack.kafka,
            "redis": self.stack.redis,
            "group": self.name,
            "partitions": str(self._partitions),
            "config": str(Path(__file__).with_name("floor.yaml")),
            "session_timeout_s": "1.5",
            "lease_ms": "1000",
            "fetch_min_bytes": "1",
            "fetch_max_wait_ms": "20",
            "batch_records": "5",
            "worker_port": str(port),
            **settings,
        }
        process = NURSERY.Process(target=run, args=(chosen, faults, mutant, pace_s, log), daemon=True)
        process.start()
        self.workers.append(worker := Worker(process, port, log))
        return worker

    async def positions(self, wanted: Wanted) -> dict[tuple[str, int], tuple[int, int]]:
        """Return each partition's epoch and position, as far as there is a ledger and Redis answers."""
        return {name: (row.epoch, row.next) for name, row in (await self.ledgers(wanted)).items()}

    async def ledgers(self, wanted: Wanted) -> dict[tuple[str, int], LedgerRow]:
        """Return each partition's ledger, as far as there is one and Redis answers."""
        try:
            ledgers = await self.reader.ledgers([Partition(*name) for name in wanted])
        except StoreUnavailable:
            return {}
        return {name: row for name, row in zip(wanted, ledgers, strict=True) if row}

    async def applied(self, wanted: Wanted) -> int:
        """Return how many records the ledgers are past."""
        return sum(position for _, position in (await self.positions(wanted)).values())

    async def passes(self, share: float, wanted: Wanted) -> None:
        """Wait until so much of the load has been applied."""
        whole = sum(one.position for one in wanted.values())
        await becomes(lambda: self.applied(wanted), lambda count: count >= share * whole)

    async def finishes(self, wanted: Wanted) -> list[str]:
        """Wait until all of the load has been applied; return where the figures differ from the recount."""
        ends = {name: one.position for name, one in wanted.items()}
        await becomes(lambda: self.positions(wanted), lambda now: {name: at for name, (_, at) in now.items()} == ends)
        return await self.differences(wanted)

    async def differences(self, wanted: Wanted) -> list[str]:
        """Return where the figures differ from the recount."""
        await becomes(lambda: self.positions(wanted), bool)  # a connection that Redis has closed shows at its next use
        got = await figures(self.redis, self.name, [Partition(*name) for name in wanted])
        return differences(wanted, got)

    async def gap(self, partition: Partition) -> int:
        """Return how many records Kafka dropped before they were read."""
        (ledger,) = await self.reader.ledgers([partition])
        assert ledger
        return ledger.gap

    async def create_topics(self) -> None:
        """Create what is missing, as the command does."""
        await topics.create(Settings(kafka=self.stack.kafka, partitions=self._partitions))

    async def delete_topics(self, *names: str) -> None:
        """Delete topics, as far as they are there, and wait until they are gone."""
        async with admin(self.stack.kafka) as client:
            there = set(names) & set(await client.list_topics())
            await client.delete_topics(sorted(there))
            await becomes(client.list_topics, lambda left: not there & set(left))

    async def close(self) -> None:
        """End whatever still runs."""
        for worker in self.workers:
            await worker.kill()
            print(f"--- {worker.log.name}\n{worker.said()}")  # noqa: T201  # shown where a test fails
        await self.redis.aclose()


async def _now(value: T) -> T:
    return value
