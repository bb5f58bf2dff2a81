"""Open calls that are followed are those that a plain recount finds, however they change and time passes."""

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.store.protocol import Partition
from streams.view import open_calls
from streams.view.open_calls import Calls, OpenCall, OpenCalls, Waiting
from tests.view.floor_of_two import FIRST, HOUR, MINUTE, NOON, SECOND

TIMES = st.none() | st.sampled_from((-25, -23, -5, -4, -3, 0)).map(lambda hours: hours * HOUR) | st.integers(-5, 5)
STEPS = st.sampled_from((0, 1, 1, 3, MINUTE, HOUR, 4 * HOUR, 20 * HOUR))
NAMES = st.none() | st.sampled_from(("a", "b"))


def recount(calls: list[OpenCall], now_ms: int) -> Calls:
    waits: dict[str, list[int]] = {}
    active: Counter[tuple[str, str]] = Counter()
    stale = 0
    for call in calls:
        happened = [ms for ms in (call.queued_ms, call.answered_ms) if ms is not None and ms <= now_ms]
        if not happened:
            continue
        silent_ms = now_ms - max(happened)
        if silent_ms >= 4 * HOUR:
            stale += silent_ms < 24 * HOUR
        elif call.answered_ms is not None and call.answered_ms <= now_ms:
            active[call.active_team or "unassigned", call.direction or "unassigned"] += 1
        elif call.queued_ms is not None and call.queued_ms <= now_ms:
            waits.setdefault(call.queue or "unassigned", []).append(now_ms - call.queued_ms)
    return Calls({queue: Waiting(len(ms), max(ms)) for queue, ms in waits.items()}, active, stale)


def call_at(now_ms: int, queued: int | None, answered: int | None, queue: str | None, team: str | None) -> OpenCall:
    known = [now_ms + ms for ms in (queued, answered) if ms is not None]
    queued_ms, answered_ms = (None if ms is None else now_ms + ms for ms in (queued, answered))
    return OpenCall(queued_ms, queue, None, answered_ms, team, "inbound", max(known, default=now_ms))


CALLS = st.tuples(TIMES, TIMES, NAMES, NAMES)
CHANGES = st.dictionaries(st.sampled_from("wxyz"), st.none() | CALLS, max_size=4)


@given(st.lists(st.tuples(STEPS, st.sampled_from((FIRST, SECOND)), st.booleans(), CHANGES), max_size=12))
@pytest.mark.parametrize("few", [0, 1000])
def test_open_calls_equal_a_recount(few: int, steps: list[tuple[int, Partition, bool, dict[str, Any]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_calls, "FEW", few)
        followed, known, now_ms = OpenCalls(), {FIRST: dict[str, OpenCall](), SECOND: dict[str, OpenCall]()}, NOON
        for step, partition, whole, coming in steps:
            now_ms += step
            calls = {name: call_at(now_ms, *one) if one else None for name, one in coming.items()}
            packed = {name: msgspec.msgpack.encode(one) if one else None for name, one in calls.items()}
            held = {} if whole else known[partition]
            known[partition] = {name: one for name, one in {**held, **calls}.items() if one}
            if whole:
                followed.take(partition, {name: one for name, one in packed.items() if one})
            else:
                followed.change(partition, packed)
            assert followed.at(now_ms) == recount([*known[FIRST].values(), *known[SECOND].values()], now_ms)


def test_an_answer_that_lies_ahead_does_not_keep_a_silent_call_on_the_board() -> None:
    followed = OpenCalls()
    followed.change(FIRST, {"c": msgspec.msgpack.encode(call_at(NOON, -5 * HOUR, 2 * MINUTE, "q", "alpha"))})
    assert followed.at(NOON) == Calls({}, {}, 1)
    assert followed.at(NOON + 2 * MINUTE) == Calls({}, {("alpha", "inbound"): 1}, 0)


def test_calls_that_have_ended_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_calls, "FEW", 10)
    followed = OpenCalls()
    for number in range(1000):
        packed = msgspec.msgpack.encode(call_at(NOON + number, 0, None, "q", None))
        followed.change(FIRST, {str(number): packed, str(number - 5): None})
        followed.at(NOON + number)
        assert len(followed._ends) <= 22 and len(followed._begins["q"]) <= 22
    followed.take(FIRST, {})
    assert followed.at(NOON + HOUR) == Calls({}, {}, 0)
    assert not followed._begins
