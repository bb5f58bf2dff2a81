"""Open calls: the same whatever the order of arrival, wherever batches end and whenever owners change."""

import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decode import TopicDecoder
from streams.floor import Floor
from streams.store.protocol import HOUR_MS, Memory
from streams.store.seen import SMALLEST
from streams.worker import calls as module
from streams.worker.calls import FORGOTTEN_AFTER_MS, OpenCalls
from tests.scanned import Sent, decoder_of, scanned

DECODER, OTHER_DECODER = (decoder_of("calls", Floor.default().catalogue()) for _ in range(2))
"""Each has numbers of its own for names and rows, as one has after it has begun anew."""
KINDS = ("call.queued", "call.answered", "call.ended", "call.wrapped")
NOW = 500_000 * HOUR_MS
SHOWN_MS = 24 * HOUR_MS


class Keeper:
    """What the store keeps of open calls, under one owner after the other."""

    def __init__(self) -> None:
        self._calls: dict[str, bytes] = {}
        self._ended: dict[int, bytes] = {}
        self._owner = self._new_owner()

    def change_owner(self) -> None:
        """Let another owner load what is kept."""
        self._owner = self._new_owner()

    def take(self, told: list[Sent], decoder: TopicDecoder = DECODER) -> None:
        """Take one batch."""
        self.take_parts([told], decoder)

    def take_parts(self, parts: list[list[Sent]], decoder: TopicDecoder = DECODER) -> None:
        """Take one batch that is read in parts."""
        for told in parts:
            self._owner.take(scanned(decoder, told))
        calls, ended = self._owner.changes(max(one.arrival for told in parts for one in told))
        for name, state in calls.items():
            if state is None:
                del self._calls[name]  # nothing is told of what the store has never heard of
            else:
                self._calls[name] = state
        for hour, ids in ended.items():
            self._ended[hour] = self._ended.get(hour, b"") + ids

    def shown(self, now: int = NOW) -> dict[str, list[Any]]:
        """Return the calls that boards show or count as stale."""
        found = {name: msgspec.msgpack.decode(state) for name, state in self._calls.items()}
        return {name: state for name, state in found.items() if state[-1] >= now - SHOWN_MS}

    def _new_owner(self) -> OpenCalls:
        return OpenCalls(Memory(calls=dict(self._calls), ended=dict(self._ended)), DECODER.layout, 24)


def queued(name: str, ms: int, arrival: int = NOW, queue: str = "q") -> Sent:
    return Sent("call.queued", {"call_id": name, "queue": queue, "team": "t"}, ms, arrival)


def answered(name: str, ms: int, arrival: int = NOW) -> Sent:
    return Sent("call.answered", {"call_id": name, "team": "t", "direction": "inbound"}, ms, arrival)


def ended(name: str, ms: int, arrival: int = NOW) -> Sent:
    return Sent("call.ended", {"call_id": name}, ms, arrival)


def kept(*told: Sent) -> dict[str, list[Any]]:
    keeper = Keeper()
    keeper.take(list(told))
    return keeper.shown()


def test_the_kinds_are_those_of_the_topic() -> None:
    assert set(KINDS) == set(DECODER.layout.types)


def test_a_call_waits_then_is_spoken_then_is_gone() -> None:
    keeper = Keeper()
    keeper.take([queued("a", NOW - 9)])
    assert keeper.shown() == {"a": [NOW - 9, "q", "t", None, None, None, NOW - 9]}
    keeper.take([answered("a", NOW - 5)])
    assert keeper.shown() == {"a": [NOW - 9, "q", "t", NOW - 5, "t", "inbound", NOW - 5]}
    keeper.take([ended("a", NOW - 1)])
    assert keeper.shown() == {}


def test_what_arrives_after_the_end_opens_nothing_also_under_a_new_owner() -> None:
    keeper = Keeper()
    keeper.take([ended("a", NOW - 1)])
    keeper.change_owner()
    keeper.take([queued("a", NOW - 9), answered("a", NOW - 5)])
    assert keeper.shown() == {}


def test_of_two_reports_of_a_step_the_later_one_counts_and_of_equal_ones_the_second() -> None:
    assert kept(queued("a", NOW - 1, queue="new"), queued("a", NOW - 2, queue="old"))["a"][1] == "new"
    assert kept(queued("a", NOW - 1, queue="first"), queued("a", NOW - 1, queue="second"))["a"][1] == "second"


def test_after_work_opens_nothing() -> None:
    assert kept(Sent("call.wrapped", {"call_id": "a"}, NOW, NOW)) == {}


def test_a_step_older_than_boards_show_does_not_depend_on_who_owned_when() -> None:
    one, two = Keeper(), Keeper()
    for keeper in (one, two):
        keeper.take([queued("b", NOW - 17 * SHOWN_MS, NOW - 90)])
        keeper.take([queued("a", NOW - 17 * SHOWN_MS, NOW - 60)])
    two.change_owner()
    for keeper in (one, two):
        keeper.take([answered("a", NOW - 5)])
    assert one.shown() == two.shown() == {"a": [None, None, None, NOW - 5, "t", "inbound", NOW - 5]}


