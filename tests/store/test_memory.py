"""The memory store's own promises: a clock that is set, absence, and copies."""

import pytest

from streams.store.memory import MemoryStore
from streams.store.protocol import Claim, Partition, StoredPane, StoreUnavailable
from tests.contract.deltas import rich

NOW = 1_700_000_000_000
CALLS = Partition("calls", 0)
HOUR_MS = 3_600_000


async def filled() -> tuple[MemoryStore, Claim]:
    store = MemoryStore(clock_ms=NOW)
    claim = await store.claim(CALLS, "one", 1)
    await store.pin(CALLS, claim, 0)
    await store.apply([(CALLS, claim, rich(0, NOW))])
    return store, claim


async def test_panes_vanish_when_the_clock_passes_their_time() -> None:
    store, claim = await filled()
    minute, quarter = NOW // 60_000, NOW // 900_000
    wanted = [(CALLS, f"m:{minute}"), (CALLS, f"q:{quarter}")]
    kept_until = (minute + 1) * 60_000 + 5 * HOUR_MS
    store.clock_ms = kept_until - 1
    assert StoredPane() not in await store.panes(wanted)
    store.clock_ms = kept_until
    panes = await store.panes(wanted)
    assert panes[0] == StoredPane() != panes[1]
    await store.verify([(CALLS, claim, 10)])
    assert await store.changed([(CALLS, 0)]) == [[f"q:{quarter}"]]
    store.clock_ms = (quarter + 1) * 900_000 + (35 * 24 + 1) * HOUR_MS
    assert await store.panes(wanted) == [StoredPane()] * 2


async def test_a_store_that_is_away_answers_nothing() -> None:
    store, claim = await filled()
    store.away = True
    for call in (
        store.claim(CALLS, "one", 1),
        store.pin(CALLS, claim, 0),
        store.load(CALLS, 1),
        store.apply([(CALLS, claim, rich(10, NOW))]),
        store.verify([]),
        store.release(CALLS, claim),
        store.admit("team", [], 1, 1),
        store.unsafe_policy(),
        store.now_ms(),
        store.ledgers([]),
        store.changed([]),
        store.panes([]),
        store.standing(CALLS, 0, []),
        store.sources(CALLS),
    ):
        with pytest.raises(StoreUnavailable):
            await call
    store.away = False
    assert await store.verify([(CALLS, claim, 10)]) == [True]


async def test_what_a_test_changes_in_an_answer_or_a_batch_does_not_change_the_store() -> None:
    store, claim = await filled()
    delta = rich(10, NOW)
    await store.apply([(CALLS, claim, delta)])
    wanted = [(CALLS, f"q:{NOW // 900_000}")]
    before = store.snapshot()
    for pane in await store.panes(wanted):
        next(iter(pane.facts.values()))[0] += 1
        next(iter(pane.own.values()))["a"] = 9
        next(iter(pane.buckets.values()))[1] = 9
    for group in (delta.minutes, delta.quarters):
        group.clear()
    standing = await store.standing(CALLS, 0, [])
    for states in (standing.calls, standing.reps):
        assert isinstance(states, dict)
        states.clear()
    (await store.load(CALLS, 9)).seen.clear()
    assert store.snapshot() == before


async def test_a_copy_can_be_gone_back_to_more_than_once() -> None:
    store, claim = await filled()
    copy = store.snapshot()
    for _ in range(2):
        await store.apply([(CALLS, claim, rich(10, NOW))])
        store.restore(copy)
        assert await store.verify([(CALLS, claim, 10)]) == [True]
    store.lose()
    assert await store.ledgers([CALLS]) == [None]


async def test_a_test_chooses_the_policy() -> None:
    store = MemoryStore()
    assert await store.unsafe_policy() is None
    store.policy = "allkeys-lru"
    assert await store.unsafe_policy() == "allkeys-lru"
