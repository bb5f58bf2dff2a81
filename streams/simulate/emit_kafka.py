"""The outlet into Kafka: each record in its key's partition, stamped with its arrival."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from schemas.events import TOPICS
from streams.settings import Settings
from streams.simulate.engine import Arrival

REQUEST_BYTES = 4 << 20
BATCH_BYTES = 512 << 10
"""Above the largest event that dirt makes, which must fit whole."""
OUTAGE_MS = 60_000
"""How long a broker may be away; what was to be sent meanwhile is sent when it is back."""
STOP_S = 5.0
APPEAR_TRIES = 12
APPEAR_S = 0.25
KEYS_KEPT = 200_000


class OutletClosed(Exception):
    """Kafka does not take what is sent; the message says why."""


class KafkaOutlet:
    """`async with KafkaOutlet(settings) as outlet:` Records of a key keep their order. Raises OutletClosed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer
        self._partitions: dict[str, list[int]] = {}
        self._places: dict[str, int] = {}
        self._unacknowledged: list[asyncio.Future[Any]] = []

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            acks="all",
            enable_idempotence=True,
            max_request_size=REQUEST_BYTES,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=OUTAGE_MS,
            **self._settings.kafka_security,
        )
        try:
            await self._producer.start()
        except (KafkaError, OSError) as error:
            await self._disconnect()
            raise OutletClosed(f"Kafka at {self._settings.kafka} does not answer (FLOORCAST_KAFKA): {error}") from None
        try:
            await self._find_partitions()
        except BaseException:
            await self._disconnect()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self.emit(())
        finally:
            await self._disconnect()

    async def emit(self, arrivals: Sequence[Arrival]) -> None:
        """Hand the arrivals to Kafka, in order within each partition; returns when what was handed over before them
        is acknowledged, so that little waits in memory.
        """
        before, self._unacknowledged = self._unacknowledged, []
        try:
            for (topic, partition), records in self._parted(arrivals).items():
                await self._send(topic, partition, records)
            await asyncio.gather(*before)
        except KafkaError as error:
            raise OutletClosed(f"Kafka at {self._settings.kafka} refused records: {error}") from error

    async def _disconnect(self) -> None:
        """Stop the producer; where Kafka is away it would wait for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._producer.stop()

    async def _find_partitions(self) -> None:
        """Learn the topics' partitions; those of a topic that was made just now take a moment to appear."""
        for _ in range(APPEAR_TRIES):
            cluster = await self._producer.client.fetch_all_metadata()
            found = {topic: sorted(cluster.partitions_for_topic(topic) or ()) for topic in TOPICS}
            missing = [topic for topic, partitions in found.items() if not partitions]
            if not missing:
                self._partitions = found
                return
            await asyncio.sleep(APPEAR_S)
        raise OutletClosed(f"topics missing: {', '.join(missing)}; `floorcast topics create` makes them")

    def _parted(self, arrivals: Sequence[Arrival]) -> dict[tuple[str, int], list[Arrival]]:
        parted: dict[tuple[str, int], list[Arrival]] = {}
        for arrival in arrivals:
            partitions = self._partitions[arrival.topic]
            place = partitions[self._hash(arrival.key) % len(partitions)]
            parted.setdefault((arrival.topic, place), []).append(arrival)
        return parted

    def _hash(self, key: str) -> int:
        """Return what Kafka's default partitioner makes of a key."""
        known = self._places.get(key)
        if known is None:
            if len(self._places) >= KEYS_KEPT:
                self._places.clear()
            known = self._places[key] = murmur2(key.encode()) & 0x7FFFFFFF
        return known

    async def _send(self, topic: str, partition: int, records: list[Arrival]) -> None:
        batch = self._producer.create_batch()
        for record in records:
            if not _append(batch, record):
                await self._hand_over(batch, topic, partition)
                batch = self._producer.create_batch()
                _append(batch, record)
        await self._hand_over(batch, topic, partition)

    async def _hand_over(self, batch: Any, topic: str, partition: int) -> None:
        batch.close()
        self._unacknowledged.append(await self._producer.send_batch(batch, topic, partition=partition))


def _append(batch: Any, record: Arrival) -> bool:
    """Return whether the record fits."""
    added = batch.append(timestamp=record.at_ms, key=record.key.encode(), value=record.value)
    return added is not None
