"""What `apply.lua` is given: one text of msgpack, and the bytes that its lengths cut up, in its order."""

import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.store.keeping import expiry_s
from streams.store.packing import (
    pack,
    pack_buckets,
    pack_ids,
    pack_own,
    pack_pane,
    unpack_buckets,
    unpack_own,
    unpack_pane,
    unpack_told,
)
from streams.store.protocol import Delta, PaneDelta, Partition, StoredPane, Told
from tests.contract.deltas import Small, fold, pane_delta, small_events

ONE, TWO, THREE = (bytes([number]) * 8 for number in (1, 2, 3))
PAIRS = st.dictionaries(st.integers(0, 2**16 - 1), st.integers(1, 2**32 - 1)).map(
    lambda counts: [part for pair in sorted(counts.items()) for part in pair]
)
OWN = st.dictionaries(st.text(max_size=20), st.integers(-(2**53), 2**53))


def described(delta: Delta) -> tuple[Any, bytes]:
    """Return what a delta is packed to, its description read."""
    text, content = pack(delta, 24)
    return msgspec.msgpack.decode(text), content


@given(small_events(1_700_000_000_123))
def test_what_a_view_wants_of_a_batch_comes_back(events: list[Small]) -> None:
    delta, partition = fold(events, 7), Partition("calls", 3)
    assert unpack_told(partition, 5, delta.start, delta.end, *pack(delta, 24)) == Told.of(partition, 5, delta)


@given(PAIRS)
def test_buckets_come_back(pairs: list[int]) -> None:
    packed = pack_buckets(pairs)
    assert unpack_buckets(packed) == pairs
    assert len(packed) == 3 * len(pairs)


@pytest.mark.parametrize("pair", [[2**16, 1], [1, 2**32], [-1, 1]])
def test_a_bucket_that_does_not_fit_is_an_error_and_never_another_bucket(pair: list[int]) -> None:
    with pytest.raises(struct.error):
        pack_buckets(pair)


@given(OWN)
def test_own_facts_come_back(own: dict[str, int]) -> None:
    assert unpack_own(pack_own(own)) == own


@given(OWN, st.randoms(use_true_random=False))
def test_the_same_own_facts_are_the_same_bytes(own: dict[str, int], dice: Any) -> None:
    items = [*own.items()]
    dice.shuffle(items)
    assert pack_own(dict(items)) == pack_own(own)


@given(OWN)
def test_own_facts_stand_in_the_order_of_their_bytes(own: dict[str, int]) -> None:
    names = [*unpack_own(pack_own(own))]
    assert names == sorted(own, key=str.encode)


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(255, 257), min_size=1, max_size=9))
def test_ids_ascend_as_numbers_each_once(ids: list[int]) -> None:
    packed = pack_ids(ids)
    assert [int.from_bytes(packed[at : at + 8], "little") for at in range(0, len(packed), 8)] == sorted(set(ids))


def test_a_pane_comes_back_without_what_is_empty() -> None:
    facts = {"r": [1, -2], "s": []}
    pane = StoredPane(
        facts,
        buckets={"r|wait": [3, 4], "s|wait": []},
        own={"r|+": {"x": 5}, "s|+": {}},
        distinct={"r|opens": ONE, "s|opens": b""},
    )
    filled = StoredPane(facts, {"r|wait": [3, 4]}, {"r|+": {"x": 5}}, {"r|opens": ONE})
    assert unpack_pane(pack_pane(pane)) == filled


def test_the_lengths_cut_the_bytes_up_in_the_order_of_the_description() -> None:
    pane = pane_delta(
        facts={"a|b|c|d": [1, -2]},
        buckets={"a|b|c|d|wait": [3, 4]},
        own={"a|b|c|d|+": {"x": 5}},
        distinct={"a|b|c|d|opens": ONE + TWO},
    )
    delta = Delta(
        10,
        20,
        arrival=7,
        watermark=6,
        minutes={100: pane},
        quarters={6: pane_delta(facts={"e|f|g|h": []})},
        counters={"applied": 2},
        sources={"pbx": 9},
        seen={1: ONE},
        ended={2: THREE},
        calls={"open": b"state", "gone": None},
        reps={"ann": b""},
    )
    (arrival, watermark, horizon, counters, sources, panes, seen, ended, calls, reps), content = described(delta)
    assert (arrival, watermark, horizon) == (7, 6, 24)
    assert (counters, sources) == (["applied", 2], ["pbx", 9])
    facts, buckets, own = msgspec.msgpack.encode([1, -2]), pack_buckets([3, 4]), pack_own({"x": 5})
    assert panes == [
        [
            "m:100",
            expiry_s("m:100"),
            [
                ["facts", ["a|b|c|d"], [len(facts)]],
                ["buckets", ["a|b|c|d|wait"], [6]],
                ["own", ["a|b|c|d|+"], [len(own)]],
                ["distinct", ["a|b|c|d|opens"], [16]],
            ],
        ],
        ["q:6", expiry_s("q:6"), [["facts", ["e|f|g|h"], [1]]]],
    ]
    assert (seen, ended) == ([1, 8], [2, 8])
    assert (calls, reps) == ([["open"], [5], ["gone"]], [["ann"], [0], []])
    assert content == facts + buckets + own + ONE + TWO + b"\x90" + ONE + THREE + b"state"


def test_what_is_empty_is_left_out() -> None:
    pane = pane_delta(buckets={"r|wait": []}, own={"r|+": {}}, distinct={"r|opens": b""})
    (*_, panes, _, _, _, _), content = described(Delta(0, 1, minutes={1: pane, 2: PaneDelta()}))
    assert (panes, content) == ([], b"")


@pytest.mark.parametrize("end", [5, 4])
def test_a_delta_that_spans_no_offset_is_refused(end: int) -> None:
    with pytest.raises(ValueError, match="spans no offset"):
        pack(Delta(5, end), 24)
