"""What the compiled program adds is what the additions say, one event after the other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events.fields import UNASSIGNED
from streams.events import EVENT, Events, Names, RowKey
from streams.floor import parse
from streams.kpis import counting
from streams.kpis.additions import (
    Action,
    Addition,
    Between,
    NoneOf,
    OneOf,
    Plan,
    Test,
    There,
    Within,
    additions_of,
)
from streams.kpis.buckets import bucket_of
from streams.kpis.catalogue import load
from streams.kpis.counting import Counted, Counting
from streams.kpis.model import HIGH_BITS
from streams.kpis.service_level import POLICIES, QueuePolicy
from streams.kpis.versions import Versions
from streams.layout import NAMES, Field, Kind, layout_of
from tests.native.columns import layout_with
from tests.wire import chained

MINUTE = 60_000
OUTCOMES = ("answered", "abandoned", "busy")
LAYOUT = layout_with(
    Field("a", Kind.INTEGER, False),
    Field("b", Kind.INTEGER, False),
    Field("flag", Kind.FLAG, False),
    Field("outcome", Kind.CHOICE, False, choices=OUTCOMES),
    Field("text", Kind.TEXT, False),
    hashes=[("text",)],
)
QUEUES = {
    "slow": Versions(QueuePolicy(50, 10, "short_abandon_is_met"), ((1000, QueuePolicy(5, 3, "abandons_ignored")),)),
    None: Versions(
        QueuePolicy(20, 5, "abandoned_in_time_is_met"),
        ((-500, QueuePolicy(20, 5, "short_abandon_ignored")), (MINUTE, QueuePolicy(9, 9, "abandons_count_against"))),
    ),
}


class Sent(NamedTuple):
    """An event as it is scanned."""

    ms: int
    row: RowKey
    values: Mapping[str, Any]
    """An absent field is None or not there."""


@dataclass
class Added:
    """What events add up to, in a form that has no order."""

    sums: dict[tuple[int, RowKey], list[int]]
    samples: Counter[tuple[int, RowKey, int, int]]
    """Minute, row, kind, value."""
    excluded: int


def policies(queue: str | None) -> Versions[QueuePolicy]:
    return QUEUES.get(queue, QUEUES[None])


def counter(*additions: Addition, places: int = 2, buckets: int = 0, distinct: int = 0) -> Counting:
    """Return what counts events of the made-up type by these additions."""
    plan = Plan({"x": additions}, places, (), ("",) * buckets, ("",) * distinct)
    with mock.patch.object(counting, "additions_of", return_value=plan):
        return Counting(load(), LAYOUT, policies)


def table_of(sent: Sequence[Sent], names: Names) -> list[list[Events]]:
    """Return a single batch of events as the scanner makes them."""
    table = np.zeros(len(sent), dtype=EVENT)
    numbers = {row: number for number, row in enumerate(names.rows)}
    for place, one in enumerate(sent):
        if one.row not in numbers:
            numbers[one.row] = len(names.rows)
            names.rows.append(one.row)
        table[place]["ms"], table[place]["row"], table[place]["taken"] = one.ms, numbers[one.row], 1
        for name, value in one.values.items():
            if value is None or value is False:
                continue
            slot = LAYOUT.hashes[(name,)] if name == "text" else LAYOUT.slots[name]
            table[place]["slots"][slot] = np.array(_number(name, value) & (1 << 64) - 1, dtype="u8").astype("i8")
            table[place]["present"] |= 1 << slot
    return [[Events(table, names)]]


def _number(name: str, value: Any) -> int:
    if name == "text":
        return chained([value])
    return OUTCOMES.index(value) + 1 if name == "outcome" else int(value)


def added(parts: Sequence[Counted]) -> Added:
    """Return what has been counted, its parts added up."""
    found = Added({}, Counter(), 0)
    for part in parts:
        keys = [(int(one["minute"]), part.keys[int(one["row"])]) for one in part.sums]
        assert len(set(keys)) == len(keys)
        for key, numbers in zip(keys, part.numbers.tolist(), strict=True):
            held = found.sums.get(key)
            found.sums[key] = numbers if held is None else [a + b for a, b in zip(held, numbers, strict=True)]
        for one in part.samples:
            found.samples[(*keys[int(one["sum"])], int(one["kind"]), int(one["value"]))] += 1
        found.excluded += len(part.excluded)
    return found


def value_of(one: Sent, name: str) -> Any:
    """Return a field's value with its default."""
    if name in NAMES:
        return one.row[NAMES.index(name)] or UNASSIGNED
    return one.values.get(name) or False if name == "flag" else one.values.get(name)


