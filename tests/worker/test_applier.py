"""The applier moves batches into the store: in order, all that may go at once, again while the store is away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from streams.store.memory import MemoryStore
from streams.store.protocol import Claim, Delta, Outcome, Partition, StoreUnavailable
from streams.worker import applier as module
from streams.worker.applier import FLIGHTS, WORTH, Applier, Entry
from streams.worker.metrics import WorkerMetrics
from streams.worker.partition import PartitionMemory
from tests.worker.parts import CALLS, MAILS, delta, held, until


class Store(MemoryStore):
    """A store that notes its rounds and fails as told."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds: list[list[tuple[Partition, int]]] = []
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.answers = asyncio.Event()
        """Clear it, and the store takes its time."""
        self.answers.set()
        self.verified_amid: list[int] = []
        """For each verification, how many rounds were waiting for their answer."""
        self._asked = 0

    async def verify(self, held: Sequence[tuple[Partition, Claim, int]]) -> list[bool]:
        self.verified_amid.append(self._asked)
        return await super().verify(held)

    async def apply(self, work: Sequence[tuple[Partition, Claim, Delta]]) -> list[Outcome]:
        self.rounds.append([(partition, one.start) for partition, _, one in work])
        self._asked += 1
        await self.answers.wait()
        self._asked -= 1
        if self.before:
            raise self.before.pop()
        outcomes = await super().apply(work)
        if self.after:
            raise self.after.pop()
        return outcomes


class Bench:
    """An applier and what it deals with."""

    def __init__(self) -> None:
        self.store = Store()
        self.applied: list[tuple[Partition, int]] = []
        self.lost: list[PartitionMemory] = []
        self.memories: list[PartitionMemory] = []
        self.metrics = WorkerMetrics()
        self.silent: set[Partition] = set()
        self.applier = Applier(
            self.store,
            applied=lambda entry: self.applied.append((entry.memory.partition, entry.delta.end)),
            lost=self._lose,
            held=lambda: self.memories,
            metrics=self.metrics,
            silent=lambda partition: partition in self.silent,
            verify_every_s=3600,
        )

    def _lose(self, memory: PartitionMemory) -> None:
        memory.alive = False
        self.lost.append(memory)

    async def hold(self, partition: Partition = CALLS) -> PartitionMemory:
        """Own a partition."""
        memory = await held(self.store, partition)
        self.memories.append(memory)
        return memory

    async def put(
        self, memory: PartitionMemory, start: int, end: int, parked: asyncio.Task[None] | None = None
    ) -> None:
        """Hand over a batch."""
        await self.applier.put(Entry(memory, end - start, delta(start, end), parked, 0.0))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let the applier run."""
        task = asyncio.create_task(self.applier.run())
        yield
        task.cancel()
        await asyncio.wait([task])

    async def counted(self, partition: Partition = CALLS) -> int:
        """Return how often the store has counted."""
        (row,) = await self.store.ledgers([partition])
        assert row
        return row.counters.get("applied", 0)


async def idle() -> None:
    """Give everybody turns enough to do what they are about to do."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", (0.0,))


async def test_what_is_ready_goes_in_one_round_and_a_partitions_batches_in_order() -> None:
    bench = Bench()
    calls, mails = await bench.hold(CALLS), await bench.hold(MAILS)
    for start in (0, 10, 20):
        await bench.put(calls, start, start + 10)
    await bench.put(mails, 0, 5)
    async with bench.running():
        await until(lambda: len(bench.applied) == 4)
    assert bench.store.rounds == [[(CALLS, 0), (MAILS, 0)], [(CALLS, 10)], [(CALLS, 20)]]
    assert calls.applied == 30
    assert bench.lost == []


async def test_while_the_store_is_at_much_work_other_partitions_go_ahead_and_a_partitions_own_batches_wait() -> None:
    bench = Bench()
    calls, mails = await bench.hold(CALLS), await bench.hold(MAILS)
    bench.store.answers.clear()
    async with bench.running():
        await bench.put(calls, 0, WORTH)
        await bench.put(calls, WORTH, 2 * WORTH)
        await until(lambda: len(bench.store.rounds) == 1)
        await idle()
        assert bench.store.rounds == [[(CALLS, 0)]]
        await bench.put(mails, 0, WORTH)
        await until(lambda: len(bench.store.rounds) == 2)
        assert bench.store.rounds == [[(CALLS, 0)], [(MAILS, 0)]]
        bench.store.answers.set()
        await until(lambda: len(bench.applied) == 3)
    assert calls.applied == 2 * WORTH
    assert bench.lost == []


