"""What is drained says where it begins, where it ends and after which seek, and nothing that was taken is lost."""

import asyncio
from collections import deque
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchError, FetchResult, PartitionRecords
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import ConsumerStoppedError, OffsetOutOfRangeError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from streams.transport.drain import FETCHED_BATCHES, drain

ONE, TWO, THREE = (TopicPartition("calls", number) for number in range(3))
PLENTY = 1000


def packed(base: int, count: int, *, producer: int = -1, transactional: bool = False) -> bytes:
    """Return one of Kafka's record batches, with offsets from `base` on."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=int(transactional),
        producer_id=producer,
        producer_epoch=0,
        base_sequence=0,
        batch_size=1 << 20,
    )
    for place in range(count):
        builder.append(place, timestamp=1_000 + base + place, key=b"k", value=b"%d" % (base + place), headers=[])
    made = builder.build()
    made[:8] = base.to_bytes(8, "big")
    return bytes(made)


class Fetcher:
    """aiokafka's fetcher, as far as it holds what has been fetched."""

    def __init__(self, *partitions: TopicPartition) -> None:
        self._subscriptions = SubscriptionState()
        self._subscriptions.assign_from_user(partitions)
        self._records: dict[TopicPartition, Any] = {}
        self._closed = False
        self._wait_consume_future: asyncio.Future[None] | None = None
        self.waiters: deque[asyncio.Future[None]] = deque()
        for partition in partitions:
            self.seek(partition, 0)

    @property
    def assignment(self) -> Any:
        return self._subscriptions.subscription.assignment

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._subscriptions.seek(partition, offset)

    def position(self, partition: TopicPartition) -> int:
        return int(self.assignment.state_value(partition).position)

    def bring(self, partition: TopicPartition, begin: int, *sets: bytes, aborted: Any = ()) -> None:
        """Hold a fetch that was asked for from `begin` on."""
        memory = MemoryRecords(b"".join(sets))
        fetched = PartitionRecords(partition, memory, aborted, begin, None, None, False, READ_COMMITTED)
        self._records[partition] = FetchResult(
            partition, assignment=self.assignment, partition_records=fetched, backoff=0
        )
        for waiter in self.waiters:
            waiter.set_result(None)

    def fail(self, partition: TopicPartition, error: Exception) -> None:
        self._records[partition] = FetchError(error=error, backoff=0)

    def _create_fetch_waiter(self) -> asyncio.Future[None]:
        self.waiters.append(asyncio.get_running_loop().create_future())
        return self.waiters[-1]

    def _notify(self, _: Any) -> None:
        """Nobody waits for room here."""


async def taken(fetcher: Fetcher, most: int = PLENTY, *, of: set[TopicPartition] | None = None) -> list[Any]:
    """Return (partition, start, end, values) of a drain that does not wait."""
    drained = await drain(fetcher, {ONE, TWO, THREE} if of is None else of, {}, 0, most)
    return [
        (
            TopicPartition(one.topic, one.partition),
            one.start,
            one.end,
            [int(record.value or b"") for record in one.read(PLENTY)],
        )
        for one in drained
    ]


async def test_a_drain_begins_where_the_consumer_stood_and_ends_where_it_stands() -> None:
    fetcher = Fetcher(ONE)
    fetcher.bring(ONE, 0, packed(0, 3), packed(3, 2))
    assert await taken(fetcher) == [(ONE, 0, 5, [0, 1, 2, 3, 4])]
    assert fetcher.position(ONE) == 5
    assert await taken(fetcher) == []


async def test_consecutive_drains_meet_and_keep_kafkas_batches_whole() -> None:
    fetcher = Fetcher(ONE)
    fetcher.bring(ONE, 0, packed(0, 3), packed(3, 3), packed(6, 3))
    assert await taken(fetcher, 4) == [(ONE, 0, 6, [0, 1, 2, 3, 4, 5])]
    assert await taken(fetcher, 4) == [(ONE, 6, 9, [6, 7, 8])]


async def test_offsets_that_are_missing_leave_no_hole_between_batches() -> None:
    fetcher = Fetcher(ONE)
    fetcher.bring(ONE, 0, packed(2, 2), packed(9, 1))
    assert await taken(fetcher, 1) == [(ONE, 0, 4, [2, 3])]
    assert await taken(fetcher, 1) == [(ONE, 4, 10, [9])]


async def test_what_lies_before_the_position_in_a_batch_is_left_out() -> None:
    fetcher = Fetcher(ONE)
    fetcher.seek(ONE, 2)
    fetcher.bring(ONE, 2, packed(0, 5))
    assert await taken(fetcher) == [(ONE, 2, 5, [2, 3, 4])]


