"""Takes what aiokafka has fetched, as columns, without an object of its own for every record."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import ConsumerStoppedError

from streams.transport.batch import Batch


def _as_is(_tp: TopicPartition, record: Any) -> Any:
    return record


async def drain(fetcher: Any, partitions: set[TopicPartition], timeout_s: float, most: int) -> list[Any]:
    """Return [(partition, start, end, records)] of all `partitions` that have some: at most `most` records of each.

    Waits for a fetch if there is none, and returns nothing after `timeout_s`. There is no await between the taking
    and the return. Raises what aiokafka's fetcher found wrong.
    """
    subscriptions = fetcher._subscriptions
    if subscriptions.reassignment_in_progress:
        await subscriptions.wait_for_assignment()
    drained = _take(fetcher, partitions, most)
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
    if subscriptions.reassignment_in_progress:
        return []
    return _take(fetcher, partitions, most)


def _take(fetcher: Any, partitions: set[TopicPartition], most: int) -> list[Any]:
    drained: list[Any] = []
    for tp in list(fetcher._records):
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
        if not found.has_more():
            del fetcher._records[tp]
            fetcher._notify(fetcher._wait_consume_future)
    return drained


def _records(found: Any, tp: TopicPartition, most: int) -> tuple[TopicPartition, int, int, list[Any]] | None:
    """Take records of one partition; None if a seek or a new assignment has made them void."""
    fetched = found._partition_records
    if fetched is None or not found.check_assignment(tp):
        return None
    start = fetched.next_fetch_offset
    fetched._consumer_record = _as_is
    records = found.getall(most)
    return tp, start, fetched.next_fetch_offset, records


def batches(drained: list[Any], seeks: Mapping[TopicPartition, int]) -> list[Batch]:
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
