"""Whatever goes wrong with a batch, its partition goes back to the ledger, and the others are not held up."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from streams.store.memory import MemoryStore
from streams.store.protocol import HOUR_MS, Partition
from streams.transport import Batch, Fetch
from streams.worker import processor as module
from streams.worker.metrics import WorkerMetrics
from streams.worker.partition import PartitionMemory
from streams.worker.processor import Processor
from streams.worker.reading import CHUNK
from streams.worker.rows import RowNames
from tests.records import batch_of
from tests.worker.parts import FACTS, READERS, held

PARTITIONS = [Partition("calls", number) for number in range(3)]
NOW = 500_000 * HOUR_MS


class Bench:
    """A processor of three partitions, and what becomes of their batches."""

    def __init__(self, memories: dict[Partition, PartitionMemory], reader: Any = None, facts: Any = FACTS) -> None:
        self.memories = memories
        self.lost: list[Partition] = []
        self.put: list[tuple[Partition, int]] = []
        owner: Any = SimpleNamespace(memory=memories.get, lost=lambda memory: self.lost.append(memory.partition))
        applier: Any = SimpleNamespace(put=self._put)
        letters: Any = SimpleNamespace(park=self._park)
        names = RowNames(MemoryStore(), 10)
        readers = READERS if reader is None else lambda _: reader
        self.processor = Processor(readers, facts, owner, applier, letters, names, WorkerMetrics())

    async def _put(self, entry: Any) -> None:
        self.put.append((entry.memory.partition, entry.records))

    async def _park(self, batch: Batch, parked: Sequence[Any]) -> None:
        """Nothing is kept."""


async def bench(reader: Any = None, facts: Any = FACTS) -> Bench:
    store = MemoryStore()
    return Bench({source: await held(store, source) for source in PARTITIONS}, reader, facts)


def batches(sizes: Sequence[int], seek: int = -1) -> list[Batch]:
    return [
        batch_of(source, 0, [(NOW, b"no JSON")] * size, seek) for source, size in zip(PARTITIONS, sizes, strict=True)
    ]


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0)


async def test_every_batch_of_a_fetch_is_handed_over_with_its_records() -> None:
    made = await bench()
    fetch = Fetch("calls", batches([2, CHUNK + 1, 3]))
    await made.processor.take(fetch)
    assert made.put == [(PARTITIONS[0], 2), (PARTITIONS[1], CHUNK + 1), (PARTITIONS[2], 3)]
    assert (made.lost, fetch.batches) == ([], [])


async def test_batches_that_a_seek_has_overtaken_are_dropped() -> None:
    made = await bench()
    first, second, third = batches([1, 1, 1])
    second.seek = 4
    await made.processor.take(Fetch("calls", [first, second, third]))
    assert [partition for partition, _ in made.put] == [PARTITIONS[0], PARTITIONS[2]]
    assert made.lost == []


async def test_a_batch_that_does_not_begin_where_the_last_one_ended_goes_back_to_the_ledger() -> None:
    made = await bench()
    await made.processor.take(Fetch("calls", [batch_of(PARTITIONS[0], 5, [(NOW, b"no JSON")], -1)]))
    assert (made.put, made.lost) == ([], [PARTITIONS[0]])


async def test_a_batch_that_cannot_be_unpacked_is_lost_alone() -> None:
    def broken() -> Iterator[Any]:
        raise OSError("broken")
        yield

    made = await bench()
    first, _, third = batches([1, 1, 1])
    bad = Batch("calls", 1, 0, 1, -1, broken())
    await made.processor.take(Fetch("calls", [first, bad, third]))
    assert [partition for partition, _ in made.put] == [PARTITIONS[0], PARTITIONS[2]]
    assert made.lost == [PARTITIONS[1]]


async def test_batches_that_fail_together_are_lost_unless_a_seek_has_overtaken_them_and_later_ones_are_not() -> None:
    class Reader:
        def read(self, few: Sequence[Batch]) -> Any:
            if len(few) > 1:
                raise RuntimeError("together")
            return READERS("calls").read(few)

    made = await bench(Reader())
    await made.processor.take(Fetch("calls", batches([1, 1, CHUNK])))
    assert made.lost == PARTITIONS[:2]
    assert made.put == [(PARTITIONS[2], CHUNK)]
    made.lost.clear()
    first, second, _ = batches([1, 1, 1])
    second.seek = 4
    await made.processor.take(Fetch("calls", [first, second]))
    assert made.lost == PARTITIONS[:1]


async def test_small_batches_are_counted_together_and_those_that_cannot_be_are_lost_without_the_others() -> None:
    together: list[int] = []

    class Facts:
        def count(self, tallies: Sequence[Any]) -> Any:
            together.append(len(tallies))
            if len(tallies) > 1:
                raise RuntimeError("together")
            return FACTS("calls").count(tallies)

        def pack(self, *told: Any) -> None:
            FACTS("calls").pack(*told)

    made = await bench(facts=lambda _: Facts())
    await made.processor.take(Fetch("calls", batches([1, 1, CHUNK])))
    assert together == [2, 1]
    assert made.lost == PARTITIONS[:2]
    assert made.put == [(PARTITIONS[2], CHUNK)]


async def test_what_dies_while_names_are_learnt_is_not_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    made = await bench()
    learn = RowNames.learn

    async def slowly(self: RowNames, keys: Any) -> None:
        made.memories[PARTITIONS[1]].alive = False
        await learn(self, keys)

    monkeypatch.setattr(RowNames, "learn", slowly)
    await made.processor.take(Fetch("calls", batches([1, 1, 1])))
    assert [partition for partition, _ in made.put] == [PARTITIONS[0], PARTITIONS[2]]
    assert made.lost == []