async def test_a_seek_makes_what_was_fetched_before_it_void() -> None:
    fetcher = Fetcher(ONE, TWO)
    fetcher.bring(ONE, 0, packed(0, 3))
    fetcher.bring(TWO, 0, packed(0, 1))
    fetcher.seek(ONE, 1)
    assert await taken(fetcher) == [(TWO, 0, 1, [0])]
    assert ONE not in fetcher._records


async def test_an_aborted_transaction_moves_the_position_and_brings_nothing() -> None:
    fetcher = Fetcher(ONE)
    fetcher.bring(ONE, 0, packed(0, 3, producer=7, transactional=True), packed(3, 1), aborted=[(7, 0)])
    assert await taken(fetcher) == [(ONE, 0, 4, [3])]
    fetcher.bring(ONE, 4, packed(4, 2, producer=7, transactional=True), aborted=[(7, 4)])
    assert await taken(fetcher) == [(ONE, 4, 6, [])]


async def test_partitions_that_are_not_asked_for_stay() -> None:
    fetcher = Fetcher(ONE, TWO)
    fetcher.bring(ONE, 0, packed(0, 1))
    fetcher.bring(TWO, 0, packed(0, 1))
    assert await taken(fetcher, of={TWO}) == [(TWO, 0, 1, [0])]
    assert await taken(fetcher, of={ONE}) == [(ONE, 0, 1, [0])]


async def test_a_drain_takes_a_few_batches_records_at_most() -> None:
    fetcher = Fetcher(ONE, TWO)
    fetcher.bring(ONE, 0, packed(0, 2 * FETCHED_BATCHES))
    fetcher.bring(TWO, 0, packed(0, 1))
    assert [tp for tp, *_ in await taken(fetcher, 2)] == [ONE]
    assert [tp for tp, *_ in await taken(fetcher, 2)] == [TWO]


async def test_an_error_is_raised_after_what_was_taken_before_it_is_handed_over() -> None:
    fetcher = Fetcher(ONE, TWO)
    fetcher.bring(ONE, 0, packed(0, 1))
    fetcher.fail(TWO, OffsetOutOfRangeError({TWO: 0}))
    assert await taken(fetcher) == [(ONE, 0, 1, [0])]
    with pytest.raises(OffsetOutOfRangeError):
        await taken(fetcher)


async def test_a_drain_waits_for_a_fetch_and_not_for_ever() -> None:
    fetcher = Fetcher(ONE)
    waiting = asyncio.create_task(drain(fetcher, {ONE}, {}, 60, PLENTY))
    while not fetcher.waiters:  # noqa: ASYNC110
        await asyncio.sleep(0)
    fetcher.bring(ONE, 0, packed(0, 1))
    assert len(await waiting) == 1
    fetcher.waiters.clear()
    assert await drain(fetcher, {ONE}, {}, 0.001, PLENTY) == []
    assert fetcher.waiters[0].cancelled()


async def test_what_comes_while_it_is_not_wanted_stays_for_the_next_drain() -> None:
    fetcher, wanted = Fetcher(ONE), [True]
    waiting = asyncio.create_task(drain(fetcher, {ONE}, {}, 60, PLENTY, lambda: wanted[-1]))
    while not fetcher.waiters:  # noqa: ASYNC110
        await asyncio.sleep(0)
    wanted.append(False)
    fetcher.bring(ONE, 0, packed(0, 2))
    assert await waiting == []
    assert await drain(fetcher, {ONE}, {}, 0, PLENTY, lambda: wanted[-1]) == []
    assert await taken(fetcher) == [(ONE, 0, 2, [0, 1])]


async def test_a_fetcher_that_was_closed_says_so() -> None:
    fetcher = Fetcher(ONE)
    waiting = asyncio.create_task(drain(fetcher, {ONE}, {}, 60, PLENTY))
    while not fetcher.waiters:  # noqa: ASYNC110
        await asyncio.sleep(0)
    fetcher._closed = True
    fetcher.waiters[0].set_result(None)
    with pytest.raises(ConsumerStoppedError):
        await waiting


async def test_batches_carry_the_number_of_seeks_and_records_with_their_arrival_key_and_value() -> None:
    fetcher = Fetcher(ONE, TWO)
    fetcher.bring(ONE, 0, packed(0, 2))
    fetcher.bring(TWO, 0, packed(0, 1))
    first, second = await drain(fetcher, {ONE, TWO}, {ONE: 3}, 0, PLENTY)
    assert (first.topic, first.partition, first.start, first.end, first.seek) == ("calls", 0, 0, 2, 3)
    records = [(one.offset, one.timestamp, one.key, one.value) for one in first.read(PLENTY)]
    assert records == [(0, 1000, b"k", b"0"), (1, 1001, b"k", b"1")]
    assert second.seek == 0