def passes(one: Sent, test: Test) -> bool:
    """Say whether an event passes a test, by its description."""
    match test:
        case OneOf(name, values):
            found = value_of(one, name)
            return found is not None and found in values
        case NoneOf(name, values):
            return value_of(one, name) not in values
        case Within(name, at_least, below):
            found = value_of(one, name)
            return found is not None and (at_least is None or found >= at_least) and (below is None or found < below)
        case There(names):
            return all(value_of(one, name) is not None for name in names)
        case Between(since_ms, until_ms):
            return (since_ms is None or one.ms >= since_ms) and (until_ms is None or one.ms < until_ms)


def one_by_one(sent: Sequence[Sent], additions: Sequence[Addition], places: int) -> Added:
    """Add up events by reading the additions for each of them."""
    found = Added({}, Counter(), 0)
    for one in sent:
        key = one.ms // MINUTE, one.row
        numbers = found.sums.setdefault(key, [0] * places)
        for addition in additions:
            if all(passes(one, test) for test in addition.tests):
                for place, number in numbers_of(one, addition):
                    numbers[place] += number
                found.samples.update((*key, addition.place, value) for value in samples_of(one, addition))
                found.excluded += addition.action is Action.EXCLUDE
    return found


def numbers_of(one: Sent, addition: Addition) -> list[tuple[int, int]]:
    """Return what an event that passes the tests adds to which places."""
    match addition.action:
        case Action.COUNT:
            return [(addition.place, 1)]
        case Action.SUM:
            return [(addition.place, total(one, addition))]
        case Action.WIDE:
            high, low = divmod(total(one, addition), 1 << HIGH_BITS)
            return [(addition.place, low), (addition.other, high)]
        case Action.JUDGE:
            return [*zip((addition.place, addition.other), judged(one), strict=True)]
    return []


def samples_of(one: Sent, addition: Addition) -> list[int]:
    """Return the samples that an event gives."""
    if addition.action is Action.BUCKET:
        return [bucket_of(total(one, addition))]
    return [chained([one.values["text"]])] if addition.action is Action.HASH else []


def total(one: Sent, addition: Addition) -> int:
    return sum(one.values.get(name) or 0 for name in addition.fields)


def judged(one: Sent) -> tuple[int, int]:
    """Return what a call adds by its queue's policy."""
    policy, wait = policies(one.row[1]).at(one.ms), one.values.get("a") or 0
    if one.values["outcome"] == "answered":
        return int(wait <= policy.threshold_ms), 1
    return policy.rule.within if wait <= policy.limit_ms else policy.rule.beyond


TEAMS = st.sampled_from([None, "a", "b", "é", UNASSIGNED])
ROWS = st.tuples(TEAMS, st.sampled_from([None, "slow", "q"]), st.none(), TEAMS)
NUMBERS = st.sampled_from([0, 1, -1, 3, 5, 9, 10, 20, 50, 2**24, -(2**24), 2**24 - 1, 2**53 - 1, -(2**53) + 1]) | st.integers(0, 99)  # fmt: skip
TIMES = st.sampled_from([0, -1, 1, 999, 1000, -500, -501, -MINUTE, MINUTE, MINUTE - 1, -(10**13), 2 * 10**14]) | st.integers(-200_000, 200_000)  # fmt: skip
TEXTS = st.sampled_from(["", "t", "u", "営"])
SENT = st.builds(
    Sent,
    TIMES,
    ROWS,
    st.fixed_dictionaries(
        {},
        optional={
            "a": NUMBERS,
            "b": NUMBERS,
            "flag": st.booleans(),
            "outcome": st.sampled_from(OUTCOMES),
            "text": TEXTS,
        },
    ),
)


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=1, max_size=4).map(tuple)


