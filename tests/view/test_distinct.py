"""The table of last minutes says how many different ids each slot has seen since any minute, as plain sets do."""

from collections import defaultdict

import numpy as np
import numpy.typing as npt
from hypothesis import example, given
from hypothesis import strategies as st

from streams.view.distinct import LastSeen

SLOTS = 5
SAME_HOME = tuple(n << 40 for n in range(1, 4))
"""Ids whose low bits are equal: they meet in the table."""
ids = st.sampled_from((0, 1, 2**64 - 1, 2**63, *SAME_HOME)) | st.integers(0, 40)
sightings = st.lists(st.tuples(st.integers(0, SLOTS - 1), ids), max_size=12)


def feed(table: LastSeen, pairs: list[tuple[int, int]], minute: int) -> None:
    slots = np.array([slot for slot, _ in pairs], dtype=np.int32)
    table.feed(slots, np.array([value for _, value in pairs], dtype=np.uint64), minute)


def sizes(seen: dict[tuple[int, int], int], minute: int) -> list[int]:
    return [sum(s == slot and last >= minute for (s, _), last in seen.items()) for slot in range(SLOTS)]


@given(st.lists(st.tuples(sightings, st.integers(100, 160)), max_size=12), st.sets(st.integers(90, 170)))
def test_sizes_are_those_of_sets(feeds: list[tuple[list[tuple[int, int]], int]], minutes: set[int]) -> None:
    table, last = LastSeen(), defaultdict[tuple[int, int], int](int)
    for pairs, minute in feeds:
        feed(table, pairs, minute)
        for pair in pairs:
            last[pair] = max(last[pair], minute)
    found = table.since(minutes, SLOTS)
    assert {minute: list(counts) for minute, counts in found.items()} == {m: sizes(last, m) for m in minutes}


@example([([(0, 7)], 15)], [([(0, 7)], 60)], 15)
@given(
    st.lists(st.tuples(sightings, st.integers(0, 89)), max_size=12),
    st.lists(st.tuples(sightings, st.integers(0, 89)), max_size=12),
    st.sampled_from((0, 15, 30, 45)),
)
def test_coarse_stretches_count_alike_from_their_borders_on(
    before: list[tuple[list[tuple[int, int]], int]], after: list[tuple[list[tuple[int, int]], int]], forgotten: int
) -> None:
    table, last = LastSeen(), defaultdict[tuple[int, int], int](lambda: -1)
    for pairs, minute in before:
        feed(table, pairs, minute)
        for pair in pairs:
            last[pair] = max(last[pair], minute)
    for first in (0, 15, 30):
        table.coarsen(range(first, first + 15))
    table.forget(forgotten)
    for pairs, minute in after:
        if minute >= forgotten:
            feed(table, pairs, minute // 15 * 15 if minute < 45 else minute)
            for pair in pairs:
                last[pair] = max(last[pair], minute)
    for minute in (forgotten, 45, 50, 89):
        assert list(table.since([minute], SLOTS)[minute]) == sizes(last, minute), minute


@given(st.lists(st.tuples(sightings, st.integers(0, 30)), max_size=8), st.integers(0, 31))
def test_a_union_over_slots_counts_each_id_once(feeds: list[tuple[list[tuple[int, int]], int]], minute: int) -> None:
    table, last = LastSeen(), defaultdict[tuple[int, int], int](lambda: -1)
    for pairs, seen_in in feeds:
        feed(table, pairs, seen_in)
        for pair in pairs:
            last[pair] = max(last[pair], seen_in)
    chosen = np.array([True, False, True, True, False])
    wanted = {value for (slot, value), at in last.items() if at >= minute and chosen[slot]}
    assert table.union_since(minute, chosen) == len(wanted)


def test_many_ids_are_kept_apart_while_the_table_grows() -> None:
    table = LastSeen()
    many: npt.NDArray[np.uint64] = np.arange(30_000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for minute in range(3):
        for slot in range(2):
            table.feed(np.full(len(many), slot, dtype=np.int32), many, minute)
    assert table.since([2], 2)[2].tolist() == [30_000, 30_000]
    assert table.since([3], 2)[3].tolist() == [0, 0]
