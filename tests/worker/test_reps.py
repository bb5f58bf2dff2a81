"""Changes of state by event time, equal times by offset, and the time between them, whatever order they came in."""

from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.floor import Floor
from streams.kpis.additions import additions_of
from streams.kpis.time_in_state import Rows, TimeInState
from streams.store.protocol import HOUR_MS, MINUTE_MS, Memory
from streams.worker import reps as module
from streams.worker.reps import FORGOTTEN_AFTER_MS, KEPT_MS, RepChanges
from tests.scanned import Sent, decoder_of, scanned
from tests.view.floor_of_reps import OwnRows

NOW = 500_000 * HOUR_MS
CATALOGUE = Floor.default().catalogue()
DECODER = decoder_of("reps", CATALOGUE)
TIME = TimeInState(CATALOGUE, additions_of(CATALOGUE, DECODER.layout))
Data = dict[str, str | None]
AVAILABLE = CATALOGUE.layout("reps").index("state_available_ms")


class Followed:
    """The changes of a partition with all that they added to panes."""

    def __init__(self, memory: Memory | None = None, rows: Rows | None = None) -> None:
        self.rows: Rows = {} if rows is None else rows
        self.reps = RepChanges(memory or Memory(), TIME, DECODER.layout)

    def take(self, *changes: tuple[Data, int, int], arrival: int = NOW) -> None:
        """Follow changes (data, time, offset), all of which arrive at once, one by one."""
        for data, ms, offset in changes:
            self.reps.take(scanned(DECODER, [Sent("rep.state_changed", data, ms, arrival, offset)]), self.rows)

    def told(self, arrival: int = NOW) -> dict[str, Any]:
        return stored(self.reps.changes(arrival, OwnRows()))

    def heir(self) -> "Followed":
        """Return a new owner's."""
        packed = {rep: packed for rep, packed in self.reps.changes(NOW, OwnRows()).items() if packed}
        return Followed(Memory(reps=packed), self.rows)

    def time(self) -> dict[tuple[int, str | None], list[int]]:
        """Return (minute, team) → ms in each state."""
        return {(m, key[0]): row for m, named in self.rows.items() for key, row in named.items() if any(row)}


def change(rep: str, state: str, team: str | None = None) -> Data:
    return {"rep": rep, "state": state, "team": team}


def stored(changes: dict[str, bytes | None]) -> dict[str, Any]:
    return {rep: packed and [tuple(one) for one in msgspec.msgpack.decode(packed)] for rep, packed in changes.items()}


def test_changes_are_ordered_by_time_then_by_offset() -> None:
    reps = Followed()
    reps.take((change("a", "meal"), NOW, 7), (change("a", "email"), NOW - 5, 8), (change("a", "break"), NOW, 9))
    assert reps.told() == {"a": [(NOW - 5, 8, "email", None), (NOW, 7, "meal", None), (NOW, 9, "break", None)]}


def test_only_reps_with_news_are_told() -> None:
    reps = Followed()
    reps.take((change("a", "meal", "t"), NOW, 1), (change("b", "meal"), NOW, 2))
    reps.told()
    reps.take((change("b", "offline"), NOW, 3))
    assert set(reps.told()) == {"b"}


@given(st.permutations(range(6)), st.integers(0, 6))
def test_the_order_of_arrival_and_a_new_owner_make_no_difference(order: list[int], first: int) -> None:
    states = ("available", "on_call", "meal", "offline", "available", "wrap_up")
    events = [(change("a", state, "t"), NOW + place % 3 * 90_000, place) for place, state in enumerate(states)]
    plain = Followed()
    plain.take(*events)
    before = Followed()
    before.take(*(events[place] for place in order[:first]))
    heir = before.heir()
    heir.take(*(events[place] for place in order[first:]), (change("a", "training"), NOW + 300_000, 9))
    plain.take((change("a", "training"), NOW + 300_000, 9))
    assert [offset for _, offset, *_ in heir.told()["a"]] == [0, 3, 1, 4, 2, 5, 9]
    assert heir.time() == plain.time()