BOUND = NUMBERS | st.sampled_from([10**30, -(10**30)])
TESTS = st.one_of(
    st.builds(OneOf, st.sampled_from(["team", "rep"]), some(TEAMS.filter(bool))),
    st.builds(OneOf, st.just("flag"), some(st.booleans())),
    st.builds(OneOf, st.just("outcome"), some(st.sampled_from(OUTCOMES))),
    st.builds(OneOf, st.sampled_from("ab"), some(NUMBERS)) | st.builds(NoneOf, st.sampled_from("ab"), some(NUMBERS)),
    st.builds(OneOf, st.just("text"), some(TEXTS)) | st.builds(NoneOf, st.just("text"), some(TEXTS)),
    st.builds(Within, st.sampled_from("ab"), BOUND, st.none() | BOUND)
    | st.builds(Within, st.just("a"), st.none(), BOUND),
    st.builds(There, st.sampled_from([("a",), ("b",), ("text",), ("outcome",)])),
    st.builds(Between, st.none() | TIMES, st.none() | TIMES),
)
ANY_TESTS = st.lists(TESTS, max_size=3).map(tuple)
FIELDS = st.sampled_from([("a",), ("b",), ("a", "b"), ("b", "b", "a", "a")])
ADDITIONS = st.one_of(
    st.builds(Addition, st.just(Action.COUNT), st.integers(0, 2), st.just(()), ANY_TESTS),
    st.builds(Addition, st.just(Action.SUM), st.integers(0, 2), FIELDS, ANY_TESTS),
    st.builds(Addition, st.just(Action.WIDE), st.just(3), FIELDS, ANY_TESTS, st.just(4)),
    st.builds(Addition, st.just(Action.EXCLUDE), st.just(0), st.just(()), ANY_TESTS),
    ANY_TESTS.map(lambda tests: Addition(Action.HASH, 1, ("text",), (*tests, There(("text",))))),
    ANY_TESTS.map(lambda tests: Addition(Action.BUCKET, 0, ("a",), (*tests, Within("a", 0, None)))),
    ANY_TESTS.map(lambda tests: Addition(Action.JUDGE, 0, ("a",), (*tests, OneOf("outcome", OUTCOMES[:2])), 1)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ADDITIONS, max_size=8), st.lists(SENT, min_size=1, max_size=40))
def test_any_additions_add_what_they_say(additions: list[Addition], sent: list[Sent]) -> None:
    counts = counter(*additions, places=5, buckets=1, distinct=1)
    expected = one_by_one(sent, additions, 5) if additions else Added({}, Counter(), 0)
    names = Names()
    assert added([*counts.count(table_of(sent, names))]) == expected
    assert added([*counts.count(table_of(sent[::-1], names))]) == expected  # what was before leaves nothing behind


def test_each_test_passes_what_it_says_and_an_absent_value_is_none_of_them() -> None:
    alike: list[Test] = [
        *(kind("a", values) for kind in (OneOf, NoneOf) for values in ((0,), (-1, 0, 5), (4, 6), (5,))),
        *(Within("a", *bounds) for bounds in ((0, None), (None, 5), (0, 5), (5, 6), (1, None), (None, 0), (-1, 1))),
        *(OneOf("flag", values) for values in ((True,), (False,), (True, False))),
        *(OneOf("outcome", values) for values in (OUTCOMES, OUTCOMES[:1], OUTCOMES[2:])),
        *(kind("text", values) for kind in (OneOf, NoneOf) for values in (("",), ("t", "u"), ("u", "営"))),
        *(There((name,)) for name in ("a", "text", "outcome")),
        *(OneOf(name, values) for name in NAMES for values in (("x",), (UNASSIGNED,), ("x", UNASSIGNED))),
    ]
    values: list[Mapping[str, Any]] = [{}, {"flag": True}, {"flag": False}]
    values += [{"a": number} for number in (-1, 0, 1, 4, 5, 6)] + [{"text": text} for text in ("", "t", "u", "v", "営")]
    values += [{"outcome": outcome} for outcome in OUTCOMES]
    rows: list[RowKey] = [(None,) * 4, ("x", None, None, None), (None, "x", "y", "x"), (UNASSIGNED, None, "x", "y")]
    sent = [Sent(0, row, one) for row in rows for one in values]
    additions = [Addition(Action.COUNT, place, tests=(test,)) for place, test in enumerate(alike)]
    counts = counter(*additions, places=len(alike))
    for one in sent:
        assert added([*counts.count(table_of([one], Names()))]) == one_by_one([one], additions, len(alike)), one


