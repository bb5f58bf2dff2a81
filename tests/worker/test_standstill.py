"""A partition whose consumer is elsewhere for long, and neither moves, is told; whatever has a good reason is not."""

import pytest

from streams.store.memory import MemoryStore
from streams.store.protocol import Partition
from streams.worker.partition import PartitionMemory
from streams.worker.standstill import LOOKS, Standstill
from tests.worker.parts import CALLS, MAILS, held


class Bench:
    """Two partitions, and a consumer that has taken as much as it is told."""

    def __init__(self, calls: PartitionMemory, mails: PartitionMemory) -> None:
        self.calls, self.mails = calls, mails
        self.taken: dict[Partition, int | None] = {CALLS: 7, MAILS: 0}
        self.standstill = Standstill(lambda: self)

    def taken_to(self, partition: Partition) -> int | None:
        """Be the consumer."""
        return self.taken[partition]

    def looks(self, times: int) -> list[PartitionMemory]:
        """Look so many times; return what the last look found, and see to it that none before it found anything."""
        for _ in range(times - 1):
            assert self.standstill.look([self.calls, self.mails]) == []
        return self.standstill.look([self.calls, self.mails])


@pytest.fixture
async def bench() -> Bench:
    store = MemoryStore()
    return Bench(await held(store, CALLS), await held(store, MAILS))


def test_what_was_taken_and_never_came_is_told(bench: Bench) -> None:
    assert bench.looks(LOOKS + 1) == [bench.calls]


def test_a_consumer_that_fell_back_is_told(bench: Bench) -> None:
    bench.calls.next = bench.calls.applied = 9
    assert bench.looks(LOOKS + 1) == [bench.calls]


def test_a_consumer_that_goes_on_taking_is_not(bench: Bench) -> None:
    assert bench.looks(LOOKS) == []
    bench.taken[CALLS] = 8
    assert bench.looks(LOOKS) == []


def test_a_memory_that_goes_on_counting_is_not(bench: Bench) -> None:
    assert bench.looks(LOOKS) == []
    bench.calls.next = bench.calls.applied = 3
    assert bench.looks(LOOKS) == []


def test_a_batch_on_its_way_into_the_store_is_waited_for(bench: Bench) -> None:
    bench.calls.next = 3
    assert bench.looks(2 * LOOKS) == []


def test_a_position_that_is_not_known_says_nothing(bench: Bench) -> None:
    bench.taken[CALLS] = None
    assert bench.looks(2 * LOOKS) == []


async def test_a_memory_that_was_made_anew_begins_anew(bench: Bench) -> None:
    assert bench.looks(LOOKS) == []
    bench.calls = await held(MemoryStore(), CALLS)
    assert bench.looks(LOOKS) == []
