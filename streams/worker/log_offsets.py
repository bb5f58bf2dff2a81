"""Where a partition of Kafka begins and ends, and which offset stands at an instant."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from stamina import AsyncRetryingCaller

from streams.store.protocol import Partition


class LogOffsets:
    """Asks the broker about offsets, outside the consumer group; tries until it answers."""

    def __init__(self, bootstrap: str, **security: Any) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, **security)
        self._retry = AsyncRetryingCaller(timeout=None, attempts=None, wait_initial=0.1, wait_max=2.0).on(KafkaError)

    async def start(self) -> None:
        """Connect. Raises KafkaError when no broker answers."""
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """Return the first offset that Kafka still has, and the one after the last."""
        return await self._retry(self._bounds, TopicPartition(*partition))

    async def at(self, partition: Partition, arrival_ms: int) -> int:
        """Return the first offset that arrived at `arrival_ms` or later; the log's end, as it was when we began to ask, if
        there is none.
        """
        return await self._retry(self._at, TopicPartition(*partition), arrival_ms)

    async def first_arrival(self, partition: Partition) -> int | None:
        """Return when the first record that Kafka still has arrived, epoch ms; None when it has none."""
        tp = TopicPartition(*partition)
        found = (await self._retry(self._consumer.offsets_for_times, {tp: 0}))[tp]
        return None if found is None else int(found.timestamp)

    async def _bounds(self, tp: TopicPartition) -> tuple[int, int]:
        first = await self._consumer.beginning_offsets([tp])
        end = await self._consumer.end_offsets([tp])
        return first[tp], end[tp]

    async def _at(self, tp: TopicPartition, arrival_ms: int) -> int:
        ends = await self._consumer.end_offsets([tp])  # asked first: what comes while we ask is not left out
        found = (await self._consumer.offsets_for_times({tp: arrival_ms}))[tp]
        return int(ends[tp] if found is None else found.offset)
