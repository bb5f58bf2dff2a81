"""The owner takes partitions where the ledger says, waits for whoever still owns them, and goes back when told to."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from aiokafka.errors import IllegalStateError

from streams.store.memory import MemoryStore
from streams.store.protocol import HOUR_MS, Claim, Delta, Memory, Partition
from streams.worker import owner as module
from streams.worker.owner import Owner
from streams.worker.partition import PartitionMemory
from tests.worker.parts import CALLS, MAILS, delta, maker, until


class Log:
    """Kafka's offsets: [first, end), with record n arriving at `n` hours and `later`."""

    def __init__(self, first: int = 0, end: int = 1_000_000, later: int = 0) -> None:
        self.first, self.end, self.later = first, end, later
        self.asked: list[int] = []

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        return self.first, self.end

    async def at(self, partition: Partition, arrival_ms: int) -> int:
        self.asked.append(arrival_ms)
        return min(max(arrival_ms // HOUR_MS - self.later, self.first), self.end)

    async def first_arrival(self, partition: Partition) -> int | None:
        return (self.first + self.later) * HOUR_MS if self.first < self.end else None


class Crowded(MemoryStore):
    """Knows how many have spoken to it at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.speaking = self.most = 0

    @contextlib.asynccontextmanager
    async def _heard(self) -> AsyncIterator[None]:
        self.speaking += 1
        self.most = max(self.most, self.speaking)
        await asyncio.sleep(0)
        yield
        self.speaking -= 1

    async def claim(self, partition: Partition, owner: str, generation: int) -> Claim:
        async with self._heard():
            return await super().claim(partition, owner, generation)

    async def release(self, partition: Partition, claim: Claim) -> None:
        async with self._heard():
            await super().release(partition, claim)


class Consumer:
    """Counts the seeks; refuses partitions that are not assigned."""

    def __init__(self) -> None:
        self.seeks: list[tuple[Partition, int]] = []
        self.refused: set[Partition] = set()
        self.failures: list[Exception] = []

    async def rewind(self, partition: Partition, offset: int) -> int:
        if self.failures:
            raise self.failures.pop()
        if partition in self.refused:
            raise IllegalStateError("not assigned")
        self.seeks.append((partition, offset))
        return len(self.seeks)


class Bench:
    """An owner and what it deals with."""

    def __init__(self, store: MemoryStore | None = None, log: Log | None = None) -> None:
        self.store, self.log, self.consumer = store or MemoryStore(), log or Log(), Consumer()
        self.loaded: list[Memory] = []
        make = maker(self.store)

        def noting(partition: Partition, claim: Claim, memory: Memory) -> PartitionMemory:
            self.loaded.append(memory)
            return make(partition, claim, memory)

        self.owner = Owner(
            self.store,
            self.log,  # type: ignore[arg-type]  # as far as the owner asks
            noting,
            rewinder=lambda: self.consumer,
            horizon_hours=lambda _: 24,
        )

    async def next(self, partition: Partition = CALLS) -> tuple[int, int]:
        """Return the ledger's position and gap."""
        (row,) = await self.store.ledgers([partition])
        assert row
        return row.next, row.gap


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.0)


async def _moved_to(store: MemoryStore, position: int, arrival: int = 0) -> None:
    """Let somebody before us apply up to `position`, and give the partition up."""
    claim = await store.claim(CALLS, "before", 1)
    await store.pin(CALLS, claim, 0)
    await store.apply([(CALLS, claim, Delta(0, position, arrival=arrival, seen={arrival // HOUR_MS: b"12345678"}))])
    await store.release(CALLS, claim)


async def test_a_new_ledger_begins_at_the_oldest_record_that_panes_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: (module.RETENTION_MS + 40 * HOUR_MS) / 1000)
    bench = Bench()
    await bench.owner.assigned([CALLS], 1)
    assert await bench.next() == (40, 0)
    assert bench.consumer.seeks == [(CALLS, 40)]
    memory = bench.owner.memory(CALLS)
    assert memory
    assert (memory.next, memory.applied, memory.seek) == (40, 40, 1)


async def test_a_known_ledger_goes_on_where_it_stands_with_what_was_seen() -> None:
    bench = Bench()
    await _moved_to(bench.store, 17, arrival=HOUR_MS)
    await bench.owner.assigned([CALLS], 2)
    assert bench.consumer.seeks == [(CALLS, 17)]
    assert bench.loaded[0].seen == {1: b"12345678"}
    assert await bench.next() == (17, 0)


async def test_what_lay_in_kafka_when_a_partition_was_taken_is_owed() -> None:
    bench = Bench(log=Log(end=90))
    await _moved_to(bench.store, 17, arrival=HOUR_MS)
    await bench.owner.assigned([CALLS], 2)
    (row,) = await bench.store.ledgers([CALLS])
    assert row
    assert (row.next, row.end) == (17, 90)


async def test_what_kafka_dropped_before_it_was_read_is_a_gap_counted_once() -> None:
    bench = Bench(log=Log(first=25))
    await _moved_to(bench.store, 17)
    await bench.owner.assigned([CALLS], 2)
    await bench.owner.assigned([CALLS], 3)
    assert await bench.next() == (25, 8)
    assert bench.consumer.seeks == [(CALLS, 25)] * 2


async def test_a_log_that_lost_its_end_is_read_again_from_the_horizon_of_known_ids() -> None:
    bench = Bench(log=Log(end=60))
    await _moved_to(bench.store, 70, arrival=70 * HOUR_MS)
    await bench.owner.assigned([CALLS], 2)
    assert bench.log.asked == [(70 - 23) * HOUR_MS]
    assert await bench.next() == (47, 0), "what is gone had been counted: no gap"


async def test_a_topic_made_anew_that_has_grown_beyond_the_old_one_is_read_from_its_beginning() -> None:
    bench = Bench(log=Log(end=500, later=100))
    await _moved_to(bench.store, 70, arrival=70 * HOUR_MS)
    await bench.owner.assigned([CALLS], 2)
    assert await bench.next() == (0, 0)


async def test_a_log_of_which_only_what_is_to_come_is_left_goes_on() -> None:
    bench = Bench(log=Log(first=70, end=500, later=100))
    await _moved_to(bench.store, 70, arrival=70 * HOUR_MS)
    await bench.owner.assigned([CALLS], 2)
    assert await bench.next() == (70, 0)


async def test_a_ledger_that_has_counted_nothing_yet_goes_on_where_it_was_pinned() -> None:
    bench = Bench()
    claim = await bench.store.claim(CALLS, "before", 1)
    await bench.store.pin(CALLS, claim, 70)
    await bench.store.release(CALLS, claim)
    await bench.owner.assigned([CALLS], 2)
    assert await bench.next() == (70, 0)


async def test_a_newer_owners_lease_is_waited_for() -> None:
    bench = Bench()
    await bench.store.claim(CALLS, "newer", 9)
    taking = asyncio.create_task(bench.owner.assigned([CALLS], 2))
    for _ in range(20):
        await asyncio.sleep(0)
    assert bench.owner.memory(CALLS) is None
    assert bench.owner.settling() == [CALLS]
    bench.store.clock_ms += 10_001
    await taking
    assert bench.owner.memory(CALLS)
    assert bench.owner.settling() == []


async def test_a_store_that_is_away_is_waited_for() -> None:
    bench = Bench()
    bench.store.away = True
    taking = asyncio.create_task(bench.owner.assigned([CALLS, MAILS], 2))
    for _ in range(20):
        await asyncio.sleep(0)
    assert set(bench.owner.settling()) == {CALLS, MAILS}
    bench.store.away = False
    await taking
    assert {memory.partition for memory in bench.owner.held()} == {CALLS, MAILS}


async def test_an_error_that_nobody_expects_is_tried_again() -> None:
    bench = Bench()
    bench.consumer.failures.append(ZeroDivisionError())
    await bench.owner.assigned([CALLS], 1)
    assert bench.owner.memory(CALLS)


async def test_a_partition_that_is_not_assigned_any_more_is_let_go() -> None:
    bench = Bench()
    bench.consumer.refused.add(CALLS)
    await bench.owner.assigned([CALLS], 1)
    assert bench.owner.memory(CALLS) is None
    assert bench.owner.settling() == []


async def test_many_partitions_are_taken_and_released_a_few_at_a_time() -> None:
    bench = Bench(store := Crowded())
    many = [Partition("calls", number) for number in range(3 * module.AT_ONCE)]
    await bench.owner.assigned(many, 1)
    assert len(bench.owner.held()) == len(many)
    assert store.most == module.AT_ONCE
    store.most = 0
    await bench.owner.revoke(many)
    assert store.most == module.AT_ONCE


async def test_a_revoked_partition_is_free_at_once() -> None:
    bench = Bench()
    await bench.owner.assigned([CALLS], 5)
    memory = bench.owner.memory(CALLS)
    await bench.owner.revoke([CALLS])
    assert memory
    assert not memory.alive
    assert bench.owner.held() == []
    await bench.store.claim(CALLS, "an older generation", 4)


async def test_a_revocation_while_the_store_is_away_leaves_the_lease_to_run_out() -> None:
    bench = Bench()
    await bench.owner.assigned([CALLS], 5)
    bench.store.away = True
    await bench.owner.revoke([CALLS])
    assert bench.owner.held() == []


async def test_a_new_assignment_drops_what_is_not_in_it() -> None:
    bench = Bench()
    await bench.owner.assigned([CALLS, MAILS], 1)
    old = bench.owner.memory(CALLS)
    await bench.owner.assigned([MAILS], 2)
    assert old
    assert not old.alive
    assert [memory.partition for memory in bench.owner.held()] == [MAILS]


async def test_what_is_lost_is_claimed_anew_at_the_ledgers_position() -> None:
    bench = Bench()
    await bench.owner.assigned([CALLS], 1)
    old = bench.owner.memory(CALLS)
    assert old
    await bench.store.apply([(CALLS, old.claim, delta(old.applied, old.applied + 3))])
    bench.owner.lost(old)
    assert not old.alive
    assert bench.owner.memory(CALLS) is None
    await until(lambda: bool(bench.owner.held()))
    (new,) = bench.owner.held()
    assert (new.claim.epoch, new.next, new.seek) == (old.claim.epoch + 1, old.applied + 3, 2)


async def test_a_memory_that_is_lost_twice_is_claimed_once() -> None:
    bench = Bench()
    await bench.owner.assigned([CALLS], 1)
    (old,) = bench.owner.held()
    bench.owner.lost(old)
    bench.owner.lost(old)
    await until(lambda: bool(bench.owner.held()))
    assert len(bench.consumer.seeks) == 2
