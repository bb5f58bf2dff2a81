"""Holds a worker's claims: takes a partition, learns where to go on, and goes back there whenever the ledger says so."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol
from uuid import uuid4

import structlog
from aiokafka.errors import IllegalStateError

from streams.store.protocol import HOUR_MS, Claim, Fenced, Memory, Partition, StoreUnavailable, Writer
from streams.worker.log_offsets import LogOffsets
from streams.worker.partition import PartitionMemory

log = structlog.get_logger(__name__)

RETENTION_MS = 36 * 24 * HOUR_MS + HOUR_MS
"""How far back a new ledger begins: the 35 days of the panes, and a day and an hour of ids to know repeats by."""
RETRY_S = 0.2
AT_ONCE = 32
"""Partitions that are taken or released at a time: each needs a connection of the store's client, which has 100."""

MemoryMaker = Callable[[Partition, Claim, Memory], PartitionMemory]


class Rewinder(Protocol):
    """The part of the consumer that moves a partition."""

    async def rewind(self, partition: Partition, offset: int) -> int:
        """Fetch from `offset` on; return the number that batches fetched from now on carry.

        Raises IllegalStateError when the partition is not assigned any more.
        """


class Owner:
    """The partitions that this worker owns.

    `assigned` answers each assignment of the consumer group, `lost` each refusal of the ledger. Both end with a new
    memory that agrees with the store, and a consumer that stands at the store's `next`. Until then the partition has
    no memory, and batches of it are dropped.
    """

    def __init__(
        self,
        store: Writer,
        offsets: LogOffsets,
        make: MemoryMaker,
        *,
        rewinder: Callable[[], Rewinder],
        horizon_hours: Callable[[str], int],
    ) -> None:
        self.name = uuid4().hex
        self.generation = 0
        self._store, self._offsets, self._make = store, offsets, make
        self._rewinder = rewinder
        self._horizon_hours = horizon_hours
        self._held: dict[Partition, PartitionMemory] = {}
        self._settling: dict[Partition, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    def held(self) -> list[PartitionMemory]:
        """Return the memories of all partitions that are ready for batches."""
        return list(self._held.values())

    def memory(self, partition: Partition) -> PartitionMemory | None:
        """Return a partition's memory; None while it is not ours or is on its way to the ledger's position."""
        return self._held.get(partition)

    def settling(self) -> list[Partition]:
        """Return the partitions that are on their way to the ledger's position."""
        return list(self._settling)

    async def assigned(self, partitions: Sequence[Partition], generation: int) -> None:
        """Bring newly assigned partitions to the ledger's positions. A cancelled wait leaves them on their way."""
        self.generation = generation
        for partition in [held for held in (*self._held, *self._settling) if held not in partitions]:
            self._drop(partition)
        tasks = [self._settle(partition) for partition in partitions]
        if tasks:
            await asyncio.wait(tasks)

    async def revoke(self, partitions: Iterable[Partition]) -> None:
        """Give partitions up: drop their memory and end their leases, so that the next owner need not wait."""
        held = [memory for partition in list(partitions) if (memory := self._held.get(partition))]
        for partition in partitions:
            self._drop(partition)
        try:
            await asyncio.gather(*map(self._release, held))
        except StoreUnavailable:
            log.warning("leases left to run out", partitions=len(held))

    def lost(self, memory: PartitionMemory) -> None:
        """Go back to the ledger: the batch was refused, or something went wrong before it could be tried."""
        if memory.alive:
            self._settle(memory.partition)

    def _settle(self, partition: Partition) -> asyncio.Task[None]:
        self._drop(partition)
        task = self._settling[partition] = asyncio.create_task(self._take_until_held(partition))
        return task

    def _drop(self, partition: Partition) -> None:
        if memory := self._held.pop(partition, None):
            memory.alive = False
        if task := self._settling.pop(partition, None):
            task.cancel()

    async def _release(self, memory: PartitionMemory) -> None:
        async with self._turn:
            await self._store.release(memory.partition, memory.claim)

    async def _take_until_held(self, partition: Partition) -> None:
        """Claim, find the position if there is none, load and seek. Tries while a newer owner's lease or the store's
        absence forbids it; a revocation cancels the wait.
        """
        for tries in range(1 << 62):
            try:
                async with self._turn:
                    memory = await self._take(partition)
                memory.seek = await self._rewinder().rewind(partition, memory.next)
            except IllegalStateError:
                log.info("no longer assigned", topic=partition.topic, partition=partition.number)
                break
            except (Fenced, StoreUnavailable) as error:
                if tries % 50 == 0:
                    log.warning("claim waits", topic=partition.topic, partition=partition.number, reason=str(error))
            except Exception:  # whatever it is, nobody else will take the partition
                log.exception("claim failed", topic=partition.topic, partition=partition.number)
            else:
                self._held[partition] = memory
                log.debug("claimed", topic=partition.topic, partition=partition.number, offset=memory.next)
                break
            await asyncio.sleep(RETRY_S)
        self._settling.pop(partition, None)

    async def _take(self, partition: Partition) -> PartitionMemory:
        claim = await self._store.claim(partition, self.name, self.generation)
        first, end = await self._offsets.bounds(partition)
        start, gap = await self._position(partition, claim, first, end)
        await self._store.pin(partition, claim, start, gap, end)
        claim = Claim(claim.epoch, claim.owner, claim.generation, start, claim.arrival)
        stored = await self._store.load(partition, self._horizon_hours(partition.topic) + 2)
        return self._make(partition, claim, stored)

    async def _position(self, partition: Partition, claim: Claim, first: int, end: int) -> tuple[int, int]:
        """Return where to go on in a log of [first, end), and how many records Kafka no longer has for us.

        A new ledger begins where the oldest pane needs it. Behind Kafka's beginning there is a gap. Where Kafka lost
        records, all of which had been counted, or the topic was made anew, what arrived within the horizon of known ids
        is read again, since repeats are recognised, and so nothing new is missed.
        """
        if claim.next is None:
            begin = await self._offsets.at(partition, int(time.time() * 1000) - RETENTION_MS)
            return max(first, begin), 0
        if claim.next < first:
            return first, first - claim.next
        if claim.next > end or await self._made_anew(partition, claim, first):
            log.warning(
                "Kafka's log is not the one that was counted: reading again",
                topic=partition.topic,
                partition=partition.number,
                counted=claim.next,
                first=first,
                end=end,
            )
            horizon_ms = (self._horizon_hours(partition.topic) - 1) * HOUR_MS
            return max(first, await self._offsets.at(partition, claim.arrival - horizon_ms)), 0
        return claim.next, 0

    async def _made_anew(self, partition: Partition, claim: Claim, first: int) -> bool:
        """Say whether all that Kafka has arrived after all that was counted, though it begins before the ledger's end:
        a topic that was made anew may have grown beyond where the old one ended.
        """
        if first == claim.next or not claim.arrival:  # nothing of what was counted is left, or nothing was counted
            return False
        begins = await self._offsets.first_arrival(partition)
        return begins is not None and begins > claim.arrival