async def test_no_more_than_so_many_rounds_are_under_way_and_little_work_waits_for_the_next_one() -> None:
    bench = Bench()
    memories = [await bench.hold(Partition("calls", number)) for number in range(FLIGHTS + 3)]
    bench.store.answers.clear()
    async with bench.running():
        await bench.put(memories[0], 0, 1)
        await until(lambda: len(bench.store.rounds) == 1)
        await bench.put(memories[1], 0, WORTH - 1)
        await idle()
        assert len(bench.store.rounds) == 1
        for memory in memories[2:]:
            await bench.put(memory, 0, WORTH)
            await idle()
        assert len(bench.store.rounds) == FLIGHTS
        bench.store.answers.set()
        await until(lambda: len(bench.applied) == len(memories))
    assert bench.applier._waiting == 0


async def test_a_verification_waits_until_nothing_is_in_flight() -> None:
    bench = Bench()
    calls = await bench.hold()
    bench.applier._verify_every_s = 0.0
    bench.store.answers.clear()
    async with bench.running():
        await bench.put(calls, 0, 10)
        await until(lambda: bool(bench.store.rounds))
        verified = len(bench.store.verified_amid)
        await idle()
        assert len(bench.store.verified_amid) == verified
        bench.store.answers.set()
        await until(lambda: len(bench.store.verified_amid) > verified)
    assert set(bench.store.verified_amid) == {0}


async def test_what_is_in_flight_ends_with_the_applier() -> None:
    bench = Bench()
    calls = await bench.hold()
    bench.store.answers.clear()
    async with bench.running():
        await bench.put(calls, 0, 10)
        await until(lambda: bool(bench.store.rounds))
        (flight,) = bench.applier._flights
    await until(flight.cancelled)


async def test_a_batch_whose_refusals_are_being_parked_holds_up_its_own_partition_only() -> None:
    bench = Bench()
    calls, mails = await bench.hold(CALLS), await bench.hold(MAILS)
    acknowledged = asyncio.Event()

    async def park() -> None:
        await acknowledged.wait()

    await bench.put(calls, 0, 10, asyncio.create_task(park()))
    await bench.put(calls, 10, 20)
    await bench.put(mails, 0, 5)
    async with bench.running():
        await until(lambda: len(bench.applied) == 1)
        await idle()
        assert bench.applied == [(MAILS, 5)]
        acknowledged.set()
        await until(lambda: len(bench.applied) == 3)
    assert bench.applied == [(MAILS, 5), (CALLS, 10), (CALLS, 20)]


async def test_parking_that_fails_sends_its_partition_back_to_the_ledger() -> None:
    bench = Bench()
    calls = await bench.hold()

    async def park() -> None:
        raise ZeroDivisionError

    await bench.put(calls, 0, 10, asyncio.create_task(park()))
    async with bench.running():
        await until(lambda: bool(bench.lost))
    assert bench.store.rounds == []


async def test_a_store_that_is_away_is_tried_until_it_is_back() -> None:
    bench = Bench()
    calls = await bench.hold()
    bench.store.before = [StoreUnavailable("away")] * 5
    await bench.put(calls, 0, 10)
    async with bench.running():
        await until(lambda: bench.applied == [(CALLS, 10)])
    assert len(bench.store.rounds) == 6
    assert await bench.counted() == 1
    assert bench.metrics.store_unavailable._value.get() == 5


async def test_a_lost_reply_counts_once() -> None:
    bench = Bench()
    calls = await bench.hold()
    bench.store.after = [StoreUnavailable("the reply is lost")]
    await bench.put(calls, 0, 10)
    async with bench.running():
        await until(lambda: bench.applied == [(CALLS, 10)])
    assert len(bench.store.rounds) == 2
    assert await bench.counted() == 1


