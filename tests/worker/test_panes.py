"""Sums become panes: quarters are the sums of their minutes, rows that share a name are one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import RowKey
from streams.kpis.additions import Plan, additions_of, hashes_of
from streams.kpis.catalogue import load
from streams.kpis.counting import NUMBER, SAMPLE, SUM, Counted
from streams.kpis.model import Fact
from streams.kpis.time_in_state import Rows
from streams.layout import layout_of
from streams.store.packing import pack_buckets, pack_facts, pack_ids, pack_own, unpack_pane
from streams.store.protocol import HOUR_MS, MINUTE_MS, PaneDelta
from streams.worker import panes as module
from streams.worker.panes import MINUTES_SENT_MS, Packer, named

NOW = 500_000 * HOUR_MS
MINUTE = NOW // MINUTE_MS
PLAN = Plan({}, facts=2, own=("mine",), buckets=("wait",), distinct=("ids",))
PACKER = Packer(PLAN)
Row = list[Any]
"""Built-in facts, the own one, a list of buckets, a list of ids."""
Told = list[tuple[int, RowKey, Row]]
"""Minute, names, row."""


class Names(dict[RowKey, str]):
    """Rows by the team alone."""

    def __missing__(self, key: RowKey) -> str:
        return f"row {key[0]}"


def key(team: str) -> RowKey:
    return (team, None, None, None)


def counted(rows: Told, plan: Plan = PLAN) -> Counted:
    """Return rows as they are counted."""
    keys = list(dict.fromkeys(key for _, key, _ in rows))
    sums, numbers = np.zeros(len(rows), dtype=SUM), np.zeros((len(rows), plan.places), dtype=NUMBER)
    samples = []
    for place, (minute, names, row) in enumerate(rows):
        sums[place]["minute"], sums[place]["row"] = minute, keys.index(names)
        numbers[place] = row[: plan.places]
        samples += [(value, place, kind) for kind, values in enumerate(row[plan.places :]) for value in values]
    return Counted(keys, sums, numbers, np.array(samples, dtype=SAMPLE), np.zeros(0, dtype=np.uint32))


def packed(
    parts: Iterable[Told], timed: Rows | None = None, names: Mapping[RowKey, str] | None = None, packer: Packer = PACKER
) -> tuple[dict[int, PaneDelta], dict[int, PaneDelta]]:
    """Return minute and quarter panes of rows that were counted in parts."""
    sums = named([*map(counted, parts)], [timed or {}], Names() if names is None else names, PLAN.places)
    (panes,) = packer.panes_of(sums, 1, NOW)
    return panes


def panes(rows: Mapping[int, Mapping[RowKey, Row]], names: Mapping[RowKey, str] | None = None) -> Any:
    """Return minute and quarter panes, unpacked."""
    told = [(minute, key, row) for minute, keyed in rows.items() for key, row in keyed.items()]
    return [{number: unpack_pane(pane) for number, pane in group.items()} for group in packed([told], names=names)]


def ids(packed: bytes) -> set[int]:
    """Return ids of 8 bytes."""
    return {int.from_bytes(packed[at : at + 8], "little") for at in range(0, len(packed), 8)}


def test_a_quarter_is_the_sum_of_its_minutes() -> None:
    first = MINUTE - MINUTE % 15
    minutes, quarters = panes(
        {
            first: {key("a"): [1, 10, 0, [5], [7, 7]]},
            first + 14: {key("a"): [2, 20, 3, [5, 4], []], key("b"): [1, 0, 0, [], []]},
            first + 15: {key("a"): [4, 40, 0, [], []]},
        }
    )
    assert minutes[first].facts == {"row a": [1, 10]}
    assert minutes[first + 14].own == {"row a|+": {"mine": 3}}
    assert quarters[first // 15].facts == {"row a": [3, 30], "row b": [1, 0]}
    assert quarters[first // 15].own == {"row a|+": {"mine": 3}}
    assert quarters[first // 15].buckets == {"row a|wait": [4, 1, 5, 2]}
    assert ids(quarters[first // 15].distinct["row a|ids"]) == {7}
    assert quarters[first // 15 + 1].facts == {"row a": [4, 40]}


def test_nothing_is_added_in_place() -> None:
    one, other = (counted([(MINUTE + place, key("a"), [1, 1, 0, [5 + place], []])]) for place in range(2))
    timed: Rows = {MINUTE: {key("a"): [0, 7, 0]}}
    tables = (one.sums, one.numbers, one.samples, other.sums, other.numbers, other.samples)
    before = [table.tobytes() for table in tables]
    PACKER.panes_of(named([one, other], [timed], Names(), PLAN.places), 1, NOW)
    assert [table.tobytes() for table in tables] == before
    assert timed == {MINUTE: {key("a"): [0, 7, 0]}}


def test_keys_that_share_a_row_are_added_up() -> None:
    names = {key("a"): "__other__", key("b"): "__other__", key("c"): "row c"}
    minutes, quarters = panes({MINUTE: {key(team): [1, 2, 1, [3], [4]] for team in "abc"}}, names)
    for pane in (minutes[MINUTE], quarters[MINUTE // 15]):
        assert pane.facts == {"__other__": [2, 4], "row c": [1, 2]}
        assert pane.own == {"__other__|+": {"mine": 2}, "row c|+": {"mine": 1}}
        assert pane.buckets == {"__other__|wait": [3, 2], "row c|wait": [3, 1]}
        assert ids(pane.distinct["__other__|ids"]) == {4}


def test_minutes_that_the_store_forgot_long_ago_are_left_out_and_their_quarter_is_not() -> None:
    old = MINUTE - MINUTES_SENT_MS // MINUTE_MS - 1
    minutes, quarters = panes({old: {key("a"): [1, 0, 0, [9], [8]]}})
    assert minutes == {}
    assert quarters[old // 15].facts == {"row a": [1, 0]}
    assert quarters[old // 15].buckets == {"row a|wait": [9, 1]}
    minutes, _ = panes({old + 1: {key("a"): [1, 0, 0, [], []]}})
    assert set(minutes) == {old + 1}


def test_nothing_becomes_no_panes() -> None:
    assert packed([]) == packed([[], []]) == ({}, {})


def test_batches_that_are_packed_together_are_packed_each_by_itself() -> None:
    parts: list[Told] = [
        [(MINUTE, key("a"), [1, 10, 1, [5], [7]]), (MINUTE + 15, key("b"), [2, 20, 0, [], [7, 8]])],
        [],
        [(MINUTE, key("a"), [4, 40, 0, [5, 6], [7]])],
    ]
    timed: list[Rows] = [{}, {}, {MINUTE: {key("a"): [0, 7, 0], key("c"): [0, 1, 0]}}]
    both = [counted(part) for part in parts]
    for batch, one in enumerate(both):
        one.sums["batch"] = batch
    together = PACKER.panes_of(named(both, timed, Names(), PLAN.places), len(parts), NOW)
    assert together == [packed([part], rows) for part, rows in zip(parts, timed, strict=True)]
    assert together[1] == ({}, {})


OWN = {name: Fact(name, "call.ended", {}, 1, own=True) for name in ("b", "a", "c", "Z", "é")}
OWN_CATALOGUE = load().with_facts(OWN.values())
OWN_PLAN = additions_of(OWN_CATALOGUE, layout_of("calls", hashes_of("calls", OWN_CATALOGUE)))
OWN_PACKER = Packer(OWN_PLAN)


@given(st.lists(st.integers(-3, 3), min_size=5, max_size=5))
def test_own_facts_are_packed_by_name_however_the_floor_orders_them_and_without_zeros(own: list[int]) -> None:
    assert OWN_PLAN.own == ("Z", "a", "b", "c", "é")
    row = [*[1] * OWN_PLAN.facts, *own]
    sums = named([counted([(MINUTE, key("a"), row)], OWN_PLAN)], [{}], Names(), len(row))
    ((minutes, _),) = OWN_PACKER.panes_of(sums, 1, NOW)
    told = {name: number for name, number in zip(OWN_PLAN.own, own, strict=True) if number}
    assert minutes[MINUTE].own == ({"row a|+": pack_own(told)} if told else {})
    assert minutes[MINUTE].facts == {"row a": pack_facts([1] * OWN_PLAN.facts)}


def pairs(buckets: Sequence[int]) -> list[int]:
    """Return [bucket, count, …] in the order of buckets."""
    return [part for bucket in sorted(set(buckets)) for part in (bucket, buckets.count(bucket))]


def recounted(parts: Sequence[Told], timed: Rows, names: Mapping[RowKey, str], minutes: int) -> dict[int, PaneDelta]:
    """Return panes of so many minutes, added up row by row and packed as the store's other programs do."""
    told = [one for part in parts for one in part]
    told += [(minute, key, [*row, [], []]) for minute, keyed in timed.items() for key, row in keyed.items()]
    totals: dict[int, dict[str, Row]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, [], []]))
    for minute, row_key, row in told:
        total = totals[minute // minutes][names[row_key]]
        total[:] = [a + b for a, b in zip(total, row, strict=True)]
    return {
        pane: PaneDelta(
            facts={name: pack_facts(row[:2]) for name, row in rows.items()},
            own={f"{name}|+": pack_own({"mine": row[2]}) for name, row in rows.items() if row[2]},
            buckets={f"{name}|wait": pack_buckets(pairs(row[3])) for name, row in rows.items() if row[3]},
            distinct={f"{name}|ids": pack_ids(row[4]) for name, row in rows.items() if row[4]},
        )
        for pane, rows in totals.items()
    }


EDGES = [
    edge + step for bits in (5, 7, 8, 15, 16, 31, 32, 62) for edge in (1 << bits, -(1 << bits)) for step in (-1, 0)
]
NUMBERS = st.sampled_from([0, 0, 1, *EDGES])
KEYS = st.sampled_from("abcde").map(key)
MINUTES = st.integers(MINUTE - 40, MINUTE)
ROWS = st.tuples(
    NUMBERS.map(lambda number: number // 64),  # up to 64 of them must not overflow
    st.integers(0, 1 << 40),
    st.integers(-1, 1),
    st.lists(st.integers(0, 3000), max_size=30),
    st.lists(st.sampled_from([0, 1, 1 << 63, (1 << 64) - 1]) | st.integers(0, (1 << 64) - 1), max_size=30),
).map(list)
PARTS = st.lists(st.lists(st.tuples(MINUTES, KEYS, ROWS), max_size=8), max_size=3)
TIMED = st.dictionaries(
    MINUTES,
    st.dictionaries(KEYS, st.lists(st.integers(-60_000, 60_000), min_size=3, max_size=3), max_size=2),
    max_size=3,
)


@given(PARTS, TIMED)
def test_panes_are_what_a_recount_packs(parts: list[Told], timed: Rows) -> None:
    names = {key(team): "__other__" if team in "ab" else f"row {team}" for team in "abcde"}
    minutes, quarters = packed(parts, timed, names)
    assert minutes == recounted(parts, timed, names, 1)
    assert quarters == recounted(parts, timed, names, 15)


@pytest.mark.parametrize("number", [1, *EDGES, (1 << 63) - 1, -(1 << 63)])
def test_numbers_of_every_size_are_packed_as_the_store_packs_them(number: int) -> None:
    minutes, _ = packed([[(MINUTE, key("a"), [number, 0, number, [], []])]])
    assert minutes[MINUTE].facts == {"row a": pack_facts([number, 0])}
    assert minutes[MINUTE].own == {"row a|+": pack_own({"mine": number})}


@pytest.mark.parametrize("content", [1, module.CONTENT])
def test_there_is_room_for_very_many_sums_and_samples(content: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONTENT", content)
    monkeypatch.setattr(module, "LEAST", 2)
    packer = Packer(PLAN)
    for many in (3, 1000, 7):
        told: Told = [
            (MINUTE - place % 40, key(str(place % 400)), [place, 1, place % 3, [place % 50], [place << 50, 5]])
            for place in range(many)
        ]
        minutes, quarters = packed([told], packer=packer)
        assert minutes == recounted([told], {}, Names(), 1)
        assert quarters == recounted([told], {}, Names(), 15)
