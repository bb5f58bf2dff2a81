"""Changes of state by event time, equal times by offset, whatever the order in which they came."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.store.protocol import HOUR_MS, Memory
from streams.worker.reps import KEPT_MS, RepChanges
from tests.worker.parts import event

NOW = 500_000 * HOUR_MS


class State:
    """Stands for the struct of `rep.state_changed`."""


def change(rep: str, state: str, team: str | None = None) -> Any:
    return event(State, rep=rep, state=state, team=team)


def stored(changes: dict[str, bytes | None]) -> dict[str, Any]:
    return {rep: packed and [tuple(one) for one in msgspec.msgpack.decode(packed)] for rep, packed in changes.items()}


def test_changes_are_ordered_by_time_then_by_offset() -> None:
    reps = RepChanges(Memory())
    reps.take([change("a", "late"), change("a", "early"), change("a", "same")], [NOW, NOW - 5, NOW], [7, 8, 9])
    assert stored(reps.changes(NOW)) == {
        "a": [(NOW - 5, 8, "early", None), (NOW, 7, "late", None), (NOW, 9, "same", None)]
    }


def test_only_reps_with_news_are_told() -> None:
    reps = RepChanges(Memory())
    reps.take([change("a", "meal", "t"), change("b", "meal")], [NOW, NOW], [1, 2])
    reps.changes(NOW)
    reps.take([change("b", "offline")], [NOW], [3])
    assert set(reps.changes(NOW)) == {"b"}


@given(st.permutations(range(6)), st.integers(0, 6))
def test_the_order_of_arrival_and_a_new_owner_make_no_difference(order: list[int], first: int) -> None:
    events = [(change("a", str(place)), NOW + place % 3, place) for place in range(6)]
    reps = RepChanges(Memory())
    for place in order[:first]:
        reps.take(*([part] for part in events[place]))
    kept = {rep: packed for rep, packed in reps.changes(NOW).items() if packed}
    heir = RepChanges(Memory(reps=kept))
    for place in order[first:]:
        heir.take(*([part] for part in events[place]))
    heir.take([change("a", "last")], [NOW + 9], [9])
    told = stored(heir.changes(NOW))["a"]
    assert [offset for _, offset, *_ in told] == [0, 3, 1, 4, 2, 5, 9]


def test_what_no_late_change_can_reach_is_dropped_save_the_state_that_it_left_behind() -> None:
    reps = RepChanges(Memory())
    old = NOW - KEPT_MS
    reps.take([change("a", name) for name in "xyz"], [old - 9, old - 5, NOW], [1, 2, 3])
    assert [state for _, _, state, _ in stored(reps.changes(NOW))["a"]] == ["y", "z"]


def test_a_rep_who_is_silent_for_long_is_forgotten() -> None:
    reps = RepChanges(Memory())
    reps.take([change("a", "meal")], [NOW], [1])
    reps.changes(NOW)
    later = NOW + KEPT_MS + HOUR_MS
    reps.take([change("b", "meal")], [later], [2])
    assert stored(reps.changes(later)) == {"a": None, "b": [(later, 2, "meal", None)]}
