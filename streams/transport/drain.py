"""Takes what aiokafka has fetched, as columns, without an object of its own for every record."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException

from streams.transport.batch import Batch
from streams.transport.checksums import CURRENT

Drained = tuple[TopicPartition, int, int, list[Any]]
"""A partition, where the consumer stood before and stands after, and the records between."""
FETCHED_BATCHES = 2
"""A drain stops after so many times the records of one batch: what has been fetched need not all wait in streams."""


async def drain(
    fetcher: Any,
    partitions: set[TopicPartition],
    timeout_s: float,
    most: int,
    wanted: Callable[[], bool] = lambda: True,
) -> list[Drained]:
    """Return what there is of `partitions`: of each about `most` records at most, since Kafka's batches stay whole.

    Waits for a fetch if there is none, and returns nothing after `timeout_s`, nor while nothing is `wanted`: what is
    taken will not come again. There is no await between the taking and the return. Raises what aiokafka's fetcher
    found wrong.
    """
    subscriptions = fetcher._subscriptions
    if subscriptions.reassignment_in_progress:
        await subscriptions.wait_for_assignment()
    drained = _take(fetcher, partitions, most) if wanted() else []
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
    return _take(fetcher, partitions, most)


def _take(fetcher: Any, partitions: set[TopicPartition], most: int) -> list[Drained]:
    drained: list[Drained] = []
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
        if taken := _records(found, tp, most):
            drained.append(taken)
            room -= len(taken[3])
        if not found.has_more():
            del fetcher._records[tp]
            fetcher._notify(fetcher._wait_consume_future)
    return drained


def _records(found: Any, tp: TopicPartition, most: int) -> Drained | None:
    """Take records of one partition; None if there are none or a seek or a new assignment has made them void."""
    fetched = found._partition_records
    if fetched is None or not found.check_assignment(tp):
        return None
    fetched._records_iterator = None  # aiokafka's own, not used here: it would keep the whole fetch in a cycle
    start = fetched.next_fetch_offset
    records: list[Any] = []
    while fetched._records.has_next() and len(records) < most:
        batch = fetched._records.next_batch()
        if batch.magic < CURRENT and not batch.validate_crc():
            raise CorruptRecordException(f"broken checksum in {tp} at {batch.base_offset}")
        if not _void(fetched, batch):
            records.extend(batch)
        fetched.next_fetch_offset = batch.next_offset
    end = fetched.next_fetch_offset
    found._update_position()
    if not fetched._records.has_next():
        found._partition_records = None
    before = next((place for place, record in enumerate(records) if record.offset >= start), len(records))
    return (tp, start, end, records[before:]) if end > start else None


def _void(fetched: Any, batch: Any) -> bool:
    """Say whether a batch holds no events: Kafka's own markers, and what belongs to an aborted transaction."""
    if batch.producer_id is not None:
        fetched._consume_aborted_up_to(batch.base_offset)
    if batch.is_control_batch:
        if fetched._contains_abort_marker(batch):
            fetched._aborted_producers.discard(batch.producer_id)
        return True
    return bool(batch.is_transactional and batch.producer_id in fetched._aborted_producers)


def batches(drained: list[Drained], seeks: Mapping[TopicPartition, int]) -> list[Batch]:
    """Return what was drained as batches, tagged with each partition's number of seeks."""
    return [
        Batch(
            topic=tp.topic,
            partition=tp.partition,
            start=start,
            end=end,
            seek=seeks.get(tp, 0),
            offsets=[record.offset for record in records],
            arrivals=[record.timestamp for record in records],
            keys=[record.key for record in records],
            values=[record.value for record in records],
        )
        for tp, start, end, records in drained
    ]