def test_a_call_that_is_queued_anew_when_its_end_is_forgotten_stays_open_wherever_batches_end() -> None:
    later = NOW + 57 * HOUR_MS
    others = [ended(f"other {number}", later, later) for number in range(SMALLEST)]  # the table of ended calls grows
    steps = [[ended("a", NOW + 1)], others[:1000], others[1000:2000], others[2000:3000], [queued("a", later, later)]]
    kept = {"a": [later, "q", "t", None, None, None, later]}
    for cut in (range(1, len(steps) + 1), [len(steps)]):
        keeper, done = Keeper(), 0
        keeper.take([queued("a", NOW)])
        for end in cut:
            keeper.take_parts(steps[done:end])
            done = end
        assert keeper.shown(later) == kept


def test_silent_calls_are_forgotten_in_the_end() -> None:
    keeper = Keeper()
    keeper.take([queued("a", NOW)])
    later = NOW + FORGOTTEN_AFTER_MS + 3 * HOUR_MS
    keeper.take([queued("b", later, later)])
    assert set(keeper._calls) == {"b"}


STEPS = st.tuples(  # what, which call, how late, how many hours ago it arrived
    st.sampled_from([queued, answered, answered, ended]),
    st.sampled_from("aab"),
    st.sampled_from([0, 1, 26 * HOUR_MS + 1, 40 * HOUR_MS]),
    st.sampled_from([0, 1, 27, 28]),
)
CUTS = st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=12, max_size=12)


@given(
    st.lists(STEPS, min_size=2, max_size=12),
    CUTS,
    CUTS,
)
def test_batches_and_owners_make_no_difference(
    steps: list[Any], left: list[tuple[int, bool]], right: list[tuple[int, bool]]
) -> None:
    told = sorted(
        (make(name, NOW - hours * HOUR_MS - late, NOW - hours * HOUR_MS) for make, name, late, hours in steps),
        key=lambda one: one.arrival,
    )
    now = told[-1].arrival
    assert _cut(told, left).shown(now) == _cut(told, right).shown(now)


def _cut(told: list[Sent], cuts: list[tuple[int, bool]]) -> Keeper:
    keeper = Keeper()
    rest = told
    for size, change in cuts:
        if rest[:size]:
            keeper.take(rest[:size])
        rest = rest[size:]
        if change:
            keeper.change_owner()
    return keeper


@given(st.permutations([queued("a", NOW - 9), answered("a", NOW - 5), queued("b", NOW - 3), ended("c", NOW - 2)]))
def test_the_order_of_arrival_makes_no_difference(told: list[Sent]) -> None:
    assert kept(*told) == kept(*sorted(told, key=lambda one: one.ms))


class Model:
    """What is open, in plain Python; nothing here is silent for long."""

    def __init__(self) -> None:
        self.open: dict[str, list[Any]] = {}
        self._ended: set[str] = set()

    def take(self, told: Sequence[Sent]) -> None:
        """Take one batch."""
        self._ended |= {one.data["call_id"] for one in told if one.kind == "call.ended"}
        for name in self._ended & self.open.keys():
            del self.open[name]
        for one in told:
            name, queue, team = one.data["call_id"], one.data.get("queue"), one.data.get("team")
            if name in self._ended or one.kind == "call.wrapped":
                continue
            state = self.open.setdefault(name, [None] * 6 + [one.ms])
            if one.kind == "call.queued" and (state[0] is None or one.ms >= state[0]):
                state[:3] = [one.ms, queue, team]
            elif one.kind == "call.answered" and (state[3] is None or one.ms >= state[3]):
                state[3:6] = [one.ms, team, one.data["direction"]]
            state[6] = max(state[6], one.ms)


NAMED = ("", "x", "y" * 64, "\N{TELEPHONE RECEIVER}" * 64, '|%"\n')


def happen(dice: random.Random, names: Sequence[str]) -> Sent:
    """Return a step of one of these calls."""
    kind = dice.choice(KINDS)
    data: dict[str, Any] = {"call_id": dice.choice(names), "team": dice.choice(NAMED) or None}
    if kind != "call.wrapped":
        data["queue"] = dice.choice(NAMED) or None
    if kind == "call.answered":
        data["direction"] = dice.choice(("inbound", "outbound"))
    return Sent(kind, data, NOW - dice.randrange(3_600_000), NOW)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most_rows", [3, 1 << 16], ids=["rows begin anew", "rows stay"])
def test_thousands_of_calls_are_what_a_dict_says(seed: int, most_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", most_rows)
    dice, keeper, model = random.Random(seed), Keeper(), Model()
    for batch in range(12):
        letters = [dice.choice("ab\N{GRINNING FACE}") * dice.choice((1, 20, 31, 32, 60, 128)) for _ in range(600)]
        names = [(letter + str(number))[-128:] for number, letter in enumerate(letters, 300 * batch)]
        told = [happen(dice, names) for _ in range(900)]
        keeper.take(told, (DECODER, OTHER_DECODER)[batch % 3 == 0])
        model.take(told)
        assert keeper.shown() == model.open
        if dice.random() < 0.3:
            keeper.change_owner()
    assert len(model.open) > 1 << 10, "the table has grown"
