"""Fetched batches on their way to the ledger: counted, their refusals parked, their names learnt, handed over."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple, Protocol

import structlog

from streams.events import RowKey
from streams.store.protocol import StoreUnavailable
from streams.transport import Batch, Fetch
from streams.worker.applier import Applier, Entry
from streams.worker.facts import Facts, TopicFacts, rows_of
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


class _Taken(NamedTuple):
    """A batch that is in its partition's memory."""

    batch: Batch
    memory: PartitionMemory
    tally: Tally
    records: int


class Processor:
    """What the agents call. It never raises: whatever goes wrong, the partition goes back to the ledger."""

    def __init__(
        self,
        readers: Readers,
        facts: Facts,
        owner: Owner,
        applier: Applier,
        letters: Letters,
        names: RowNames,
        metrics: WorkerMetrics,
    ) -> None:
        self._readers, self._facts = readers, facts
        self._owner, self._applier, self._letters, self._names = owner, applier, letters, names
        self._metrics = metrics

    async def take(self, fetch: Fetch) -> None:
        """Process the batches of one fetch, in their order, and leave it empty: Faust may hold it for long."""
        batches, fetch.batches = deque(fetch.batches), []
        reader = self._readers(fetch.topic)
        while batches:
            few = together(batches)
            began = time.perf_counter()
            try:
                read = reader.read(few)
            except Exception:  # noqa: BLE001  # logged there; nothing may leave an agent
                await self._failed("batches cannot be read", few)
                continue
            taken = [one for batch, parts in zip(few, read, strict=True) if (one := await self._take(batch, parts))]
            try:
                await self._hand_over(taken, self._facts(fetch.topic), began)
            except Exception:  # noqa: BLE001  # logged there; nothing may leave an agent
                await self._failed("batches cannot be counted", [one.batch for one in taken])

    async def _take(self, batch: Batch, parts: Iterator[Part]) -> _Taken | None:
        """Take a batch into its partition's memory; None if that cannot be."""
        memory = self._memory(batch)
        if memory is None:
            self._metrics.stale_batches.inc()
            return None
        if batch.start != memory.next:
            log.warning(
                "unexpected offset", topic=batch.topic, partition=batch.partition, wanted=memory.next, got=batch.start
            )
            self._owner.lost(memory)
            return None
        tally = Tally()
        records = 0
        try:
            # no name here keeps a part: its memory serves the next one
            for size in map(memory.take, parts, repeat(tally)):
                records += size
                if size == CHUNK:  # a small batch goes on to the next one: all of a fetch share a round trip
                    for _ in range(TURNS):
                        await asyncio.sleep(0)
        except Exception:  # noqa: BLE001  # logged there; nothing may leave an agent
            await self._failed("batch failed", [batch])
            return None
        return _Taken(batch, memory, tally, records)

    async def _hand_over(self, taken: Sequence[_Taken], facts: TopicFacts, began: float) -> None:
        """Count what has been taken, all of it together, and hand it to the applier."""
        if not taken:
            return
        tallies = [one.tally for one in taken]
        counted = facts.count(tallies)
        await self._learn(rows_of(tallies, counted), lambda: any(one.memory.alive for one in taken))
        if not any(one.memory.alive for one in taken):
            return
        facts.pack(tallies, counted, self._names.known)
        for batch, memory, tally, records in taken:
            if not memory.alive:
                continue
            delta = memory.delta(batch, tally, self._names.known)
            parked = asyncio.create_task(self._letters.park(batch, tally.parked)) if tally.parked else None
            self._metrics.process_seconds.observe((time.perf_counter() - began) / len(taken))
            await self._applier.put(Entry(memory, records, delta, parked, time.perf_counter()))

    async def _failed(self, what: str, batches: Sequence[Batch]) -> None:
        """Log the exception that is being handled, and let batches be fetched again."""
        log.exception(what, topic=batches[0].topic, starts={batch.partition: batch.start for batch in batches})
        self._metrics.errors.inc()
        await asyncio.sleep(RETRY_S)
        for batch in batches:
            if memory := self._memory(batch):
                self._owner.lost(memory)

    def _memory(self, batch: Batch) -> PartitionMemory | None:
        """Return the memory that a batch was fetched for; None once a seek has overtaken it or the partition is gone."""
        memory = self._owner.memory(batch.source)
        return memory if memory and memory.seek == batch.seek else None

    async def _learn(self, keys: set[RowKey], wanted: Callable[[], bool]) -> None:
        """Learn the rows' names; the store may be away for as long as it likes."""
        while wanted():
            try:
                await self._names.learn(keys)
            except StoreUnavailable:
                await asyncio.sleep(RETRY_S)
            else:
                return