def test_buckets_are_those_of_the_python_around_every_power_of_two() -> None:
    counts = counter(Addition(Action.BUCKET, 0, ("a",)), buckets=1)
    values = sorted({max(0, (1 << bits) + step) for bits in range(63) for step in (-2, -1, 0, 1, 2)} | {*range(1000)})
    sent = [Sent(0, (None,) * 4, {"a": value}) for value in values]
    (counted,) = counts.count(table_of(sent, Names()))
    assert counted.samples["value"].tolist() == [*map(bucket_of, values)]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_wide_sum_has_a_low_part_that_is_never_negative(sign: int) -> None:
    counts = counter(Addition(Action.WIDE, 0, ("a",), other=1))
    amounts = [sign * (2**53 - 1 - number) for number in range(300)]
    (counted,) = counts.count(table_of([Sent(0, (None,) * 4, {"a": amount}) for amount in amounts], Names()))
    ((low, high),) = counted.numbers.tolist()
    assert low >= 0 and (high << HIGH_BITS) + low == sum(amounts)


@pytest.mark.parametrize(
    "ms", [-MINUTE - 1, -MINUTE, -1, 0, MINUTE - 1, MINUTE, -62_135_596_800_000, 253_402_300_799_999]
)
def test_minutes_are_floored_before_1970_too(ms: int) -> None:
    counts = counter(Addition(Action.COUNT, 0))
    (counted,) = counts.count(table_of([Sent(ms, (None,) * 4, {})], Names()))
    assert counted.sums["minute"].tolist() == [ms // MINUTE]


def test_versions_meet_at_their_instant() -> None:
    additions = [
        Addition(Action.COUNT, 0, tests=(Between(None, -5),)),
        Addition(Action.COUNT, 1, tests=(Between(-5, 7),)),
        Addition(Action.COUNT, 2, tests=(Between(7, None),)),
    ]
    counts = counter(*additions, places=3)
    found = added([*counts.count(table_of([Sent(ms, (None,) * 4, {}) for ms in range(-8, 10)], Names()))])
    assert found.sums == {(-1, (None,) * 4): [3, 5, 0], (0, (None,) * 4): [0, 7, 3]}


def test_every_policy_judges_around_its_limits_and_from_its_instant() -> None:
    judged = Addition(Action.JUDGE, 0, ("a",), (OneOf("outcome", OUTCOMES[:2]),), 1)
    counts = counter(judged)
    moments, waits = (-501, -500, 0, 999, 1000, MINUTE - 1, MINUTE), (0, 3, 4, 5, 6, 9, 10, 11, 20, 21, 50, 51)
    for one in product(moments, waits, OUTCOMES, ("slow", None, "q")):
        ms, wait, outcome, queue = one
        sent = [Sent(ms, (None, queue, None, None), {"a": wait, "outcome": outcome})]
        assert added([*counts.count(table_of(sent, Names()))]) == one_by_one(sent, [judged], 2), one
    assert {version.policy for versions in QUEUES.values() for _, version in versions} < set(POLICIES)


def test_more_than_64_conditions_on_names_are_told_apart() -> None:
    """In a row they are bits of several words."""
    facts = "\n".join(f"  f{n}: {{event: call.ended, where: {{team: [t{n}, both]}}, add: 1}}" for n in range(150))
    floor = parse(f"floor: {{currency: USD}}\nfacts:\n{facts}\n".encode())
    catalogue, layout = floor.catalogue(), layout_of("calls", [("call_id",), ("customer",)])
    plan = additions_of(catalogue, layout)
    table = np.zeros(152, dtype=EVENT)
    table["row"], table["type"] = range(152), layout.types.index("call.ended")
    rows: list[RowKey] = [(f"t{n}", None, None, None) for n in range(150)]
    names = Names(rows=[*rows, ("both", None, None, None), (None, "t1", "t2", "t3")])
    (counted,) = Counting(catalogue, layout, floor.queue_policies).count([[Events(table, names)]])
    own = {row: numbers[plan.facts :] for row, numbers in zip(counted.sums["row"].tolist(), counted.numbers.tolist(), strict=True)}  # fmt: skip
    for n in range(150):
        assert {name for name, number in zip(plan.own, own[n], strict=True) if number} == {f"f{n}"}
    assert own[150] == [1] * 150
    assert own[151] == [0] * 150


def test_a_bound_that_no_value_reaches_is_a_bound_too() -> None:
    """A floor may write any whole number."""
    floor = parse(
        b"floor: {currency: USD}\nfacts:\n"
        b"  none: {event: call.ended, where: {talk_ms: {at_least: 1e30}}, add: 1}\n"
        b"  every: {event: call.ended, where: {talk_ms: {below: 1e30}}, add: 1}\n"
    )
    catalogue, layout = floor.catalogue(), layout_of("calls", [("call_id",), ("customer",)])
    table = np.zeros(1, dtype=EVENT)
    table["type"], table["present"] = layout.types.index("call.ended"), 1 << layout.slots["talk_ms"]
    (counted,) = Counting(catalogue, layout, floor.queue_policies).count([[Events(table, Names(rows=[(None,) * 4]))]])
    assert counted.numbers[0].tolist()[-2:] == [1, 0]


MANY = [
    Sent(number * 7919, (f"t{number % 5}", "slow" if number % 3 else None, None, f"r{number % 41}"), {"a": number % 97, "text": f"{number % 53}"})
    for number in range(5000)
]  # fmt: skip
EACH = (
    Addition(Action.COUNT, 0, tests=(OneOf("team", ("t1", "t3")),)),
    Addition(Action.SUM, 1, ("a",)),
    Addition(Action.BUCKET, 0, ("a",)),
    Addition(Action.HASH, 1, ("text",)),
)


@pytest.mark.parametrize("at_once", [1, 7, 300, 10_000])
def test_events_are_counted_in_as_many_parts_as_there_must_be(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "LEAST", at_once)
    monkeypatch.setattr(counting, "AT_ONCE_BYTES", 0)
    counts, sent = counter(*EACH, buckets=1, distinct=1), MANY[:1000]
    parts = [*counts.count(table_of(sent, Names()))]
    assert len(parts) == -(-len(sent) // at_once)
    assert added(parts) == one_by_one(sent, EACH, 2)


def test_room_grows_with_the_events_and_nothing_of_before_is_left_in_it() -> None:
    counts, names = counter(*EACH, buckets=1, distinct=1), Names()
    before = counts._machine._size
    for size in (1, 256, 257, 3000, 5, 5000, 100):
        sent = MANY[:size]
        assert added([*counts.count(table_of(sent, names))]) == one_by_one(sent, EACH, 2)
    assert counts._machine._size > before
    assert [*counts.count(table_of([], names))] == []


def test_other_names_are_told_anew() -> None:
    """The scanner's numbers may begin anew at any time, and events with old names may still come."""
    counts, one, other = counter(*EACH, buckets=1, distinct=1), Names(), Names(rows=[("t1", None, None, None)])
    for names, sent in (
        (one, MANY[:50]),
        (other, MANY[50:99]),
        (one, MANY[:80]),
        (other, MANY[99:200]),
        (one, MANY[:9]),
    ):
        assert added([*counts.count(table_of(sent, names))]) == one_by_one(sent, EACH, 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(ADDITIONS, min_size=1, max_size=6), st.lists(st.lists(SENT, max_size=8), max_size=6))
def test_batches_that_are_counted_together_add_up_each_by_itself(
    additions: list[Addition], batches: list[list[Sent]]
) -> None:
    counts, names = counter(*additions, places=5, buckets=1, distinct=1), Names()
    together = [*counts.count([table_of(sent, names)[0] for sent in batches])]
    for place, sent in enumerate(batches):
        assert added([_of(place, counted) for counted in together]) == one_by_one(sent, additions, 5)


def _of(batch: int, counted: Counted) -> Counted:
    """Return what a batch has of what was counted together."""
    mine = np.flatnonzero(counted.sums["batch"] == batch)
    samples = counted.samples[np.isin(counted.samples["sum"], mine)].copy()
    samples["sum"] = np.searchsorted(mine, samples["sum"])
    excluded = counted.excluded[counted.excluded == batch]
    return Counted(counted.keys, counted.sums[mine], counted.numbers[mine], samples, excluded)


def test_an_event_type_that_adds_nothing_makes_no_sums() -> None:
    (counted,) = counter().count(table_of(MANY[:3], Names()))
    assert (len(counted.sums), len(counted.samples), len(counted.excluded)) == (0, 0, 0)