async def test_a_refused_batch_loses_its_partition_and_drops_what_follows_it() -> None:
    bench = Bench()
    calls, mails = await bench.hold(CALLS), await bench.hold(MAILS)
    await bench.put(calls, 3, 10)
    await bench.put(calls, 10, 20)
    await bench.put(mails, 0, 5)
    async with bench.running():
        await until(lambda: bool(bench.lost and bench.applied))
        await idle()
    assert bench.lost == [calls]
    assert bench.store.rounds == [[(CALLS, 3), (MAILS, 0)]]
    assert await bench.counted() == 0


async def test_a_dead_memorys_batches_are_dropped_with_their_parking() -> None:
    bench = Bench()
    calls = await bench.hold()
    parking = asyncio.create_task(asyncio.Event().wait())
    await bench.put(calls, 0, 10, parking)  # type: ignore[arg-type]  # whatever it returns
    calls.alive = False
    async with bench.running():
        await until(parking.cancelled)
    assert bench.store.rounds == []


async def test_an_error_that_nobody_expects_loses_the_partitions_of_its_round_only() -> None:
    bench = Bench()
    calls, mails = await bench.hold(CALLS), await bench.hold(MAILS)
    bench.store.before = [ZeroDivisionError()]
    await bench.put(calls, 0, 10)
    async with bench.running():
        await until(lambda: bool(bench.lost))
        await bench.put(mails, 0, 5)
        await until(lambda: bench.applied == [(MAILS, 5)])
    assert bench.lost == [calls]


async def test_a_full_queue_holds_up_whoever_puts_until_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOM", 10)
    bench = Bench()
    calls = await bench.hold()
    await bench.put(calls, 0, 10)
    waiting = asyncio.create_task(bench.put(calls, 10, 20))
    await idle()
    assert not waiting.done()
    async with bench.running():
        await until(lambda: len(bench.applied) == 2)
    assert waiting.done()


async def test_a_ledger_that_disagrees_loses_its_partition() -> None:
    bench = Bench()
    calls, mails = await bench.hold(CALLS), await bench.hold(MAILS)
    await bench.store.claim(CALLS, "somebody else", 2)
    async with bench.running():
        await until(lambda: bool(bench.lost))
    assert bench.lost == [calls]
    assert mails.alive


async def test_a_ledger_that_was_lost_is_noticed_on_an_idle_partition() -> None:
    bench = Bench()
    calls = await bench.hold()
    bench.store.lose()
    async with bench.running():
        await until(lambda: bench.lost == [calls])


async def test_verification_notes_when_it_was_answered_and_an_unsafe_policy() -> None:
    bench = Bench()
    await bench.hold()
    assert bench.applier.verified_at == float("-inf")
    bench.store.policy = "allkeys-lru"
    async with bench.running():
        await until(lambda: bench.applier.unsafe_policy == "allkeys-lru")
    assert bench.applier.verified_at > 0
    assert bench.lost == []


async def test_a_partition_that_kafka_says_nothing_of_is_not_verified() -> None:
    bench = Bench()
    await bench.hold(CALLS)
    await bench.hold(MAILS)
    bench.silent = {CALLS}
    before = bench.store.clock_ms
    bench.store.clock_ms += 60_000
    async with bench.running():
        await until(lambda: bench.applier.verified_at > 0)
    calls, mails = await bench.store.ledgers([CALLS, MAILS])
    assert calls and mails
    assert (calls.verified, mails.verified) == (before, bench.store.clock_ms)
    assert bench.applier.unheard == 1
    assert bench.lost == []
    bench.silent = set()
    async with bench.running():
        await until(lambda: bench.applier.unheard == 0)
    (calls,) = await bench.store.ledgers([CALLS])
    assert calls
    assert calls.verified == bench.store.clock_ms


async def test_after_a_pause_of_its_own_a_worker_takes_nobody_for_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    await bench.hold(CALLS)
    bench.silent = {CALLS}
    now_s = 1000.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now_s)
    assert [len(bench.applier._heard()) for _ in range(2)] == [0, 0]
    now_s += 3 * bench.applier._verify_every_s
    assert [len(bench.applier._heard()) for _ in range(2)] == [1, 0]
