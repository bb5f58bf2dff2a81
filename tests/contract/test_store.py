"""What both kinds of store promise to the worker and to the view."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from streams.store.keeping import MINUTE_KEPT_S, MOST_SOURCES, QUARTER_KEPT_S, SILENT_DAYS
from streams.store.names import row_name
from streams.store.packing import unpack_pane
from streams.store.protocol import (
    HOUR_MS,
    IRREGULAR,
    MINUTE_MS,
    QUARTER_MS,
    Claim,
    Delta,
    Fenced,
    Outcome,
    PaneDelta,
    Partition,
    StoredPane,
)
from tests.contract.deltas import ROW, Small, batch, fold, ids, pane_delta, rich, rich_pane, small_events
from tests.contract.stores import HORIZON_HOURS, LEASE_MS, Bench

NASTY = (
    "|",
    "%",
    "%7C",
    "a\nb",
    "\x00",
    "\x00\x00x",
    "'\"\\",
    "{x}",
    "日本語 🎧",
    "\ufeff",
    " ",
    "a" * 64,
    "\u00e9",
    "e\u0301",
)
PROPERTY = settings(
    deadline=None,
    max_examples=40,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


async def pinned(bench: Bench, start: int = 0, owner: str = "one", generation: int = 1) -> tuple[Partition, Claim]:
    """Return a new partition and a claim of it."""
    partition = bench.partition()
    claim = await bench.writer.claim(partition, owner, generation)
    await bench.writer.pin(partition, claim, start)
    return partition, claim


async def apply(bench: Bench, partition: Partition, claim: Claim, delta: Delta) -> Outcome:
    (outcome,) = await bench.writer.apply([(partition, claim, delta)])
    return outcome


async def pane(bench: Bench, partition: Partition, name: str) -> StoredPane:
    (stored,) = await bench.reader.panes([(partition, name)])
    return stored


def in_quarter(now_ms: int, start: int = 0, end: int = 1, **kinds: object) -> Delta:
    """Return a batch that adds to the running quarter."""
    return batch(start, end, now_ms, quarters={now_ms // QUARTER_MS: pane_delta(**kinds)})


# --- claims -----------------------------------------------------------------------------------------------------


async def test_a_new_partition_has_no_position_and_no_ledger_until_it_is_pinned(bench: Bench) -> None:
    partition = bench.partition()
    claim = await bench.writer.claim(partition, "one", 3)
    assert claim == Claim(epoch=1, owner="one", generation=3, next=None, arrival=0)
    assert await bench.reader.ledgers([partition]) == [None]
    assert await apply(bench, partition, claim, batch(0, 1)) is Outcome.FENCED
    await bench.writer.pin(partition, claim, 70)
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and (row.epoch, row.next, row.sequence, row.gap) == (1, 70, 0, 0)


async def test_each_claim_has_a_higher_epoch_and_goes_on_where_the_last_batch_ended(bench: Bench) -> None:
    partition, claim = await pinned(bench, 5)
    now = await bench.now()
    await apply(bench, partition, claim, batch(5, 8, now))
    again = await bench.writer.claim(partition, "two", 2)
    assert again == Claim(epoch=claim.epoch + 1, owner="two", generation=2, next=8, arrival=now)


async def test_an_older_generation_is_refused_while_a_newer_lease_is_alive(bench: Bench) -> None:
    partition, claim = await pinned(bench, generation=10)
    before = await bench.state(partition)
    with pytest.raises(Fenced):
        await bench.writer.claim(partition, "zombie", 9)
    assert await bench.state(partition) == before
    assert await apply(bench, partition, claim, batch(0, 1)) is Outcome.APPLIED


async def test_the_same_generation_takes_over_at_once(bench: Bench) -> None:
    partition, _ = await pinned(bench, generation=5)
    assert (await bench.writer.claim(partition, "one", 5)).epoch == 2


async def test_an_older_generation_may_claim_when_the_lease_has_run_out(bench: Bench) -> None:
    partition = bench.partition()
    await bench.writer_with(lease_ms=20).claim(partition, "one", 9)
    await bench.wait(21)
    assert (await bench.writer.claim(partition, "two", 1)).epoch == 2


async def test_a_released_partition_can_be_claimed_at_once(bench: Bench) -> None:
    partition, claim = await pinned(bench, generation=9)
    await bench.writer.release(partition, claim)
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and row.lease == 0
    assert (await bench.writer.claim(partition, "two", 1)).epoch == 2


async def test_a_void_claim_releases_nothing(bench: Bench) -> None:
    partition, old = await pinned(bench)
    await bench.writer.claim(partition, "one", 2)
    before = await bench.state(partition)
    await bench.writer.release(partition, old)
    assert await bench.state(partition) == before


async def test_a_claim_lasts_for_the_lease_by_the_stores_clock(bench: Bench) -> None:
    before = await bench.now()
    partition, _ = await pinned(bench)
    after = await bench.now()
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None
    assert before + LEASE_MS <= row.lease <= after + LEASE_MS
    assert before <= row.verified <= after


# --- positions --------------------------------------------------------------------------------------------------


async def test_a_gap_is_counted_when_the_position_moves_over_it(bench: Bench) -> None:
    partition, claim = await pinned(bench, 10)
    await bench.writer.pin(partition, claim, 15, gap=5)
    await bench.writer.pin(partition, claim, 22, gap=7)
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and (row.next, row.gap) == (22, 12)
    assert await apply(bench, partition, claim, batch(22, 23)) is Outcome.APPLIED


async def test_a_gap_is_counted_once_when_the_move_is_tried_again(bench: Bench) -> None:
    partition, claim = await pinned(bench, 10)
    for _ in range(2):
        await bench.writer.pin(partition, claim, 15, gap=5)
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and (row.next, row.gap) == (15, 5)


async def test_what_an_owner_owes_is_unknown_from_its_claim_on_until_it_pins(bench: Bench) -> None:
    partition, claim = await pinned(bench, 10)

    async def end() -> int | None:
        (row,) = await bench.reader.ledgers([partition])
        assert row
        return row.end

    assert await end() == 10, "nothing, unless more is said"
    await bench.writer.pin(partition, claim, 10, end=70)
    assert await end() == 70
    assert await apply(bench, partition, claim, batch(10, 20)) is Outcome.APPLIED
    assert await end() == 70
    again = await bench.writer.claim(partition, claim.owner, 1)
    assert await end() is None
    await bench.writer.pin(partition, again, 20, end=90)
    assert await end() == 90


async def test_a_void_claim_cannot_move_the_position(bench: Bench) -> None:
    partition, old = await pinned(bench, 10)
    await bench.writer.claim(partition, old.owner, 1)
    before = await bench.state(partition)
    with pytest.raises(Fenced):
        await bench.writer.pin(partition, old, 20, 10)
    assert await bench.state(partition) == before


async def test_after_a_move_an_earlier_batch_is_not_taken_for_applied(bench: Bench) -> None:
    partition, claim = await pinned(bench, 0)
    await apply(bench, partition, claim, batch(0, 10))
    await bench.writer.pin(partition, claim, 20, gap=10)
    assert await apply(bench, partition, claim, batch(0, 20)) is Outcome.FENCED


# --- batches ----------------------------------------------------------------------------------------------------


async def test_a_batch_moves_everything_together(bench: Bench) -> None:
    partition, claim = await pinned(bench, 100)
    now = await bench.now()
    delta = rich(100, now)
    assert await apply(bench, partition, claim, delta) is Outcome.APPLIED
    after = await bench.now()

    (row,) = await bench.reader.ledgers([partition])
    assert row is not None
    assert (row.epoch, row.sequence, row.next, row.gap) == (1, 1, 110, 0)
    assert (row.arrival, row.watermark) == (now, now - 7)
    assert now <= row.applied <= after and now <= row.verified <= after
    assert now + LEASE_MS <= row.lease <= after + LEASE_MS
    assert row.counters == {"applied": 9, "parked:future": 1}

    minute, quarter, hour = now // MINUTE_MS, now // QUARTER_MS, now // HOUR_MS
    whole = unpack_pane(rich_pane())
    names = [f"m:{minute}", f"m:{minute - 1}", f"q:{quarter}"]
    assert await bench.reader.panes([(partition, name) for name in names]) == [whole] * 3
    assert await pane(bench, partition, f"m:{minute - 2}") == StoredPane()
    assert sorted((await bench.reader.changed([(partition, 0)]))[0]) == sorted(names)
    assert await bench.reader.changed([(partition, 1)]) == [[]]

    standing = await bench.reader.standing(partition, 0, [])
    assert (standing.calls, standing.reps) == (delta.calls, delta.reps)
    assert await bench.reader.sources(partition) == delta.sources
    memory = await bench.writer.load(partition, HORIZON_HOURS + 2)
    assert memory.seen == {hour: ids(100, 101), hour - 1: ids(102)}
    assert memory.ended == {hour: ids(103)}
    assert (memory.calls, memory.reps) == (delta.calls, delta.reps)


async def test_a_second_batch_adds_to_the_first(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    await apply(bench, partition, claim, rich(10, now))
    stored = await pane(bench, partition, f"q:{now // QUARTER_MS}")
    assert stored.facts == {ROW: [2, 0, 500_000], f"{ROW}2": [0, 6]}
    assert stored.buckets == {f"{ROW}|wait": [0, 2, 700, 4], f"{ROW}|handle": [1300, 2]}
    assert stored.own == {f"{ROW}|+": {"a": 2, "vip_calls": 4}, IRREGULAR: {"late": 2, "parked:future": 2}}
    assert stored.distinct == {f"{ROW}|customers": ids(11, 12), f"{ROW}|opens": ids(13)}
    memory = await bench.writer.load(partition, HORIZON_HOURS)
    assert memory.seen == {now // HOUR_MS: ids(0, 1, 10, 11), now // HOUR_MS - 1: ids(2, 12)}
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and row.counters == {"applied": 18, "parked:future": 2} and row.sequence == 2


@pytest.mark.parametrize(("start", "end"), [(0, 10), (5, 15), (9, 20), (11, 21), (20, 30), (1, 10), (9, 10)])
async def test_a_batch_that_does_not_begin_at_next_changes_nothing(bench: Bench, start: int, end: int) -> None:
    partition, claim = await pinned(bench, 2)
    await apply(bench, partition, claim, rich(2, await bench.now(), end=10))
    before = await bench.state(partition)
    assert await apply(bench, partition, claim, rich(start, await bench.now(), end=end)) is Outcome.FENCED
    assert await bench.state(partition) == before


async def test_a_batch_that_is_tried_again_counts_once(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    delta = rich(0, await bench.now())
    assert await apply(bench, partition, claim, delta) is Outcome.APPLIED
    before = await bench.state(partition)
    for _ in range(2):
        assert await apply(bench, partition, claim, delta) is Outcome.ALREADY
    assert await bench.state(partition) == before


async def test_a_batch_that_ends_where_the_last_one_did_but_began_elsewhere_is_refused(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    await apply(bench, partition, claim, batch(0, 4))
    await apply(bench, partition, claim, batch(4, 10))
    before = await bench.state(partition)
    assert await apply(bench, partition, claim, rich(2, await bench.now(), end=10)) is Outcome.FENCED
    assert await bench.state(partition) == before


async def test_the_batches_of_an_old_epoch_are_refused_even_at_the_right_place(bench: Bench) -> None:
    partition, old = await pinned(bench)
    new = await bench.writer.claim(partition, old.owner, 1)
    before = await bench.state(partition)
    assert await apply(bench, partition, old, rich(0, await bench.now())) is Outcome.FENCED
    assert await bench.state(partition) == before
    assert await apply(bench, partition, new, batch(0, 3)) is Outcome.APPLIED


async def test_a_zombie_that_wakes_up_inside_of_its_successors_batches_is_harmless(bench: Bench) -> None:
    partition, zombie = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, zombie, rich(0, now))
    successor = await bench.writer.claim(partition, "two", 2)
    await apply(bench, partition, successor, rich(10, now, end=30))
    before = await bench.state(partition)
    for start, end in ((0, 10), (10, 20), (20, 40), (30, 40), (10, 30)):
        assert await apply(bench, partition, zombie, rich(start, now, end=end)) is Outcome.FENCED
    assert await bench.state(partition) == before


async def test_an_epoch_that_a_store_gave_twice_after_a_loss_does_not_let_the_first_owner_in(bench: Bench) -> None:
    partition, first = await pinned(bench, owner="one")
    await bench.lose(partition)
    second = await bench.writer.claim(partition, "two", 1)
    await bench.writer.pin(partition, second, 0)
    assert second.epoch == first.epoch
    before = await bench.state(partition)
    assert await apply(bench, partition, first, rich(0, await bench.now())) is Outcome.FENCED
    assert await bench.writer.verify([(partition, first, 0)]) == [False]
    with pytest.raises(Fenced):
        await bench.writer.pin(partition, first, 9)
    await bench.writer.release(partition, first)
    assert await bench.state(partition) == before


async def test_one_refused_partition_does_not_hold_up_the_others(bench: Bench) -> None:
    now = await bench.now()
    (a, claim_a), (b, claim_b), (c, claim_c) = [await pinned(bench) for _ in range(3)]
    await bench.writer.claim(b, "two", 2)
    outcomes = await bench.writer.apply(
        [(a, claim_a, rich(0, now)), (b, claim_b, rich(0, now)), (c, claim_c, batch(0, 5))]
    )
    assert outcomes == [Outcome.APPLIED, Outcome.FENCED, Outcome.APPLIED]
    assert [row and row.next for row in await bench.reader.ledgers([a, b, c])] == [10, 0, 5]


async def test_batches_of_one_partition_are_applied_in_the_order_of_the_call(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    work = [(partition, claim, batch(0, 3)), (partition, claim, batch(3, 4)), (partition, claim, batch(4, 9))]
    assert await bench.writer.apply(work) == [Outcome.APPLIED] * 3
    assert await bench.writer.apply([]) == []
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and (row.next, row.sequence) == (9, 3)


async def test_a_batch_that_spans_no_offset_is_an_error_and_nothing_of_the_call_is_applied(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    before = await bench.state(partition)
    with pytest.raises(ValueError, match="spans no offset"):
        await bench.writer.apply([(partition, claim, batch(0, 3)), (partition, claim, batch(3, 3))])
    assert await bench.state(partition) == before


async def test_a_batch_without_events_moves_the_position_only(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    before = dict(await bench.content(partition))
    assert await apply(bench, partition, claim, Delta(10, 20)) is Outcome.APPLIED
    after = dict(await bench.content(partition))
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and (row.next, row.sequence, row.arrival, row.watermark) == (20, 2, now, now - 7)
    for changed in ("next", "ledger"):
        before.pop(changed, None), after.pop(changed, None)
    assert after == before


async def test_arrival_and_watermark_never_go_back(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, Delta(0, 1, arrival=now, watermark=now - 1))
    await apply(bench, partition, claim, Delta(1, 2, arrival=now - 5000, watermark=now - 9000))
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and (row.arrival, row.watermark) == (now, now - 1)


# --- verification -----------------------------------------------------------------------------------------------


async def test_a_claim_is_verified_where_it_stands_and_its_lease_renewed(bench: Bench) -> None:
    partition, claim = await pinned(bench, 4)
    (before,) = await bench.reader.ledgers([partition])
    await bench.wait(5)
    assert await bench.writer.verify([(partition, claim, 4)]) == [True]
    (after,) = await bench.reader.ledgers([partition])
    assert before is not None and after is not None
    assert after.verified >= before.verified + 5 and after.lease >= before.lease + 5


async def test_a_position_that_differs_or_a_void_claim_is_not_verified_and_not_renewed(bench: Bench) -> None:
    partition, old = await pinned(bench, 4)
    new = await bench.writer.claim(partition, old.owner, 1)
    before = await bench.state(partition)
    assert await bench.writer.verify([(partition, new, 3), (partition, new, 5), (partition, old, 4)]) == [False] * 3
    assert await bench.state(partition) == before
    assert await bench.writer.verify([]) == []


async def test_a_store_that_lost_everything_is_noticed(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    await apply(bench, partition, claim, rich(0, await bench.now()))
    assert await bench.writer.verify([(partition, claim, 10)]) == [True]
    await bench.lose(partition)
    assert await bench.writer.verify([(partition, claim, 10)]) == [False]
    assert await apply(bench, partition, claim, batch(10, 11)) is Outcome.FENCED
    assert await bench.reader.ledgers([partition]) == [None]


async def test_a_store_that_went_back_in_time_is_noticed_and_a_replay_ends_in_the_same_content(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    saved = await bench.save(partition)
    await apply(bench, partition, claim, rich(10, now))
    await apply(bench, partition, claim, rich(20, now))
    whole = await bench.content(partition)
    await bench.restore(partition, saved)
    assert await bench.writer.verify([(partition, claim, 30)]) == [False]
    assert await apply(bench, partition, claim, rich(30, now)) is Outcome.FENCED
    again = await bench.writer.claim(partition, "one", 1)
    assert again.next == 10
    for start in (10, 20):
        assert await apply(bench, partition, again, rich(start, now)) is Outcome.APPLIED
    assert await bench.content(partition) == whole


@PROPERTY
@given(data=st.data())
async def test_any_cut_of_a_stream_into_batches_ends_in_the_same_content(bench: Bench, data: st.DataObject) -> None:
    now = await bench.now()
    events = data.draw(small_events(now))
    await _same_content(bench, events, data.draw(st.sets(st.integers(1, len(events)))))


async def test_one_event_at_a_time_and_all_at_once_end_in_the_same_content(bench: Bench) -> None:
    now = await bench.now()
    events = [
        Small(
            minute=now // MINUTE_MS - number % 3,
            row=ROW,
            facts=[number, -number, 2**40],
            samples={"wait": 9 - number},
            own={"fedcab"[number % 6]: number, "é": 1},
            distinct={"opens": number % 4},
            arrival=now - (10 - number) * HOUR_MS // 2,
            seen=number,
        )
        for number in range(9)
    ]
    await _same_content(bench, events, {4})


async def _same_content(bench: Bench, events: list[Small], some: set[int]) -> None:
    """Apply a stream at once, one by one, and cut at some places: nothing that is stored may tell them apart."""
    contents = []
    for cuts in (set(), set(range(len(events))), some):
        partition, claim = await pinned(bench)
        assert await _apply_cut(bench, partition, claim, events, sorted({0, *cuts, len(events)})) == len(events)
        contents.append(await bench.content(partition))
    assert contents[0] == contents[1] == contents[2]


async def _apply_cut(bench: Bench, partition: Partition, claim: Claim, events: list[Small], edges: list[int]) -> int:
    for start, end in pairwise(edges):
        assert await apply(bench, partition, claim, fold(events[start:end], start)) is Outcome.APPLIED
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None
    return row.next


# --- panes ------------------------------------------------------------------------------------------------------


async def test_panes_are_forgotten_five_hours_and_35_days_and_an_hour_after_their_end(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    minute, quarter = now // MINUTE_MS, now // QUARTER_MS
    only_ids = pane_delta(distinct={f"{ROW}|opens": ids(1)})
    delta = batch(0, 1, now, minutes={minute: rich_pane(), minute - 7: only_ids}, quarters={quarter: rich_pane()})
    await apply(bench, partition, claim, delta)
    assert await bench.expiries(partition) == {
        f"m:{minute}": (minute + 1) * 60 + MINUTE_KEPT_S,
        f"m:{minute - 7}": (minute - 6) * 60 + MINUTE_KEPT_S,
        f"q:{quarter}": (quarter + 1) * 900 + QUARTER_KEPT_S,
    }
    assert (MINUTE_KEPT_S, QUARTER_KEPT_S) == (5 * 3600, (35 * 24 + 1) * 3600)


async def test_what_falls_into_a_forgotten_pane_is_not_stored_and_the_rest_of_its_batch_is(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    minute, quarter = now // MINUTE_MS, now // QUARTER_MS
    old, older = minute - 5 * 60 - 1, quarter - (35 * 24 + 1) * 4 - 1
    delta = batch(
        0,
        1,
        now,
        minutes={old: rich_pane(), old - 900: rich_pane(), old + 2: rich_pane()},
        quarters={older: rich_pane(), older + 1: rich_pane(), quarter: rich_pane()},
        calls={"c": b"kept"},
    )
    assert await apply(bench, partition, claim, delta) is Outcome.APPLIED
    kept = [f"m:{old + 2}", f"q:{older + 1}", f"q:{quarter}"]
    assert sorted((await bench.reader.changed([(partition, 0)]))[0]) == sorted(kept)
    assert [await pane(bench, partition, name) for name in kept] == [unpack_pane(rich_pane())] * 3
    assert await pane(bench, partition, f"m:{old}") == StoredPane()
    assert await pane(bench, partition, f"q:{older}") == StoredPane()
    assert (await bench.reader.standing(partition, 0, [])).calls == {"c": b"kept"}


async def test_a_view_learns_which_panes_changed_after_a_sequence(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    other, _ = await pinned(bench)
    now = await bench.now()
    minute = now // MINUTE_MS
    for number, minutes in enumerate(((minute, minute - 1), (minute - 1,), (minute - 3, minute - 2))):
        panes = {m: pane_delta(facts={ROW: [1]}) for m in minutes}
        await apply(bench, partition, claim, batch(number, number + 1, now, minutes=panes))
    wanted = [(partition, 0), (partition, 1), (other, 0), (partition, 2), (partition, 3)]
    assert await bench.reader.changed(wanted) == [
        [f"m:{minute}", f"m:{minute - 1}", f"m:{minute - 3}", f"m:{minute - 2}"],
        [f"m:{minute - 1}", f"m:{minute - 3}", f"m:{minute - 2}"],
        [],
        [f"m:{minute - 3}", f"m:{minute - 2}"],
        [],
    ]


async def test_a_pane_of_thousands_of_rows_is_added_up_row_by_row(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    for start, rows in ((0, range(4500)), (1, range(2000, 7000))):
        facts = {f"t|q|c|{row}": [row, 1] for row in rows}
        buckets = {f"t|q|c|{row}|wait": [row % 7, 1] for row in rows}
        await apply(bench, partition, claim, in_quarter(now, start, start + 1, facts=facts, buckets=buckets))
    stored = await pane(bench, partition, f"q:{now // QUARTER_MS}")
    twice = {row: 2 if 2000 <= row < 4500 else 1 for row in range(7000)}
    assert stored.facts == {f"t|q|c|{row}": [row * n, n] for row, n in twice.items()}
    assert stored.buckets == {f"t|q|c|{row}|wait": [row % 7, n] for row, n in twice.items()}


NUMBERS = (0, 1, 127, 128, 255, 256, 65_535, 65_536, 2**31, 2**32 - 1, 2**32, 2**40, 2**52, 2**53 - 1)


async def test_integers_are_exact_up_to_two_to_the_53_in_both_directions(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    numbers = [*NUMBERS, *(-n for n in NUMBERS), *(-n - 1 for n in NUMBERS[:-1])]
    zeros = [0] * len(numbers)
    signed = [1 if n < 0 else -1 for n in numbers]
    for start, row in enumerate((numbers, zeros, signed)):
        own = {f"{ROW}|+": {f"f{place}": n for place, n in enumerate(row)}}
        await apply(bench, partition, claim, in_quarter(now, start, start + 1, facts={ROW: row}, own=own))
    stored = await pane(bench, partition, f"q:{now // QUARTER_MS}")
    expected = [a + b for a, b in zip(numbers, signed, strict=True)]
    assert stored.facts == {ROW: expected}
    assert stored.own == {f"{ROW}|+": {f"f{place}": n for place, n in enumerate(expected)}}


async def test_counters_and_gaps_are_exact_beyond_32_bits(bench: Bench) -> None:
    partition, claim = await pinned(bench, 2**52)
    await apply(bench, partition, claim, Delta(2**52, 2**52 + 1, counters={"applied": 2**45 + 1, "late": 0}))
    await apply(bench, partition, claim, Delta(2**52 + 1, 2**52 + 3, counters={"applied": 2**45}))
    await bench.writer.pin(partition, claim, 2**53 - 2, gap=2**50 + 1)
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None
    assert (row.next, row.gap, row.counters) == (2**53 - 2, 2**50 + 1, {"applied": 2**46 + 1, "late": 0})


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ([1, 2], [10], [11, 2]),
        ([1], [10, 20, 30], [11, 20, 30]),
        ([], [5], [5]),
        ([5], [], [5]),
        ([], [], []),
        ([1] * 15, [1] * 16, [2] * 15 + [1]),
        ([1] * 300, [2] * 40, [3] * 40 + [1] * 260),
    ],
)
async def test_rows_may_grow_by_further_facts(
    bench: Bench, first: list[int], second: list[int], whole: list[int]
) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, in_quarter(now, 0, 1, facts={ROW: first}))
    await apply(bench, partition, claim, in_quarter(now, 1, 2, facts={ROW: second}))
    assert (await pane(bench, partition, f"q:{now // QUARTER_MS}")).facts == {ROW: whole}


PAIRS = st.dictionaries(st.integers(0, 12) | st.integers(0, 2**16 - 1), st.integers(1, 2**31 - 1), max_size=12)


@PROPERTY
@given(batches=st.lists(PAIRS, min_size=1, max_size=4))
async def test_buckets_add_up_in_ascending_order(bench: Bench, batches: list[dict[int, int]]) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    whole: dict[int, int] = {}
    for start, counts in enumerate(batches):
        capped = {bucket: count // len(batches) + 1 for bucket, count in counts.items()}
        flat = [part for pair in sorted(capped.items()) for part in pair]
        await apply(bench, partition, claim, in_quarter(now, start, start + 1, buckets={f"{ROW}|wait": flat}))
        whole = {bucket: whole.get(bucket, 0) + capped.get(bucket, 0) for bucket in whole | capped}
    stored = await pane(bench, partition, f"q:{now // QUARTER_MS}")
    flat = [part for pair in sorted(whole.items()) for part in pair]
    assert stored.buckets == ({f"{ROW}|wait": flat} if flat else {})


async def test_entries_without_content_leave_no_trace(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    empty = pane_delta(buckets={f"{ROW}|wait": []}, own={f"{ROW}|+": {}}, distinct={f"{ROW}|opens": b""})
    minute = now // MINUTE_MS
    delta = batch(0, 1, now, minutes={minute: empty, minute - 1: PaneDelta()}, seen={now // HOUR_MS: b""})
    assert await apply(bench, partition, claim, delta) is Outcome.APPLIED
    assert await bench.reader.changed([(partition, 0)]) == [[]]
    assert await bench.expiries(partition) == {}
    assert (await bench.writer.load(partition, HORIZON_HOURS)).seen == {}


async def test_own_facts_keep_their_names_and_may_be_zero(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    for start, own in enumerate(({"b": 1, "日本": 2}, {"a": 3, "b": -1, "b ": 4, "ba": 0, "z" * 300: 5}, {"日本": 1})):
        await apply(bench, partition, claim, in_quarter(now, start, start + 1, own={f"{ROW}|+": own}))
    stored = await pane(bench, partition, f"q:{now // QUARTER_MS}")
    assert stored.own == {f"{ROW}|+": {"a": 3, "b": 0, "b ": 4, "ba": 0, "z" * 300: 5, "日本": 3}}


async def test_distinct_ids_are_a_set_however_they_come(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    shifted = int.from_bytes(ids(1, 2)[4:12], "little")  # stands inside of two others, but is none of them
    whole: set[int] = set()
    for start, numbers in enumerate(
        ([2, 1, 2**64 - 1], [7, 0, 2, shifted, 2, 2**32 - 1, 2**32], [7, 2**63], range(4000))
    ):
        distinct = {f"{ROW}|customers": ids(*numbers)}
        await apply(bench, partition, claim, in_quarter(now, start, start + 1, distinct=distinct))
        whole |= set(numbers)
        stored = await pane(bench, partition, f"q:{now // QUARTER_MS}")
        assert stored.distinct == {f"{ROW}|customers": ids(*sorted(whole))}


SETS = st.lists(st.lists(st.integers(0, 9) | st.integers(0, 2**64 - 1), max_size=20), min_size=1, max_size=5)


@PROPERTY
@given(batches=SETS)
async def test_distinct_ids_add_up_as_sets_do(bench: Bench, batches: list[list[int]]) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    for start, numbers in enumerate(batches):
        distinct = {f"{ROW}|customers": ids(*numbers)}
        await apply(bench, partition, claim, in_quarter(now, start, start + 1, distinct=distinct))
    whole = ids(*sorted({number for numbers in batches for number in numbers}))
    stored = await pane(bench, partition, f"q:{now // QUARTER_MS}")
    assert stored.distinct == ({f"{ROW}|customers": whole} if whole else {})


async def test_names_may_hold_any_character(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    rows = {row_name(a, b, "unassigned", a): [len(a), len(b)] for a in NASTY for b in NASTY}
    wait = {f"{row}|wait": [len(row), 1] for row in rows}
    own = {f"{row}|+": {"own": 1} for row in rows}
    distinct = {f"{row}|opens": ids(len(row)) for row in rows}
    states: dict[str, bytes | None] = {name: name.encode() for name in NASTY}
    delta = in_quarter(now, facts=rows, buckets=wait, own=own, distinct=distinct)
    delta.calls, delta.reps, delta.sources = states, states, dict.fromkeys(NASTY, now)
    await apply(bench, partition, claim, delta)
    assert await pane(bench, partition, f"q:{now // QUARTER_MS}") == StoredPane(rows, wait, own, distinct)
    standing = await bench.reader.standing(partition, 0, [])
    assert standing.calls == standing.reps == states
    assert await bench.reader.sources(partition) == delta.sources
    gone: dict[str, bytes | None] = dict.fromkeys(NASTY)
    await apply(bench, partition, claim, Delta(1, 2, calls=gone, reps=gone))
    standing = await bench.reader.standing(partition, 0, [])
    assert standing.calls == standing.reps == {}


# --- memory -----------------------------------------------------------------------------------------------------


async def test_ids_are_forgotten_by_arrival_and_never_by_the_clock(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    first = (await bench.now()) // HOUR_MS - 24 * 300  # a back-fill of a year ago
    for start, back in enumerate((0, 1, 10, HORIZON_HOURS + 1)):
        hour = first + back
        delta = Delta(start, start + 1, arrival=hour * HOUR_MS + 5, seen={hour: ids(back)}, ended={hour: ids(back)})
        await apply(bench, partition, claim, delta)
    memory = await bench.writer.load(partition, HORIZON_HOURS + 2)
    assert memory.seen == memory.ended == {first + back: ids(back) for back in (0, 1, 10, HORIZON_HOURS + 1)}
    await apply(bench, partition, claim, Delta(4, 5, arrival=(first + HORIZON_HOURS + 2) * HOUR_MS))
    memory = await bench.writer.load(partition, 10 * HORIZON_HOURS)
    assert memory.seen == memory.ended == {first + back: ids(back) for back in (1, 10, HORIZON_HOURS + 1)}
    await apply(bench, partition, claim, Delta(5, 6, arrival=(first + 1000) * HOUR_MS))
    memory = await bench.writer.load(partition, 2000)
    assert memory.seen == memory.ended == {}


async def test_a_batch_that_spans_days_leaves_only_ids_within_the_horizon(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    last = (await bench.now()) // HOUR_MS
    hours = {hour: ids(hour) for hour in range(last - 70, last + 1)}
    for start in (0, 1):
        delta = Delta(start, start + 1, arrival=last * HOUR_MS, seen=dict(hours), ended=dict(hours))
        await apply(bench, partition, claim, delta)
    memory = await bench.writer.load(partition, 100)
    assert min(memory.seen) == min(memory.ended) == last - HORIZON_HOURS - 1
    assert memory.seen == {hour: ids(hour, hour) for hour in range(last - HORIZON_HOURS - 1, last + 1)}


async def test_a_longer_horizon_remembers_for_longer_and_a_shorter_one_forgets_the_rest(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    last = (await bench.now()) // HOUR_MS
    patient, short = bench.writer_with(horizon_hours=48), bench.writer_with(horizon_hours=1)
    seen = {hour: ids(hour) for hour in range(last - 49, last + 1)}
    await patient.apply([(partition, claim, Delta(0, 1, arrival=last * HOUR_MS, seen=seen))])
    assert (await patient.load(partition, 60)).seen == seen
    await short.apply([(partition, claim, Delta(1, 2, arrival=last * HOUR_MS + 1))])
    assert (await short.load(partition, 60)).seen == {hour: ids(hour) for hour in range(last - 2, last + 1)}


async def test_a_load_returns_the_asked_hours_only(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    last = (await bench.now()) // HOUR_MS
    seen = {hour: ids(hour) for hour in range(last - 20, last + 1)}
    await apply(bench, partition, claim, Delta(0, 1, arrival=last * HOUR_MS, seen=seen))
    assert set((await bench.writer.load(partition, 3)).seen) == set(range(last - 3, last + 1))


@pytest.mark.parametrize("sizes", [(1, 509, 1, 510, 3), (3000,), (509, 1), (511, 511), (1,) * 30])
async def test_ids_come_back_in_the_order_in_which_they_were_stored(bench: Bench, sizes: tuple[int, ...]) -> None:
    partition, claim = await pinned(bench)
    arrival = await bench.now()
    at = 0
    for start, size in enumerate(sizes):
        seen = {arrival // HOUR_MS: ids(*range(at, at + size))}
        await apply(bench, partition, claim, Delta(start, start + 1, arrival=arrival, seen=seen))
        at += size
    assert (await bench.writer.load(partition, HORIZON_HOURS)).seen == {arrival // HOUR_MS: ids(*range(at))}


async def test_a_new_partition_remembers_nothing(bench: Bench) -> None:
    partition, _ = await pinned(bench)
    memory = await bench.writer.load(partition, HORIZON_HOURS + 2)
    assert (memory.seen, memory.ended, memory.calls, memory.reps) == ({}, {}, {}, {})


async def test_thousands_of_calls_and_reps_come_and_go_in_one_batch(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    coming: dict[str, bytes | None] = {f"c{number}": b"%d" % number for number in range(9001)}
    await apply(bench, partition, claim, Delta(0, 1, calls=coming, reps=coming))
    standing = await bench.reader.standing(partition, 0, [])
    assert standing.calls == standing.reps == coming
    going: dict[str, bytes | None] = {**dict.fromkeys(list(coming)[:9000]), "c9000": b"new", "absent": None}
    await apply(bench, partition, claim, Delta(1, 2, calls=going, reps=going))
    standing = await bench.reader.standing(partition, 0, [])
    assert standing.calls == standing.reps == {"c9000": b"new"}


async def test_a_source_keeps_its_latest_time_and_a_partition_its_first_sources(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    await apply(bench, partition, claim, Delta(0, 1, sources={"a": 500, "b": 900}))
    await apply(bench, partition, claim, Delta(1, 2, sources={"a": 400, "b": 2**41}))
    assert await bench.reader.sources(partition) == {"a": 500, "b": 2**41}
    await apply(bench, partition, claim, Delta(2, 3, sources={f"s{number}": 7 for number in range(MOST_SOURCES + 9)}))
    await apply(bench, partition, claim, Delta(3, 4, sources={"late": 8, "a": 501}))
    first = {f"s{number}": 7 for number in range(MOST_SOURCES - 2)}
    assert await bench.reader.sources(partition) == {"a": 501, "b": 2**41, **first}


# --- names ------------------------------------------------------------------------------------------------------


async def test_a_scope_admits_its_first_names_and_stays_with_them(bench: Bench) -> None:
    scope = bench.scope()
    assert await bench.writer.admit(scope, ["a", "b"], 100, 3) == {"a", "b"}
    assert await bench.writer.admit(scope, ["x", "a", "y"], 100, 3) == {"x", "a"}
    assert await bench.writer.admit(scope, ["y", "b", "x"], 101, 3) == {"b", "x"}
    assert await bench.writer.admit(scope, [], 101, 3) == set()
    assert await bench.writer.admit(bench.scope(), ["y"], 100, 3) == {"y"}


async def test_a_name_that_was_silent_for_36_days_gives_up_its_place(bench: Bench) -> None:
    scope = bench.scope()
    await bench.writer.admit(scope, ["old", "busy"], 100, 2)
    await bench.writer.admit(scope, ["busy"], 120, 2)
    assert await bench.writer.admit(scope, ["new"], 100 + SILENT_DAYS, 2) == set()
    assert await bench.writer.admit(scope, ["new", "newer"], 101 + SILENT_DAYS, 2) == {"new"}
    assert await bench.writer.admit(scope, ["old", "busy"], 101 + SILENT_DAYS, 2) == {"busy"}


async def test_a_silent_name_keeps_its_place_while_nobody_needs_it(bench: Bench) -> None:
    scope = bench.scope()
    await bench.writer.admit(scope, ["old"], 100, 2)
    assert await bench.writer.admit(scope, ["new", "old"], 900, 2) == {"new", "old"}


async def test_a_worker_whose_day_lags_does_not_shorten_a_names_stay(bench: Bench) -> None:
    scope = bench.scope()
    await bench.writer.admit(scope, ["a"], 100, 1)
    assert await bench.writer.admit(scope, ["a"], 99, 1) == {"a"}
    assert await bench.writer.admit(scope, ["b"], 100 + SILENT_DAYS, 1) == set()


async def test_thousands_of_names_of_any_characters_are_admitted_at_once(bench: Bench) -> None:
    scope = bench.scope()
    names = [*NASTY, *(f"name {number}" for number in range(9000))]
    assert await bench.writer.admit(scope, names, 1, 5000) == set(names[:5000])


async def test_a_store_that_never_evicts_is_safe(bench: Bench) -> None:
    assert await bench.writer.unsafe_policy() is None
