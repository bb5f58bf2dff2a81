"""A net under the fetching: what was taken from Kafka and never came to be counted is noticed, and fetched again.

While records come, the next batch tells by its start that one is missing. When none come any more, nothing would.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from streams.store.protocol import Partition
from streams.worker.partition import PartitionMemory

LOOKS = 15
"""Looks, one every two seconds: longer than fetched batches wait for their turn in a worker that has much to do."""


class Taker(Protocol):
    """The part of the consumer that tells how far it is."""

    def taken_to(self, partition: Partition) -> int | None:
        """Return the offset up to which records have been taken; None while it is not known."""


class Standstill:
    """Looks again and again whether the consumer stands elsewhere than a partition's memory, and neither moves."""

    def __init__(self, consumer: Callable[[], Taker]) -> None:
        self._consumer = consumer
        self._apart: dict[tuple[PartitionMemory, int, int], int] = {}

    def look(self, held: Iterable[PartitionMemory]) -> list[PartitionMemory]:
        """Return the memories that have stood still, apart from their consumer, for LOOKS looks before this one.

        One with a batch on its way into the store stands apart for a good reason.
        """
        apart = {}
        for memory in held:
            taken = self._consumer().taken_to(memory.partition)
            if taken is not None and memory.applied == memory.next != taken:
                one = memory, memory.next, taken
                apart[one] = self._apart.get(one, 0) + 1
        self._apart = apart
        return [memory for (memory, _, _), looks in apart.items() if looks > LOOKS]