def test_time_goes_to_the_team_and_state_in_which_it_began() -> None:
    reps = Followed()
    reps.take((change("a", "available", "x"), NOW, 1), (change("a", "meal", "y"), NOW + 1500, 2))
    ((place, row),) = reps.time().items()
    assert place == (NOW // MINUTE_MS, "x")
    assert row[AVAILABLE] == sum(row) == 1500


def test_what_no_late_change_can_reach_is_dropped_save_the_state_that_it_left_behind() -> None:
    reps = Followed()
    old = NOW - KEPT_MS
    for ms, offset in ((old - 9, 1), (old - 5, 2), (NOW, 3)):
        reps.take((change("a", "available"), ms, offset), arrival=ms)
    assert [offset for _, offset, *_ in reps.told()["a"]] == [2, 3]


@given(st.randoms(use_true_random=False))
def test_as_late_as_may_be_gives_what_timely_gives(dice: Random) -> None:
    """Changes over five days, each up to 48 h late, with a new owner now and then."""
    states = ("available", "on_call", "meal", "offline")
    events = [
        (change("a", dice.choice(states), "t"), NOW + dice.randrange(120) * HOUR_MS // 2, offset)
        for offset in range(30)
    ]
    timely = Followed()
    for one in sorted(events, key=lambda event: event[1:]):
        timely.take(one, arrival=one[1])
    late = Followed()
    for arrival, one in sorted(
        ((one[1] + dice.randrange(48 * HOUR_MS), one) for one in events), key=lambda pair: (pair[0], pair[1][2])
    ):
        late.take(one, arrival=arrival)
        if dice.random() < 0.2:
            late = late.heir()
    assert late.time() == timely.time()


def _kept_for(hours: int, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[int, str | None], list[int]]:
    """Return the time after a change that is 48 h late came between two that lie 12 h before and 1 h after it."""
    with monkeypatch.context() as patched:
        patched.setattr(module, "KEPT_MS", hours * HOUR_MS)
        reps = Followed()
        for hour, arrival, offset in ((0, 0, 1), (1, 1, 2), (13, 13, 3), (60, 60, 4), (12, 60, 5)):
            one = change("a", "available" if hour else "meal", "t")
            reps.take((one, NOW + hour * HOUR_MS, offset), arrival=NOW + arrival * HOUR_MS)
        return reps.time()


def test_mutant_that_keeps_changes_for_too_short_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, forgotten = (_kept_for(hours, monkeypatch) for hours in (61, 30))
    assert sum(map(sum, kept.values())) == (1 + 11 + 1 + 12) * HOUR_MS
    assert kept != forgotten


def test_a_rep_who_is_silent_is_kept_as_long_as_a_window_may_hold_the_last_state() -> None:
    reps = Followed()
    reps.take((change("a", "meal"), NOW, 1))
    reps.told()
    later = NOW + FORGOTTEN_AFTER_MS + HOUR_MS
    assert later - NOW - 12 * HOUR_MS > 35 * 24 * HOUR_MS + HOUR_MS
    reps.take((change("b", "meal"), later - HOUR_MS, 2), arrival=later - HOUR_MS)
    assert set(reps.told(later - HOUR_MS)) == {"b"}
    reps.take((change("b", "offline"), later, 3), arrival=later)
    assert reps.told(later)["a"] is None


def test_where_batches_end_does_not_show_in_what_is_kept() -> None:
    """A rep who comes back after being forgotten is kept as one who was not looked at meanwhile."""
    back = NOW + FORGOTTEN_AFTER_MS + HOUR_MS
    told = []
    for looked_at in (True, False):
        reps = Followed()
        reps.take((change("a", "meal"), NOW, 1))
        reps.told()
        if looked_at:
            reps.told(back)
        reps.take((change("a", "offline"), back, 2), arrival=back)
        told.append(reps.told(back))
    assert told[0] == told[1] == {"a": [(back, 2, "offline", None)]}


def test_a_row_that_names_beyond_the_limit_share_is_told_and_an_heir_does_without_it() -> None:
    reps = Followed()
    reps.take((change("a", "available", "t"), NOW, 1))
    (key,) = reps.reps.lasting()
    assert key == ("t", None, None, "a")
    packed = reps.reps.changes(NOW, {key: "t|unassigned|unassigned|__other__"})["a"]
    assert packed and msgspec.msgpack.decode(packed) == [
        [NOW, 1, "available", "t"],
        "t|unassigned|unassigned|__other__",
    ]
    heir = Followed(Memory(reps={"a": packed}))
    heir.take((change("a", "offline"), NOW + 1, 2))
    assert heir.told() == {"a": [(NOW, 1, "available", "t"), (NOW + 1, 2, "offline", None)]}
