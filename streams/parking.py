"""The dead-letter producer: refused records go to `<topic>-dlq` with their original bytes and the reason."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from stamina import AsyncRetryingCaller

from schemas.refusals import VALUE_MAX_BYTES
from streams.transport import Batch
from streams.worker.tally import Parked

log = structlog.get_logger(__name__)

FULL = 65_536
"""Bytes of a batch of letters."""
LARGE = 16_384
"""A letter with more bytes of key and value goes by itself."""
SLOW_S = 5.0
"""What waits for longer holds up its partition, and is told; the producer itself gives up much later."""

Header = tuple[str, bytes]


class Letter(NamedTuple):
    """What is sent for a refused record."""

    key: bytes | None
    value: bytes | None
    headers: list[Header]

    @classmethod
    def of(cls, batch: Batch, parked: Parked) -> Self:
        """Return the letter of a record of a batch."""
        return cls(parked.record.key, parked.record.value, headers(batch, parked))

    @property
    def source(self) -> dict[str, str]:
        """Where the record was refused: topic, partition and offset."""
        return {name: value.decode() for name, value in self.headers if name.startswith("source_")}

    @property
    def is_large(self) -> bool:
        """Whether it goes by itself."""
        return len(self.key or b"") + len(self.value or b"") > LARGE

    def put_into(self, builder: BatchBuilder) -> bool:
        """Say whether there was room; the first letter always has room, however large it is."""
        return builder.append(timestamp=None, **self._asdict()) is not None

    def cut(self) -> "Letter":
        """Return the letter with as much of its value as an event may have."""
        value = self.value or b""
        return Letter(self.key, value[:VALUE_MAX_BYTES], [*self.headers, ("cut_from_bytes", b"%d" % len(value))])


class DeadLetters:
    """Parks refused records. A crash between parking and the ledger's step parks them again, and so may an answer of the
    broker's that gets lost: the headers tell which source offset a dead letter stands for. (An idempotent producer of
    aiokafka's could send nothing more to a partition that has once refused a batch.)
    """

    def __init__(self, bootstrap: str, **security: Any) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", linger_ms=5, max_batch_size=FULL, **security
        )
        self._retry = AsyncRetryingCaller(timeout=None, attempts=None, wait_initial=0.1, wait_max=2.0).on(KafkaError)
        self._waiting: dict[str, str] = {}

    @property
    def waiting(self) -> list[str]:
        """What refused records wait for, in words: they are tried again and again, and hold up their partitions."""
        return list(self._waiting.values())

    async def start(self) -> None:
        """Connect. Raises KafkaError when no broker answers."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is waiting and disconnect."""
        await self._producer.stop()

    async def park(self, batch: Batch, parked: Sequence[Parked]) -> None:
        """Return when the broker has acknowledged every parked record; tries until it does."""
        place = f"{batch.topic}-{batch.partition}"
        words = f"refused records of {place} wait for {batch.topic}-dlq"
        slow = asyncio.get_running_loop().call_later(SLOW_S, self._waiting.setdefault, place, words)
        try:
            await self._retry(self._try, place, batch, parked)
        finally:
            slow.cancel()
            self._waiting.pop(place, None)

    async def _try(self, place: str, batch: Batch, parked: Sequence[Parked]) -> None:
        try:
            await self._send(batch, parked)
        except KafkaError as error:
            words = f"refused records of {place} cannot be parked in {batch.topic}-dlq: {error!r}"
            if self._waiting.get(place) != words:
                log.warning("dead letters wait", reason=words, start=batch.start, end=batch.end)
            self._waiting[place] = words
            raise

    async def _send(self, batch: Batch, parked: Sequence[Parked]) -> None:
        topic = f"{batch.topic}-dlq"
        partitions = sorted(await self._producer.partitions_for(topic))
        partition = partitions[batch.partition % len(partitions)]
        letters = [Letter.of(batch, one) for one in parked]
        for letter in letters:
            if letter.is_large:
                await self._send_one(topic, partition, letter)
        sent = [
            (together, await self._producer.send_batch(builder, topic, partition=partition))
            for builder, together in self._filled(letter for letter in letters if not letter.is_large)
        ]
        for together, acknowledged in sent:
            try:
                await acknowledged
            except MessageSizeTooLargeError:  # the topic may take each of them
                for letter in together:
                    await self._send_one(topic, partition, letter)

    def _filled(self, letters: Iterable[Letter]) -> Iterator[tuple[BatchBuilder, list[Letter]]]:
        """Yield batches, each with the letters that it holds."""
        builder, together = self._producer.create_batch(), list[Letter]()
        for letter in letters:
            if not letter.put_into(builder):
                yield builder, together
                builder, together = self._producer.create_batch(), []
                letter.put_into(builder)
            together.append(letter)
        if together:
            yield builder, together

    async def _send_one(self, topic: str, partition: int, letter: Letter) -> None:
        """Send a letter by itself, compressed: so a large one may have come past the broker's limit.

        If it is too large all the same, its value is cut: a partition must not stand still for it, and the whole of it
        still stands where it was refused.
        """
        try:
            await self._send_alone(topic, partition, letter)
        except MessageSizeTooLargeError:
            log.error("dead letter cut", **letter.source)
            await self._send_alone(topic, partition, letter.cut())

    async def _send_alone(self, topic: str, partition: int, letter: Letter) -> None:
        builder = BatchBuilder(LARGE, DefaultRecordBatch.CODEC_GZIP)
        letter.put_into(builder)
        future = await self._producer.send_batch(builder, topic, partition=partition)
        await future


def headers(batch: Batch, parked: Parked) -> list[Header]:
    """Return the headers of a dead letter: UTF-8 text, numbers in decimal."""
    return [
        ("reason", parked.reason.encode()),
        ("error", parked.error.encode("utf-8", "replace")),
        ("source_topic", batch.topic.encode()),
        ("source_partition", b"%d" % batch.partition),
        ("source_offset", b"%d" % parked.record.offset),
    ]
