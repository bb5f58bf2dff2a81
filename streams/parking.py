"""The dead-letter producer: refused records go to `<topic>-dlq` with their original bytes and the reason."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
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
"""Bytes of a batch of letters, where the topic takes so many."""
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

    def cuts(self) -> Iterator["Letter"]:
        """Yield the letter with less and less of its value: first with as much as an event may have."""
        value = self.value or b""
        size = VALUE_MAX_BYTES if len(value) > VALUE_MAX_BYTES else len(value) // 2
        while size:
            yield Letter(self.key, value[:size], [*self.headers, ("cut_from_bytes", b"%d" % len(value))])
            size //= 2


class DeadLetters:
    """Parks refused records. A crash between parking and the ledger's step parks them again, and so may an answer of the
    broker's that gets lost: the headers tell which source offset a dead letter stands for. (An idempotent producer of
    aiokafka's could send nothing more to a partition that has once refused a batch.)
    """

    def __init__(self, bootstrap: str, **security: Any) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5, **security)
        self._retry = AsyncRetryingCaller(timeout=None, attempts=None, wait_initial=0.1, wait_max=2.0).on(KafkaError)
        self._full: dict[str, int] = {}
        """Topic → bytes of a batch that it takes, where these are fewer."""
        self._turns: dict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        """By partition of letters: of several who wait there, aiokafka lets some give up at once."""
        self._waiting: dict[object, str] = {}

    @property
    def waiting(self) -> list[str]:
        """What refused records wait for, in words: they are tried again and again, and hold up their partitions."""
        return list(dict.fromkeys(self._waiting.values()))

    async def start(self) -> None:
        """Connect. Raises KafkaError when no broker answers."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is waiting and disconnect."""
        await self._producer.stop()

    async def park(self, batch: Batch, parked: Sequence[Parked]) -> None:
        """Return when the broker has acknowledged every parked record; tries until it does."""
        left = [Letter.of(batch, one) for one in parked]
        mine = object()
        words = f"refused records of {batch.topic}-{batch.partition} wait for {batch.topic}-dlq"
        slow = asyncio.get_running_loop().call_later(SLOW_S, self._waiting.setdefault, mine, words)
        try:
            await self._retry(self._try, mine, batch, left)
        finally:
            slow.cancel()
            self._waiting.pop(mine, None)

    async def _try(self, mine: object, batch: Batch, left: list[Letter]) -> None:
        try:
            await self._send(batch, left)
        except KafkaError as error:
            place = f"{batch.topic}-{batch.partition}"
            words = f"refused records of {place} cannot be parked in {batch.topic}-dlq: {error!r}"
            if self._waiting.get(mine) != words:
                log.warning("dead letters wait", reason=words, start=batch.start, end=batch.end)
            self._waiting[mine] = words
            raise

    async def _send(self, batch: Batch, left: list[Letter]) -> None:
        """Send letters; those that are safe leave the list, so that they are not sent again with the others."""
        topic = f"{batch.topic}-dlq"
        partitions = sorted(await self._producer.partitions_for(topic))
        partition = partitions[batch.partition % len(partitions)]
        while left:
            full = self._full.get(topic, FULL)
            batches = [*_filled(left, full)]
            failed = await self._failed(topic, partition, batches)
            left[:] = [letter for letters, _ in failed for letter in letters]
            for letters, error in failed:
                if not isinstance(error, MessageSizeTooLargeError):
                    raise error
                if len(letters) > 1:
                    self._full[topic] = full // 2
                else:
                    await self._send_cut(topic, partition, letters[0])
                    left.remove(letters[0])

    async def _failed(
        self, topic: str, partition: int, batches: "Sequence[_Filled]"
    ) -> "list[tuple[list[Letter], BaseException]]":
        """Send batches; return the letters of those that the broker did not take, and why."""
        async with self._turns[topic, partition]:
            sent = [await self._producer.send_batch(one.builder, topic, partition=partition) for one in batches]
        answers = await asyncio.gather(*sent, return_exceptions=True)
        return [
            (one.letters, answer)
            for one, answer in zip(batches, answers, strict=True)
            if isinstance(answer, BaseException)
        ]

    async def _send_cut(self, topic: str, partition: int, letter: Letter) -> None:
        """Send as much of a letter as its topic takes: a partition must not stand still for it, and the whole of it still
        stands where it was refused. Raises MessageSizeTooLargeError if the topic takes nothing of it.
        """
        error: BaseException | None = None
        for less in chain([letter], letter.cuts()):
            failed = await self._failed(topic, partition, [_alone(less)])
            if not failed:
                if less is not letter:
                    log.error("dead letter cut", bytes=len(less.value or b""), **letter.source)
                return
            ((_, error),) = failed
            if not isinstance(error, MessageSizeTooLargeError):
                break
        assert error
        self._full.pop(topic, None)  # it says nothing: whoever mends the topic may let it take more than ever
        raise error


class _Filled(NamedTuple):
    """A batch and the letters that it holds."""

    builder: BatchBuilder
    letters: list[Letter]


def _alone(letter: Letter) -> _Filled:
    """Return a letter by itself, compressed: so a large one may have come past the broker's limit."""
    alone = _Filled(BatchBuilder(LARGE, DefaultRecordBatch.CODEC_GZIP), [letter])
    letter.put_into(alone.builder)
    return alone


def _filled(letters: Iterable[Letter], full: int) -> Iterator[_Filled]:
    """Yield batches of letters, and the large ones alone."""
    last: _Filled | None = None
    for letter in letters:
        if letter.is_large:
            yield _alone(letter)
            continue
        if not last or not letter.put_into(last.builder):
            if last:
                yield last
            last = _Filled(BatchBuilder(full, DefaultRecordBatch.CODEC_NONE), [])
            letter.put_into(last.builder)
        last.letters.append(letter)
    if last:
        yield last


def headers(batch: Batch, parked: Parked) -> list[Header]:
    """Return the headers of a dead letter: UTF-8 text, numbers in decimal."""
    return [
        ("reason", parked.reason.encode()),
        ("error", parked.error.encode("utf-8", "replace")),
        ("source_topic", batch.topic.encode()),
        ("source_partition", b"%d" % batch.partition),
        ("source_offset", b"%d" % parked.record.offset),
    ]
