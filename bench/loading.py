"""Puts the mixed load into Kafka: `python -m bench.loading BOOTSTRAP COUNT PER_SECOND [--live SECONDS]`."""

import argparse
import asyncio
import time
import zlib

from aiokafka import AIOKafkaProducer

from bench.events import Record, records

BATCH_BYTES = 1 << 18


async def load(bootstrap: str, count: int, per_second: float) -> None:
    """Produce `count` records that arrived evenly, `per_second`, until now. Returns when all are acknowledged."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1, max_batch_size=BATCH_BYTES) as producer:
        sender = _Sender(producer)
        for record in records(count, int(time.time() * 1000 - count * 1000 / per_second), per_second):
            await sender.add(record)
        await sender.finish()


async def live(bootstrap: str, per_second: float, seconds: float) -> None:
    """Produce records as time goes by, in ticks of 5 ms, stamped with the time of their sending."""
    loop = asyncio.get_running_loop()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1, linger_ms=0) as producer:
        begun, epoch_ms = loop.time(), int(time.time() * 1000)
        for record in records(int(per_second * seconds), epoch_ms, per_second, seed=epoch_ms):
            due = begun + (record.arrival_ms - epoch_ms) / 1000
            if due > loop.time():
                await asyncio.sleep(max(0.005, due - loop.time()))
            await producer.send(record.topic, record.value, key=record.key, timestamp_ms=record.arrival_ms)


class _Sender:
    """Builds producer batches by hand, which is several times as fast as sending records."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._open: dict[tuple[str, int], object] = {}
        self._counts: dict[str, int] = {}
        self._sent: list[asyncio.Future[object]] = []

    async def add(self, record: Record) -> None:
        count = self._counts.get(record.topic)
        if count is None:
            count = self._counts[record.topic] = len(await self._producer.partitions_for(record.topic))
        place = (record.topic, zlib.crc32(record.key) % count)
        builder = self._open.get(place) or self._producer.create_batch()
        self._open[place] = builder
        if builder.append(key=record.key, value=record.value, timestamp=record.arrival_ms) is None:  # type: ignore[attr-defined]
            await self._send(place)
            await self.add(record)

    async def _send(self, place: tuple[str, int]) -> None:
        topic, partition = place
        self._sent.append(await self._producer.send_batch(self._open.pop(place), topic, partition=partition))

    async def finish(self) -> None:
        for place in list(self._open):
            await self._send(place)
        await asyncio.gather(*self._sent)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap")
    parser.add_argument("count", type=int)
    parser.add_argument("per_second", type=float)
    parser.add_argument("--live", type=float, default=0)
    asked = parser.parse_args()
    if asked.live:
        asyncio.run(live(asked.bootstrap, asked.per_second, asked.live))
    else:
        asyncio.run(load(asked.bootstrap, asked.count, asked.per_second))
