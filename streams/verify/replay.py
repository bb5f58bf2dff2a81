"""Reads partitions again, up to exactly the offset that is asked for, along the worker's own way into a shadow store."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.app import fetch_settings, memory_maker
from streams.floor import Floor
from streams.settings import Settings
from streams.store.protocol import Partition, Writer
from streams.transport import Batch, Fetch
from streams.transport.answers import Answers
from streams.transport.drain import drain
from streams.worker.applier import Applier, Entry
from streams.worker.facts import topic_facts
from streams.worker.log_offsets import LogOffsets
from streams.worker.metrics import WorkerMetrics
from streams.worker.owner import Owner
from streams.worker.partition import PartitionMemory
from streams.worker.processor import Processor
from streams.worker.reading import topic_readers
from streams.worker.rows import RowNames
from streams.worker.tally import Parked

FETCH_S = 0.2
STOP_S = 3.0
"""How long a driver may take to end: what matters is that the shadow goes."""


class Stoppable(Protocol):
    """A driver that somebody has started."""

    async def stop(self) -> None:
        """Disconnect."""


async def stopped(driver: Stoppable) -> None:
    """Stop a driver; one that cannot stop is left behind."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(STOP_S):
            await driver.stop()


class Unparked:
    """Takes refused records and leaves them: the live worker has parked them already."""

    async def park(self, batch: Batch, parked: Sequence[Parked]) -> None:
        """Do nothing."""


class Replay:
    """A worker without a consumer group: it owns the given partitions and stops where it is told."""

    def __init__(self, settings: Settings, floor: Floor, store: Writer, offsets: LogOffsets) -> None:
        self._settings, self._store = settings, store
        self._consumer = _consumer(settings)
        self._seeks: dict[TopicPartition, int] = {}
        self._rest: dict[Partition, Batch] = {}
        """What was fetched beyond the offset that was asked for."""
        self._applied: dict[Partition, int] = {}
        self._moved = asyncio.Event()
        metrics = WorkerMetrics()
        readers, names = topic_readers(floor.catalogue()), RowNames(store, settings.names_limit)
        facts = topic_facts(readers, floor)
        self._owner = Owner(
            store,
            offsets,
            memory_maker(readers, facts, floor, settings, names),
            rewinder=lambda: self,
            horizon_hours=settings.horizon_hours,
        )
        self._applier = Applier(store, applied=self._note, lost=self._lost, held=self._owner.held, metrics=metrics)
        self._processor = Processor(readers, facts, self._owner, self._applier, Unparked(), names, metrics)

    @contextlib.asynccontextmanager
    async def from_offsets(self, starts: Mapping[Partition, int]) -> AsyncIterator[None]:
        """Own the partitions, each from its offset on, until the block ends."""
        await self._consumer.start()
        applying = asyncio.create_task(self._applier.run())
        try:
            self._consumer.assign([TopicPartition(*partition) for partition in starts])
            for partition, offset in starts.items():
                claim = await self._store.claim(partition, self._owner.name, 0)
                await self._store.pin(partition, claim, offset)
                self._applied[partition] = offset
            await self._owner.assigned(list(starts), 0)
            yield
        finally:
            await self._owner.revoke(list(starts))
            applying.cancel()
            await asyncio.wait([applying], timeout=STOP_S)
            await stopped(self._consumer)

    async def reach(self, ends: Mapping[Partition, int], told: Callable[[int], None] = lambda _: None) -> None:
        """Return when exactly the records before each partition's end have been applied; none may lie behind already.

        `told` is given the number of offsets that are still to come.
        """
        while open_ends := {one: end for one, end in ends.items() if self._applied[one] < end}:
            told(sum(end - self._applied[one] for one, end in open_ends.items()))
            self._moved.clear()
            if not await self._take(open_ends):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FETCH_S):
                        await self._moved.wait()
        told(0)

    def applied(self, partition: Partition) -> int:
        """Return the offset up to which a partition's records have been applied."""
        return self._applied[partition]

    async def rewind(self, partition: Partition, offset: int) -> int:
        """Read a partition from `offset` on; return the number that batches read from now on carry."""
        tp = TopicPartition(*partition)
        self._consumer.seek(tp, offset)
        self._rest.pop(partition, None)
        self._applied[partition] = offset
        self._seeks[tp] = self._seeks.get(tp, 0) + 1
        return self._seeks[tp]

    async def _take(self, ends: Mapping[Partition, int]) -> bool:
        """Process what there is of what is wanted; say whether there was anything."""
        wanted = {one: end for one, end in ends.items() if self._place(one) < end}
        if not wanted:
            return False
        found = [self._rest.pop(one) for one in list(wanted) if one in self._rest]
        if not found:
            found = await self._fetched({TopicPartition(*one) for one in wanted})
        for batch in found:
            if part := self._until(batch, wanted[batch.source]):
                await self._processor.take(Fetch(batch.topic, [part]))
        return bool(found)

    def _place(self, partition: Partition) -> int:
        """Return where the next batch of a partition begins; its end of the world while it has no memory."""
        memory = self._owner.memory(partition)
        return memory.next if memory else 1 << 62

    async def _fetched(self, partitions: set[TopicPartition]) -> list[Batch]:
        fetcher = self._consumer._fetcher
        with fetcher._subscriptions.fetch_context():
            return await drain(fetcher, partitions, self._seeks, FETCH_S, self._settings.batch_records)

    def _until(self, batch: Batch, end: int) -> Batch | None:
        """Return the part of a batch before `end`, and keep the rest."""
        if batch.end <= end:
            return batch
        before, after = batch.cut(end)
        self._rest[batch.source] = after
        return before if batch.start < end else None

    def _note(self, entry: Entry) -> None:
        self._applied[entry.memory.partition] = entry.delta.end
        self._moved.set()

    def _lost(self, memory: PartitionMemory) -> None:
        self._owner.lost(memory)
        self._moved.set()


def _consumer(settings: Settings) -> AIOKafkaConsumer:
    """Return a consumer of no group: it commits nothing and moves nobody's partitions."""
    fetch = fetch_settings(settings)
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="none",
        max_partition_fetch_bytes=fetch.partition_bytes,
        fetch_max_bytes=fetch.most_bytes,
        fetch_max_wait_ms=fetch.max_wait_ms,
        **fetch.security,
    )
    consumer._client.send = Answers(fetch.max_wait_ms).of(consumer._client.send)
    return consumer
