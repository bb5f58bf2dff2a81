"""Intervals between changes: split at minutes, capped, and the same whatever the order in which the changes come."""

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.floor import Floor
from streams.kpis import time_in_state as module
from streams.kpis.additions import additions_of
from streams.kpis.time_in_state import LASTS_MS, Change, Rows, TimeInState
from streams.layout import layout_of

CATALOGUE = Floor.default().catalogue()
TIME = TimeInState(CATALOGUE, additions_of(CATALOGUE, layout_of("reps")))
LAYOUT = CATALOGUE.layout("reps")
MINUTE, HOUR = 60_000, 3_600_000
NOON = 1_795_521_600_000
STATES = ("available", "on_call", "wrap_up", "break", "offline")


def intervals(changes: Iterable[Change]) -> dict[tuple[int, str | None, str], int]:
    """Return (minute, team, fact) → ms after the changes came in this order."""
    known: list[Change] = []
    rows: Rows = {}
    for change in changes:
        place = bisect(known, change)
        known.insert(place, change)
        TIME.inserted("r", known, place, rows)
    return {
        (minute, key[0], fact): ms
        for minute, named in rows.items()
        for key, row in named.items()
        for fact, ms in zip(LAYOUT, row, strict=True)
        if ms
    }


def recounted(changes: Sequence[Change], step_ms: int) -> dict[tuple[int, str | None, str], int]:
    """Return the same for changes that lie on steps, asking at each step who was in which state."""
    found: Counter[tuple[int, str | None, str]] = Counter()
    ordered = sorted(changes)
    for moment in range(ordered[0][0], ordered[-1][0], step_ms):
        began, _, state, team = [change for change in ordered if change[0] <= moment][-1]
        if state != "offline" and moment < began + 12 * HOUR:
            found[moment // MINUTE, team, f"state_{state}_ms"] += step_ms
    return dict(found)


def test_an_interval_is_split_exactly_at_the_borders_of_minutes() -> None:
    got = intervals([(NOON - 1, 1, "on_call", "a"), (NOON + MINUTE + 500, 2, "offline", "b")])
    first = NOON // MINUTE
    assert got == {
        (first - 1, "a", "state_on_call_ms"): 1,
        (first, "a", "state_on_call_ms"): MINUTE,
        (first + 1, "a", "state_on_call_ms"): 500,
    }


def test_an_interval_lasts_twelve_hours_at_most() -> None:
    for length, counted in ((LASTS_MS - 1, LASTS_MS - 1), (LASTS_MS, LASTS_MS), (LASTS_MS + HOUR, LASTS_MS)):
        got = intervals([(NOON, 1, "meal", "a"), (NOON + length, 2, "available", "a")])
        assert sum(got.values()) == counted
        assert max(minute for minute, *_ in got) == (NOON + counted - 1) // MINUTE


def test_a_last_change_closes_nothing_of_its_own() -> None:
    assert intervals([(NOON, 1, "meal", "a")]) == {}


def test_of_changes_at_the_same_time_the_last_offset_counts() -> None:
    same = [(NOON, 7, "meal", "a"), (NOON, 8, "on_call", "b"), (NOON + MINUTE, 9, "offline", None)]
    for order in (same, same[::-1], [same[1], same[2], same[0]]):
        assert intervals(order) == {(NOON // MINUTE, "b", "state_on_call_ms"): MINUTE}


def test_a_late_change_cuts_off_only_what_the_cap_had_left() -> None:
    """The state had run out when the late change came in between: nothing is taken out of it."""
    late = [(NOON, 1, "meal", "a"), (NOON + 20 * HOUR, 3, "offline", "a"), (NOON + 14 * HOUR, 2, "on_call", "a")]
    got = intervals(late)
    assert sum(ms for (*_, fact), ms in got.items() if fact == "state_meal_ms") == 12 * HOUR
    assert sum(ms for (*_, fact), ms in got.items() if fact == "state_on_call_ms") == 6 * HOUR


CHANGES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(STATES), st.sampled_from(("a", None))), min_size=2, max_size=8
)


@given(CHANGES, st.sampled_from((20_000, HOUR)), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_what_a_recount_moment_by_moment_gives(
    drawn: list[tuple[int, str, str | None]], step_ms: int, dice: Random
) -> None:
    changes: list[Change] = [(NOON + at * step_ms, offset, *rest) for offset, (at, *rest) in enumerate(drawn)]  # type: ignore[misc]
    wanted = recounted(changes, min(step_ms, MINUTE))
    shuffled = changes.copy()
    dice.shuffle(shuffled)
    assert intervals(changes) == intervals(shuffled) == wanted


GUARDED: list[Change] = [
    (NOON, 1, "meal", "a"),
    (NOON + 14 * HOUR, 2, "offline", "a"),
    (NOON + 15 * HOUR, 3, "on_call", "a"),
    (NOON + HOUR, 4, "available", "a"),
]
"""A state that outlasts 12 h, one that is offline, and a late one that cuts another off."""


def _never_takes_out(patch: pytest.MonkeyPatch) -> None:
    add = TimeInState._add
    patch.setattr(TimeInState, "_add", lambda *interval: add(*interval) if interval[5] > 0 else None)


def _never_runs_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "LASTS_MS", 99 * HOUR)


def _counts_offline(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TIME, "_places", {**TIME._places, "offline": 0})


@pytest.mark.parametrize("mutant", [None, _never_takes_out, _never_runs_out, _counts_offline])
def test_mutants_without_a_guard_are_caught(
    mutant: Callable[[pytest.MonkeyPatch], None] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = recounted(GUARDED, MINUTE)
    if mutant:
        mutant(monkeypatch)
    assert (intervals(GUARDED) == wanted) is (mutant is None)
