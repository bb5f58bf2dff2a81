"""A fetched batch on its way to the ledger: counted, its refusals parked, its names learnt, handed over."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Protocol

import structlog

from streams.store.protocol import StoreUnavailable
from streams.transport import Batch, Fetch
from streams.worker.applier import Applier, Entry
from streams.worker.metrics import WorkerMetrics
from streams.worker.owner import Owner
from streams.worker.partition import PartitionMemory
from streams.worker.reading import CHUNK, Part, Readers, together
from streams.worker.rows import RowNames
from streams.worker.tally import Parked, Tally

log = structlog.get_logger(__name__)

RETRY_S = 0.2
TURNS = 6
"""Turns of the loop that others get after each chunk. A round trip to the store takes several, for megabytes are sent
in many pieces: with a single turn the store would wait for us in the midst of a script's arguments.
"""


class Letters(Protocol):
    """Where refused records go."""

    async def park(self, batch: Batch, parked: Sequence[Parked]) -> None:
        """Return when every parked record is safe."""


class Processor:
    """What the agents call. It never raises: whatever goes wrong, the partition goes back to the ledger."""

    def __init__(
        self,
        readers: Readers,
        owner: Owner,
        applier: Applier,
        letters: Letters,
        names: RowNames,
        metrics: WorkerMetrics,
    ) -> None:
        self._readers = readers
        self._owner, self._applier, self._letters, self._names = owner, applier, letters, names
        self._metrics = metrics

    async def take(self, fetch: Fetch) -> None:
        """Process the batches of one fetch, one after the other, and leave it empty: Faust may hold it for long."""
        batches, fetch.batches = deque(fetch.batches), []
        reader = self._readers(fetch.topic)
        while batches:
            few = together(batches)
            try:
                read = reader.read(few)
            except Exception:  # nothing may leave an agent
                log.exception("batches cannot be read", topic=fetch.topic, starts={b.partition: b.start for b in few})
                await self._failed(few)
            else:
                for batch, parts in zip(few, read, strict=True):
                    await self._take(batch, parts)

    async def _take(self, batch: Batch, parts: Iterator[Part]) -> None:
        memory = self._memory(batch)
        if memory is None:
            self._metrics.stale_batches.inc()
            return
        try:
            await self._process(batch, parts, memory)
        except Exception:  # nothing may leave an agent
            log.exception("batch failed", topic=batch.topic, partition=batch.partition, start=batch.start)
            await self._failed([batch])

    async def _failed(self, batches: Sequence[Batch]) -> None:
        """Let batches be fetched again."""
        self._metrics.errors.inc()
        await asyncio.sleep(RETRY_S)
        for batch in batches:
            if memory := self._memory(batch):
                self._owner.lost(memory)

    def _memory(self, batch: Batch) -> PartitionMemory | None:
        """Return the memory that a batch was fetched for; None once a seek has overtaken it or the partition is gone."""
        memory = self._owner.memory(batch.source)
        return memory if memory and memory.seek == batch.seek else None

    async def _process(self, batch: Batch, parts: Iterator[Part], memory: PartitionMemory) -> None:
        if batch.start != memory.next:
            log.warning(
                "unexpected offset", topic=batch.topic, partition=batch.partition, wanted=memory.next, got=batch.start
            )
            self._owner.lost(memory)
            return
        tally = Tally()
        began = time.perf_counter()
        records = 0
        for size in map(memory.take, parts, repeat(tally)):  # no name here keeps a part: its memory serves the next one
            records += size
            if size == CHUNK:  # a small batch goes on to the next one: all of a fetch share a round trip
                for _ in range(TURNS):
                    await asyncio.sleep(0)
        await self._learn(tally, lambda: memory.alive)
        if not memory.alive:
            return
        delta = memory.delta(batch, tally, self._names)
        parked = asyncio.create_task(self._letters.park(batch, tally.parked)) if tally.parked else None
        self._metrics.process_seconds.observe(time.perf_counter() - began)
        await self._applier.put(Entry(memory, records, delta, parked, time.perf_counter()))

    async def _learn(self, tally: Tally, wanted: Callable[[], bool]) -> None:
        """Learn the rows' names; the store may be away for as long as it likes."""
        while wanted():
            try:
                await self._names.learn(tally.row_keys())
            except StoreUnavailable:
                await asyncio.sleep(RETRY_S)
            else:
                return
