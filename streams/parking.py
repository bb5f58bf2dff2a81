"""The dead-letter producer: refused records go to `<topic>-dlq` with their original bytes and the reason."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from stamina import AsyncRetryingCaller

from streams.transport import Batch
from streams.worker.tally import Parked

Header = tuple[str, bytes]


class DeadLetters:
    """Parks refused records. A crash between parking and the ledger's step parks them again: the headers tell which
    source offset a dead letter stands for.
    """

    def __init__(self, bootstrap: str, **security: Any) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=16 << 20,
            **security,
        )
        self._retry = AsyncRetryingCaller(timeout=None, attempts=None, wait_initial=0.1, wait_max=2.0).on(KafkaError)

    async def start(self) -> None:
        """Connect. Raises KafkaError when no broker answers."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is waiting and disconnect."""
        await self._producer.stop()

    async def park(self, batch: Batch, parked: Sequence[Parked]) -> None:
        """Return when the broker has acknowledged every parked record; tries until it does."""
        await self._retry(self._send, batch, parked)

    async def _send(self, batch: Batch, parked: Sequence[Parked]) -> None:
        topic = f"{batch.topic}-dlq"
        partitions = sorted(await self._producer.partitions_for(topic))
        partition = partitions[batch.partition % len(partitions)]
        acknowledged = []
        builder = self._producer.create_batch()
        for one in parked:
            if not self._append(builder, batch, one):
                acknowledged.append(await self._producer.send_batch(builder, topic, partition=partition))
                builder = self._producer.create_batch()
                if not self._append(builder, batch, one):
                    acknowledged.append(await self._alone(topic, partition, batch, one))
        if builder.record_count():
            acknowledged.append(await self._producer.send_batch(builder, topic, partition=partition))
        for future in acknowledged:
            await future

    def _append(self, builder: Any, batch: Batch, parked: Parked) -> bool:
        key, value = parked.record.key, parked.record.value
        return builder.append(key=key, value=value, timestamp=None, headers=headers(batch, parked)) is not None

    async def _alone(self, topic: str, partition: int, batch: Batch, parked: Parked) -> Any:
        return await self._producer.send(
            topic,
            key=parked.record.key,
            value=parked.record.value,
            partition=partition,
            headers=headers(batch, parked),
        )


def headers(batch: Batch, parked: Parked) -> list[Header]:
    """Return the headers of a dead letter: UTF-8 text, numbers in decimal."""
    return [
        ("reason", parked.reason.encode()),
        ("error", parked.error.encode("utf-8", "replace")),
        ("source_topic", batch.topic.encode()),
        ("source_partition", b"%d" % batch.partition),
        ("source_offset", b"%d" % parked.record.offset),
    ]
