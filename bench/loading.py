"""Puts the mixed load into Kafka."""

import asyncio
import time
import zlib
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.events import Record, records, spoilt

BATCH_BYTES = 1 << 18


async def load(bootstrap: str, count: int, per_second: float, garbage: float = 0) -> None:
    """Produce `count` records that arrived evenly, `per_second`, until now, a share of them garbage. Returns when all
    are acknowledged.
    """
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1, max_batch_size=BATCH_BYTES) as producer:
        sender = Sender(producer)
        whole = records(count, int(time.time() * 1000 - count * 1000 / per_second), per_second)
        for record in spoilt(whole, garbage):
            await sender.add(record)
        await sender.finish()


class Sender:
    """Builds producer batches by hand, which is several times as fast as sending records."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._open: dict[tuple[str, int], Any] = {}
        self._counts: dict[str, int] = {}
        self._sent: list[asyncio.Future[object]] = []

    async def add(self, record: Record) -> None:
        """Put a record into a batch; full ones are sent."""
        count = self._counts.get(record.topic)
        if count is None:
            count = self._counts[record.topic] = len(await self._producer.partitions_for(record.topic))
        place = (record.topic, zlib.crc32(record.key) % count)
        builder = self._open.get(place) or self._producer.create_batch()
        self._open[place] = builder
        if builder.append(key=record.key, value=record.value, timestamp=record.arrival_ms) is None:
            await self._send(place)
            await self.add(record)

    async def _send(self, place: tuple[str, int]) -> None:
        topic, partition = place
        self._sent.append(await self._producer.send_batch(self._open.pop(place), topic, partition=partition))

    async def finish(self) -> None:
        """Send what is open; return when all is acknowledged."""
        for place in list(self._open):
            await self._send(place)
        await asyncio.gather(*self._sent)
        self._sent.clear()
