"""A topic is fresh only while its owners are known to be at work and keep up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.store.protocol import LedgerRow, Partition, StoreUnavailable
from streams.view.freshness import Freshness
from streams.view.lag import LagWatch, Sample
from tests.view.floor_of_two import FIRST, NOON, SECOND, Watched, dial

ALIVE = LedgerRow(1, 1, 100, NOON + 10_000, NOON, NOON, NOON, NOON, 0, 0, {})
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


def test_an_owner_owes_what_lay_in_kafka_when_it_came_though_nobody_else_hears_kafka() -> None:
    assert stale({FIRST: replace(ALIVE, end=None)}) == ("calls",), "it has not said so yet"
    assert stale({FIRST: replace(ALIVE, end=101)}) == ("calls",)
    assert stale({FIRST: replace(ALIVE, end=100)}) == ()


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


def behind(samples: list[tuple[float, int, int]]) -> bool:
    watch = LagWatch()
    for at_s, position, lag in samples:
        watch.see(Sample(int(at_s * 1000), position, lag))
    return watch.behind()


def test_a_partition_that_stands_still_while_records_come_falls_behind() -> None:
    assert behind([(s, 100, s + 1) for s in range(31)])


def test_not_before_thirty_seconds() -> None:
    assert not behind([(s, 100, s + 1) for s in range(30)])


def test_a_partition_that_moves_too_slowly_falls_behind() -> None:
    assert behind([(s, 100 * s, 1000 + 50 * s) for s in range(31)])


def test_a_backlog_that_shrinks_is_not_behind() -> None:
    assert not behind([(s, 1000 * s, 100_000 - 500 * s) for s in range(61)])


def test_a_lag_that_swings_is_not_behind() -> None:
    assert not behind([(s, 1000 * s, 700 * (s % 7)) for s in range(61)])


def test_a_lag_that_has_grown_for_a_few_seconds_only_is_not_behind() -> None:
    assert not behind([(s, 100 * min(s, 24), 150 * max(0, s - 24)) for s in range(31)])


def test_a_partition_that_caught_up_in_between_is_not_behind() -> None:
    assert not behind([(s, 100 * s, 0 if s == 17 else 1000 + 50 * s) for s in range(31)])


def test_a_partition_that_stands_still_before_records_that_wait_falls_behind() -> None:
    assert behind([(s, 100, 500) for s in range(31)])
    assert not behind([(s, 100, 500) for s in range(30)])


def test_a_partition_that_stands_still_with_nothing_to_do_does_not() -> None:
    assert not behind([(s, 100, 0) for s in range(61)])


def test_a_record_that_has_just_come_to_an_idle_partition_is_not_behind() -> None:
    assert not behind([*((s, 100, 0) for s in range(30)), (30, 100, 1)])


def test_nothing_is_known_right_after_a_pause() -> None:
    assert not behind([*((s, 100, s + 1) for s in range(31)), (40, 100, 41)])


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=100))
def test_a_lag_that_never_exceeds_its_beginning_is_not_behind(lags: list[int]) -> None:
    assert not behind([(s, 10 * s, min(lag, lags[0])) for s, lag in enumerate(lags)])


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


class Followed:
    """One partition that is looked at every second, verified all the time unless it is told to be silent."""

    def __init__(self, position: int, end: int | None) -> None:
        self.freshness, self.now = Freshness(), NOON
        self.looked(position, end)

    def looked(self, position: int | None, end: int | None, *, silent: bool = False) -> bool:
        """Look at it where it stands, None without a ledger; say whether it is stale."""
        self.now += 1000
        row = replace(ALIVE, next=position or 0, lease=self.now + 5000, verified=0 if silent else self.now)
        self.freshness.see({FIRST: None if position is None else row}, {} if end is None else {FIRST: end}, self.now)
        return self.freshness.stale([FIRST], self.now) == ("calls",)


def test_a_ledger_that_is_filled_again_is_stale_until_it_is_where_it_was() -> None:
    one = Followed(100, 100)
    assert one.looked(None, 100)
    assert one.looked(0, 110)
    assert one.looked(99, 120)
    assert not one.looked(100, 130)


def test_a_ledger_that_went_back_between_two_looks_is_too() -> None:
    one = Followed(100, 100)
    assert one.looked(40, 105)
    assert one.looked(104, 500)
    assert not one.looked(105, 500)


def test_where_kafkas_end_is_not_known_it_must_reach_where_it_was() -> None:
    one = Followed(100, None)
    assert one.looked(40, None)
    assert one.looked(99, None)
    assert not one.looked(100, None)


def test_a_partition_that_nobody_kept_up_with_is_stale_until_it_has_caught_up() -> None:
    one = Followed(100, 100)
    assert one.looked(100, 150, silent=True)
    assert one.looked(100, 200, silent=True)
    assert one.looked(120, 230)
    assert one.looked(199, 260)
    assert not one.looked(200, 290)


def test_a_partition_that_is_met_with_a_backlog_is_stale_until_it_has_caught_up() -> None:
    one = Followed(100, None)
    assert not one.looked(100, None), "where no end is known nothing is said of a backlog"
    assert one.looked(100, 150)
    assert one.looked(149, 200)
    assert not one.looked(150, 250)


def test_a_topic_made_anew_need_not_reach_where_the_old_one_was() -> None:
    one = Followed(900, 900)
    assert one.looked(0, 900)
    assert one.looked(0, 30)
    assert not one.looked(30, 30)


def test_records_on_their_way_are_no_backlog() -> None:
    one = Followed(100, 110)
    assert not any(one.looked(110 + 10 * second, 120 + 10 * second) for second in range(60))
