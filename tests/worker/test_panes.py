"""Additions become panes: quarters are the sums of their minutes, rows that share a name are one."""

from collections.abc import Mapping
from typing import Any

from streams.decode import TopicDecoder
from streams.derive import adder_fields
from streams.floor import Floor
from streams.kpis.catalogue import load
from streams.kpis.compile import Adder, RowKey, Rows, compile_adder
from streams.kpis.model import Fact
from streams.store.packing import pack_own, unpack_pane
from streams.store.protocol import HOUR_MS, MINUTE_MS
from streams.worker.panes import MINUTES_SENT_MS, panes_of

NOW = 500_000 * HOUR_MS
MINUTE = NOW // MINUTE_MS
ADDER = Adder(
    lambda *_: None,
    facts=2,
    own=("mine",),
    own_counted=lambda row: ["mine", row[2]] if row[2] else [],
    buckets=("wait",),
    distinct=("ids",),
    template=[],
    source="",
)


class Names(dict[RowKey, str]):
    """Rows by the team alone."""

    def __missing__(self, key: RowKey) -> str:
        return f"row {key[0]}"


def key(team: str) -> RowKey:
    return (team, None, None, None)


def panes(rows: Rows, names: Mapping[RowKey, str] | None = None) -> Any:
    """Return minute and quarter panes, unpacked."""
    deltas = panes_of(rows, ADDER, Names() if names is None else names, NOW)
    return [{number: unpack_pane(pane) for number, pane in group.items()} for group in deltas]


def ids(packed: bytes) -> set[int]:
    """Return ids of 8 bytes; repeats are harmless."""
    return {int.from_bytes(packed[at : at + 8], "little") for at in range(0, len(packed), 8)}


def test_a_quarter_is_the_sum_of_its_minutes() -> None:
    first = MINUTE - MINUTE % 15
    rows: Rows = {
        first: {key("a"): [1, 10, 0, [5], [7, 7]]},
        first + 14: {key("a"): [2, 20, 3, [5, 4], []], key("b"): [1, 0, 0, [], []]},
        first + 15: {key("a"): [4, 40, 0, [], []]},
    }
    minutes, quarters = panes(rows)
    assert minutes[first].facts == {"row a": [1, 10]}
    assert minutes[first + 14].own == {"row a|+": {"mine": 3}}
    assert quarters[first // 15].facts == {"row a": [3, 30], "row b": [1, 0]}
    assert quarters[first // 15].own == {"row a|+": {"mine": 3}}
    assert quarters[first // 15].buckets == {"row a|wait": [4, 1, 5, 2]}
    assert ids(quarters[first // 15].distinct["row a|ids"]) == {7}
    assert quarters[first // 15 + 1].facts == {"row a": [4, 40]}


def test_nothing_is_added_in_place() -> None:
    row = [1, 1, 0, [5], []]
    rows: Rows = {MINUTE: {key("a"): row}, MINUTE + 1: {key("a"): [1, 1, 0, [6], []]}}
    panes(rows)
    assert row == [1, 1, 0, [5], []]


def test_keys_that_share_a_row_are_added_up() -> None:
    names = {key("a"): "__other__", key("b"): "__other__", key("c"): "row c"}
    rows: Rows = {MINUTE: {key(team): [1, 2, 1, [3], [4]] for team in "abc"}}
    minutes, quarters = panes(rows, names)
    for pane in (minutes[MINUTE], quarters[MINUTE // 15]):
        assert pane.facts == {"__other__": [2, 4], "row c": [1, 2]}
        assert pane.own == {"__other__|+": {"mine": 2}, "row c|+": {"mine": 1}}
        assert pane.buckets == {"__other__|wait": [3, 2], "row c|wait": [3, 1]}
        assert ids(pane.distinct["__other__|ids"]) == {4}


def test_minutes_that_the_store_forgot_long_ago_are_left_out_and_their_quarter_is_not() -> None:
    old = MINUTE - MINUTES_SENT_MS // MINUTE_MS - 1
    minutes, quarters = panes({old: {key("a"): [1, 0, 0, [], []]}})
    assert minutes == {}
    assert quarters[old // 15].facts == {"row a": [1, 0]}


def test_own_facts_are_packed_by_name_however_the_floor_orders_them_and_without_zeros() -> None:
    own = {name: Fact(name, "call.ended", {}, 1, own=True) for name in ("b", "a", "c", "Z")}
    decoder = TopicDecoder("calls")
    catalogue = load().with_facts(own.values())
    adder = compile_adder("calls", catalogue, Floor.default().rules(), adder_fields(decoder.structs))
    row = adder.template.copy()
    row[adder.facts : adder.facts + 4] = [1, 2, 0, 3]
    minutes, _ = panes_of({MINUTE: {key("a"): row}}, adder, Names(), NOW)
    assert adder.own == ("Z", "a", "b", "c")
    assert minutes[MINUTE].own == {"row a|+": pack_own({"c": 3, "a": 2, "Z": 1})}
    empty = {MINUTE: {key("a"): adder.template.copy()}}
    assert panes_of(empty, adder, Names(), NOW)[0][MINUTE].own == {}
