"""The consumer that gives streams whole fetches and stands wherever the ledger says."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from aiokafka import TopicPartition
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP, ConsumerMessage
from mode.utils.futures import notify

from streams.store.protocol import Partition
from streams.transport.batch import Batch, Fetch
from streams.transport.thread import BatchThread


class NoReadOffsets(dict[TP, int | None]):
    """Stands for Faust's record of what was read, by which it would drop what is read again: it never holds anything."""

    def __missing__(self, tp: TP) -> None:
        return None

    def __setitem__(self, tp: TP, offset: int | None) -> None:
        return

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Keep nothing."""


class BatchConsumer(Consumer):  # type: ignore[misc]  # Faust ships no types that mypy may read
    """Faust's consumer, save that messages hold fetches and that positions come from the ledger."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = NoReadOffsets()
        self._positions: dict[TP, int] = {}
        self._mirrored: dict[TP, int] = {}

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109  # Faust's
        """Yield one message a topic: its value is a `Fetch`.

        Nothing that was fetched after the latest seek may be left out, for it would not come again: a rebalance may
        begin and end while this waits, and what it then brings is of the generation that is there by then.
        """
        fetched, _ = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if not fetched or self.should_stop or not self.flow_active:
            return
        by_topic: dict[str, list[Batch]] = {}
        for batch in fetched:
            by_topic.setdefault(batch.topic, []).append(batch)
        for topic, found in by_topic.items():
            if not self.flow_active or generation != self.app.consumer_generation_id:
                return
            tp = TP(topic, found[0].partition)
            yield tp, _message(tp, Fetch(topic, found), generation)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Let the ledger say where each assigned partition goes on; it seeks each one by itself."""
        assigned = [Partition(tp.topic, tp.partition) for tp in self.assignment()]
        await self.transport.positions.assigned(assigned, self.app.consumer_generation_id)
        return {}

    async def rewind(self, partition: Partition, offset: int) -> int:
        """Fetch a partition from `offset` on; return the number that batches fetched from now on carry.

        Raises IllegalStateError when the partition is not assigned any more.
        """
        thread: BatchThread = self._thread
        return await thread.rewind(TopicPartition(*partition), offset)

    def taken_to(self, partition: Partition) -> int | None:
        """Return the offset up to which records have been taken; None while the partition is not assigned or has no position."""
        thread: BatchThread = self._thread
        return thread.taken_to(TopicPartition(*partition))

    def silent(self, partition: Partition) -> bool:
        """Say whether Kafka tells nothing of a partition, not even that there is nothing new."""
        thread: BatchThread = self._thread
        return thread.silent(TopicPartition(*partition))

    def applied(self, partition: Partition, offset: int) -> None:
        """Take note of how far the ledger is, to be mirrored into Kafka's committed offsets."""
        self._positions[TP(*partition)] = offset

    def ack(self, message: Any) -> bool:
        """Forget a message that a stream is done with; the ledger alone says what has been applied."""
        message.acked = True
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp, offset in self._positions.items() if self._mirrored.get(tp) != offset)

    def _new_offset(self, tp: TP) -> int | None:
        return self._positions.get(tp)

    def _should_commit(self, tp: TP, offset: int) -> bool:
        return True

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        if done := await self._thread.commit(offsets):
            self._mirrored.update(offsets)
        return bool(done)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget positions of partitions that somebody else may have next."""
        for tp in revoked:
            self._positions.pop(TP(*tp), None)
            self._mirrored.pop(TP(*tp), None)
        await super().on_partitions_revoked(revoked)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Gaps mean nothing here: batches say where they begin and end."""

    def on_buffer_full(self, tp: TP) -> None:
        """Go on: the bounded queues hold up the fetching by themselves."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing was held up."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave it to the ledger's verification and the health checks."""


def _message(tp: TP, fetch: Fetch, generation: int) -> ConsumerMessage:
    first = fetch.batches[0]
    return ConsumerMessage(
        tp.topic,
        tp.partition,
        first.start,
        0,
        0,
        None,
        None,
        fetch,
        None,
        0,
        0,
        tp,
        generation_id=generation,
    )
