"""Holds a worker's claims: takes a partition, learns where to go on, and goes back there whenever the ledger says so."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Protocol
from uuid import uuid4

import structlog

from streams.store.protocol import HOUR_MS, Claim, Fenced, Memory, Partition, StoreUnavailable, Writer
from streams.worker.log_offsets import LogOffsets
from streams.worker.partition import PartitionMemory

log = structlog.get_logger(__name__)

RETENTION_MS = 36 * 24 * HOUR_MS + HOUR_MS
"""How far back a new ledger begins: the 35 days of the panes, and a day and an hour of ids to know repeats by."""
RETRY_S = 0.2

MemoryMaker = Callable[[Partition, Claim, Memory], PartitionMemory]


class Rewinder(Protocol):
    """The part of the transport that a rewind needs."""

    async def rewind(self, partition: Partition, offset: int) -> None:
        """Fetch from `offset` on; batches fetched before are recognisable as stale."""


class Owner:
    """The partitions that this worker owns.

    `claim` answers each assignment of the consumer group, `lost` each refusal of the ledger. Both end with a new
    memory that agrees with the store, and a consumer that stands at the store's `next`.
    """

    def __init__(
        self, store: Writer, offsets: LogOffsets, make: MemoryMaker, *, horizon_hours: Callable[[str], int]
    ) -> None:
        self.name = uuid4().hex
        self.generation = 0
        self._store, self._offsets, self._make = store, offsets, make
        self._horizon_hours = horizon_hours
        self._held: dict[Partition, PartitionMemory] = {}
        self._rewinds: dict[Partition, asyncio.Task[None]] = {}
        self.rewinder: Rewinder | None = None

    def held(self) -> list[PartitionMemory]:
        """Return the memories of all partitions that are ready for batches."""
        return list(self._held.values())

    def memory(self, partition: Partition) -> PartitionMemory | None:
        """Return a partition's memory; None while it is not ours or is being claimed again."""
        return self._held.get(partition)

    def busy(self) -> bool:
        """Say whether a partition is on its way back to the ledger's position."""
        return bool(self._rewinds)

    async def claim(self, partitions: Iterable[Partition], generation: int) -> dict[Partition, int]:
        """Claim newly assigned partitions; return where each goes on. Waits for the store as long as it takes."""
        self.generation = generation
        wanted = list(partitions)
        for partition in wanted:
            self._drop(partition)
        memories = await asyncio.gather(*(self._take(partition) for partition in wanted))
        self._held.update((memory.partition, memory) for memory in memories)
        return {memory.partition: memory.next for memory in memories}

    async def revoke(self, partitions: Iterable[Partition]) -> None:
        """Give partitions up: drop their memory and end their leases, so that the next owner need not wait."""
        for partition in list(partitions):
            memory = self._held.get(partition)
            self._drop(partition)
            if memory:
                try:
                    await self._store.release(partition, memory.claim)
                except StoreUnavailable:
                    log.warning("lease left to run out", topic=partition.topic, partition=partition.number)

    def lost(self, memory: PartitionMemory) -> None:
        """Go back to the ledger: the batch was refused, or something went wrong before it could be tried."""
        partition = memory.partition
        if not memory.alive:
            return
        self._drop(partition)
        self._rewinds[partition] = asyncio.create_task(self._rewind(partition))

    def _drop(self, partition: Partition) -> None:
        if memory := self._held.pop(partition, None):
            memory.alive = False
        if rewind := self._rewinds.pop(partition, None):
            rewind.cancel()

    async def _rewind(self, partition: Partition) -> None:
        assert self.rewinder
        memory = await self._take(partition)
        self._held[partition] = memory
        log.info("rewound", topic=partition.topic, partition=partition.number, offset=memory.next)
        await self.rewinder.rewind(partition, memory.next)
        self._rewinds.pop(partition, None)

    async def _take(self, partition: Partition) -> PartitionMemory:
        """Claim, find the position if there is none, and load. Waits while a newer owner's lease or the store's
        absence forbids it; a revocation cancels the wait.
        """
        for tries in range(1 << 62):
            try:
                return await self._try_take(partition)
            except (Fenced, StoreUnavailable) as error:
                if tries % 50 == 0:
                    log.warning("claim waits", topic=partition.topic, partition=partition.number, reason=repr(error))
                await asyncio.sleep(RETRY_S)
        raise AssertionError("unreachable")

    async def _try_take(self, partition: Partition) -> PartitionMemory:
        claim = await self._store.claim(partition, self.name, self.generation)
        start, gap = await self._position(partition, claim)
        if start != claim.next:
            await self._store.pin(partition, claim, start, gap)
            claim = Claim(claim.epoch, claim.owner, claim.generation, start, claim.arrival)
        stored = await self._store.load(partition, self._horizon_hours(partition.topic) + 2)
        return self._make(partition, claim, stored)

    async def _position(self, partition: Partition, claim: Claim) -> tuple[int, int]:
        """Return where to go on, and how many records Kafka no longer has for us.

        A new ledger begins where the oldest pane needs it. Behind Kafka's beginning there is a gap. Beyond its end
        Kafka lost records or the topic was made anew: what arrived within the horizon of known ids is read again,
        since repeats are recognised, and so nothing new is missed.
        """
        first, end = await self._offsets.bounds(partition)
        if claim.next is None:
            begin = await self._offsets.at(partition, _now_ms() - RETENTION_MS)
            return max(first, begin), 0
        if claim.next < first:
            return first, first - claim.next
        if claim.next > end:
            horizon_ms = (self._horizon_hours(partition.topic) - 1) * HOUR_MS
            return max(first, await self._offsets.at(partition, claim.arrival - horizon_ms)), claim.next - end
        return claim.next, 0


def _now_ms() -> int:

    return int(time.time() * 1000)
