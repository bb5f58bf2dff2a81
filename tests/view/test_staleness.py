"""A topic is fresh only while its owners are known to be at work and keep up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.store.protocol import LedgerRow, Partition, StoreUnavailable
from streams.view.freshness import Freshness
from streams.view.lag import LagWatch, Sample
from tests.view.floor_of_two import FIRST, NOON, SECOND, Watched, dial

ALIVE = LedgerRow(1, 1, 100, NOON + 10_000, NOON, NOON, NOON, NOON, 0, {})
MAIL = Partition("emails", 0)


def stale(ledgers: dict[Partition, LedgerRow | None], now_ms: int = NOON) -> tuple[str, ...]:
    freshness = Freshness()
    freshness.see(ledgers, {}, now_ms)
    return freshness.stale(list(ledgers), now_ms)


def test_topics_with_owners_at_work_are_fresh() -> None:
    assert stale({FIRST: ALIVE, SECOND: ALIVE, MAIL: ALIVE}) == ()


@pytest.mark.parametrize(
    "row",
    [
        None,
        replace(ALIVE, lease=NOON),
        replace(ALIVE, lease=NOON - 1),
        replace(ALIVE, verified=NOON - 10_000),
    ],
)
def test_one_partition_without_a_live_owner_makes_its_topic_stale_and_no_other(row: LedgerRow | None) -> None:
    assert stale({FIRST: ALIVE, SECOND: row, MAIL: ALIVE}) == ("calls",)


def test_a_lease_and_a_verification_that_still_count_are_fresh() -> None:
    assert stale({FIRST: replace(ALIVE, lease=NOON + 1, verified=NOON - 9_999)}) == ()


def test_sources_that_fall_silent_are_no_staleness() -> None:
    assert stale({FIRST: replace(ALIVE, watermark=NOON - 86_400_000, applied=NOON - 86_400_000)}) == ()


async def fresh() -> Watched:
    watched = Watched()
    watched.reader.add(FIRST, [dial(NOON)])
    watched.reader.add(SECOND, [dial(NOON)])
    await watched.view.refresh()
    return watched


async def test_everything_is_stale_when_the_store_is_silent_for_ten_seconds() -> None:
    watched = await fresh()
    assert watched.view.stale() == ()
    watched.reader.rows = {p: replace(row, lease=NOON + 60_000) for p, row in watched.reader.rows.items()}
    watched.reader.clock_ms += 9_000
    watched.stopwatch.now_s += 9
    watched.reader.rows = {p: replace(row, verified=NOON + 9_000) for p, row in watched.reader.rows.items()}
    await watched.view.refresh()
    watched.reader.away = True
    with pytest.raises(StoreUnavailable):
        await watched.view.refresh()
    watched.stopwatch.now_s += 9.9
    assert watched.view.stale() == ()
    watched.stopwatch.now_s += 0.1
    assert watched.view.stale() == ("calls",)


async def test_a_silent_store_is_stale_whatever_its_ledgers_promised() -> None:
    watched = await fresh()
    later = NOON + 3_600_000
    watched.reader.rows = {p: replace(row, lease=later, verified=later) for p, row in watched.reader.rows.items()}
    await watched.view.refresh()
    watched.stopwatch.now_s += 10
    assert watched.view.stale() == ("calls",)


async def test_a_lease_runs_out_while_the_store_is_silent() -> None:
    watched = await fresh()
    watched.reader.rows[FIRST] = replace(watched.reader.rows[FIRST], lease=NOON + 3_000)
    await watched.view.refresh()
    watched.stopwatch.now_s += 2.9
    assert watched.view.stale() == ()
    watched.stopwatch.now_s += 0.1
    assert watched.view.stale() == ("calls",)


async def test_it_is_fresh_again_after_one_reading() -> None:
    watched = await fresh()
    watched.stopwatch.now_s += 60
    assert watched.view.stale() == ("calls",)
    watched.reader.clock_ms += 60_000
    watched.reader.verify()
    await watched.view.refresh()
    assert watched.view.stale() == ()


def growing(samples: list[tuple[float, int, int]]) -> bool:
    watch = LagWatch()
    for at_s, position, lag in samples:
        watch.see(Sample(int(at_s * 1000), position, lag))
    return watch.growing()


def test_a_partition_that_stands_still_while_records_come_falls_behind() -> None:
    assert growing([(s, 100, s + 1) for s in range(31)])


def test_not_before_thirty_seconds() -> None:
    assert not growing([(s, 100, s + 1) for s in range(30)])


def test_a_partition_that_moves_too_slowly_falls_behind() -> None:
    assert growing([(s, 100 * s, 1000 + 50 * s) for s in range(31)])


def test_a_backlog_that_shrinks_is_no_growth() -> None:
    assert not growing([(s, 1000 * s, 100_000 - 500 * s) for s in range(61)])


def test_a_lag_that_swings_is_no_growth() -> None:
    assert not growing([(s, 1000 * s, 700 * (s % 7)) for s in range(61)])


def test_a_partition_that_caught_up_in_between_is_no_growth() -> None:
    assert not growing([(s, 100 * s, 0 if s == 17 else 1000 + 50 * s) for s in range(31)])


def test_a_standing_backlog_without_new_records_is_no_growth() -> None:
    assert not growing([(s, 100, 500) for s in range(61)])


def test_a_record_that_has_just_come_to_an_idle_partition_is_no_growth() -> None:
    assert not growing([*((s, 100, 0) for s in range(30)), (30, 100, 1)])


def test_nothing_is_known_right_after_a_pause() -> None:
    assert not growing([*((s, 100, s + 1) for s in range(31)), (40, 100, 41)])


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=100))
def test_a_lag_that_never_exceeds_its_beginning_is_no_growth(lags: list[int]) -> None:
    assert not growing([(s, 10 * s, min(lag, lags[0])) for s, lag in enumerate(lags)])


async def test_lag_is_known_only_where_both_sides_are() -> None:
    freshness = Freshness()
    freshness.see({FIRST: ALIVE, SECOND: ALIVE, MAIL: None}, {FIRST: 130, MAIL: 5}, NOON)
    assert freshness.lags == {FIRST: 30}
    freshness.see({FIRST: ALIVE}, {FIRST: 90}, NOON)
    assert freshness.lags == {FIRST: 0}, "an end that was asked for before the ledger"


async def test_growing_lag_makes_a_topic_stale_until_it_shrinks() -> None:
    freshness = Freshness()
    for s in range(31):
        now = NOON + 1000 * s
        freshness.see({FIRST: replace(ALIVE, lease=now + 1000, verified=now)}, {FIRST: 101 + s}, now)
    assert freshness.stale([FIRST], now) == ("calls",)
    freshness.see({FIRST: replace(ALIVE, next=131, lease=now + 2000, verified=now)}, {FIRST: 131}, now + 1000)
    assert freshness.stale([FIRST], now + 1000) == ()
