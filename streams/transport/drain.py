"""Takes what aiokafka has fetched, still packed: records are made when somebody reads them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, dropwhile
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException

from streams.transport.batch import Batch
from streams.transport.checksums import CURRENT

FETCHED_BATCHES = 2
"""A drain stops after so many times the records of one batch: what has been fetched need not all wait in streams."""


async def drain(
    fetcher: Any,
    partitions: set[TopicPartition],
    seeks: Mapping[TopicPartition, int],
    timeout_s: float,
    most: int,
    wanted: Callable[[], bool] = lambda: True,
) -> list[Batch]:
    """Return what there is of `partitions`: of each about `most` records at most, since Kafka's batches stay whole.

    `seeks` says how often each partition has been sought. Waits for a fetch if there is none, and returns nothing after
    `timeout_s`, nor while nothing is `wanted`: what is taken will not come again. There is no await between the taking
    and the return. Raises what aiokafka's fetcher found wrong.
    """
    subscriptions = fetcher._subscriptions
    if subscriptions.reassignment_in_progress:
        await subscriptions.wait_for_assignment()
    drained = _take(fetcher, partitions, seeks, most) if wanted() else []
    if drained or not timeout_s:
        return drained
    waiter = fetcher._create_fetch_waiter()
    done, _ = await asyncio.wait([waiter], timeout=timeout_s)
    if not done:
        waiter.cancel()
        return []
    if fetcher._closed:
        raise ConsumerStoppedError
    waiter.result()
    if subscriptions.reassignment_in_progress or not wanted():
        return []
    return _take(fetcher, partitions, seeks, most)


def _take(fetcher: Any, partitions: set[TopicPartition], seeks: Mapping[TopicPartition, int], most: int) -> list[Batch]:
    drained: list[Batch] = []
    room = FETCHED_BATCHES * most
    for tp in list(fetcher._records):
        if room <= 0:
            break
        if tp not in partitions:
            if not fetcher._subscriptions.is_assigned(tp):
                del fetcher._records[tp]
            continue
        found = fetcher._records[tp]
        if type(found) is not FetchResult:
            if drained:  # the error is raised by the next call: nothing that was taken may be lost
                return drained
            del fetcher._records[tp]
            fetcher._notify(fetcher._wait_consume_future)
            found.check_raise()
            continue
        if taken := _batch(found, tp, seeks.get(tp, 0), most):
            drained.append(taken)
            room -= taken.end - taken.start
        if not found.has_more():
            del fetcher._records[tp]
            fetcher._notify(fetcher._wait_consume_future)
    return drained


def _batch(found: Any, tp: TopicPartition, seek: int, most: int) -> Batch | None:
    """Take records of one partition; None if there are none or a seek or a new assignment has made them void."""
    fetched = found._partition_records
    if fetched is None or not found.check_assignment(tp):
        return None
    fetched._records_iterator = None  # aiokafka's own, not used here: it would keep the whole fetch in a cycle
    start = end = fetched.next_fetch_offset
    packed: deque[Any] = deque()
    while fetched._records.has_next() and end - start < most:
        batch = fetched._records.next_batch()
        if batch.magic < CURRENT and not batch.validate_crc():
            raise CorruptRecordException(f"broken checksum in {tp} at {batch.base_offset}")
        if not _void(fetched, batch):
            packed.append(batch if batch.base_offset >= start else _from(start, batch))
        fetched.next_fetch_offset = end = batch.next_offset
    found._update_position()
    if not fetched._records.has_next():
        found._partition_records = None
    if end == start:
        return None
    return Batch(tp.topic, tp.partition, start, end, seek, chain.from_iterable(_popped(packed)))


def _from(start: int, batch: Iterable[Any]) -> Iterator[Any]:
    """Return the records of one of Kafka's batches save those before `start`."""
    return dropwhile(lambda record: record.offset < start, batch)


def _popped(batches: deque[Any]) -> Iterator[Any]:
    """Yield batches and let each go when it has been read."""
    while batches:
        yield batches.popleft()


def _void(fetched: Any, batch: Any) -> bool:
    """Say whether a batch holds no events: Kafka's own markers, and what belongs to an aborted transaction."""
    if batch.producer_id is not None:
        fetched._consume_aborted_up_to(batch.base_offset)
    if batch.is_control_batch:
        if fetched._contains_abort_marker(batch):
            fetched._aborted_producers.discard(batch.producer_id)
        return True
    return bool(batch.is_transactional and batch.producer_id in fetched._aborted_producers)
