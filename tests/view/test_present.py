"""The present: who waits, talks and works, by event time; what has been silent too long leaves as stale."""

import msgspec
import pytest

from streams.kpis.time_in_state import Change
from streams.view import present as shown
from streams.view.open_calls import OpenCall, OpenCalls, Waiting, call_of
from streams.view.present import Present, Rep, Unpacked, rep_of
from tests.view.floor_of_two import FIRST, HOUR, MINUTE, NOON, Watched

NOBODY = Present()


def call(
    queued: int | None = None,
    answered: int | None = None,
    queue: str | None = "sales",
    direction: str | None = "inbound",
    team: str | None = "a",
) -> OpenCall:
    last = max(ms for ms in (queued, answered) if ms is not None)
    return OpenCall(queued, queue, None, answered, team, direction, last)


def present(calls: list[OpenCall], reps: list[list[Change]], now_ms: int) -> Present:
    opened = OpenCalls()
    opened.take(FIRST, {str(number): msgspec.msgpack.encode(one) for number, one in enumerate(calls)})
    return shown.present(opened.at(now_ms), reps, now_ms)


def test_waiting_calls_are_counted_by_queue_with_the_longest_wait() -> None:
    calls = [call(NOON - 5000), call(NOON - 65_000), call(NOON - 1, queue=None)]
    assert present(calls, [], NOON).waiting == {"sales": Waiting(2, 65_000), "unassigned": Waiting(1, 1)}


def test_an_answered_call_is_active_and_waits_no_more() -> None:
    now = present([call(NOON - 5000, NOON - 1000)], [], NOON)
    assert (now.waiting, now.active) == ({}, {("a", "inbound"): 1})


def test_an_active_call_without_names_is_unassigned() -> None:
    now = present([call(None, NOON, direction=None, team=None)], [], NOON)
    assert now.active == {("unassigned", "unassigned"): 1}


def test_a_call_answered_later_still_waits() -> None:
    now = present([call(NOON - 5000, NOON + 1000)], [], NOON)
    assert (now.waiting, now.active) == ({"sales": Waiting(1, 5000)}, {})


def test_a_call_that_is_queued_later_is_not_there_yet() -> None:
    assert present([call(NOON + 1)], [], NOON) == NOBODY


@pytest.mark.parametrize(
    ("silent_ms", "waiting", "stale"),
    [(4 * HOUR - 1, 1, 0), (4 * HOUR, 0, 1), (24 * HOUR - 1, 0, 1), (24 * HOUR, 0, 0)],
)
def test_a_call_without_an_end_leaves_after_four_hours_and_is_counted_for_a_day(
    silent_ms: int, waiting: int, stale: int
) -> None:
    now = present([call(NOON - silent_ms)], [], NOON)
    assert (len(now.waiting), now.stale_calls) == (waiting, stale)


def test_news_of_a_call_keep_it_on_the_board() -> None:
    now = present([call(NOON - 5 * HOUR, NOON - HOUR)], [], NOON)
    assert (now.active, now.stale_calls) == ({("a", "inbound"): 1}, 0)


def test_reps_are_counted_by_the_team_and_state_of_their_last_change() -> None:
    reps: list[list[Change]] = [
        [(NOON - 2000, 1, "available", "a"), (NOON - 1000, 2, "on_call", "b")],
        [(NOON - 1000, 7, "on_call", "b")],
        [(NOON - 1000, 8, "wrap_up", None)],
    ]
    assert present([], reps, NOON).reps == {("b", "on_call"): 2, ("unassigned", "wrap_up"): 1}


def test_a_change_that_is_reported_for_later_does_not_count_yet() -> None:
    reps: list[list[Change]] = [[(NOON - 1000, 1, "available", "a"), (NOON + 1, 2, "break", "a")]]
    assert present([], reps, NOON).reps == {("a", "available"): 1}


def test_who_is_offline_is_not_on_the_board_and_never_stale() -> None:
    assert present([], [[(NOON - 13 * HOUR, 1, "offline", "a")], [(NOON, 1, "offline", "a")]], NOON) == NOBODY


@pytest.mark.parametrize(
    ("silent_ms", "shown", "stale"),
    [(12 * HOUR - 1, 1, 0), (12 * HOUR, 0, 1), (48 * HOUR - 1, 0, 1), (48 * HOUR, 0, 0)],
)
def test_a_rep_without_news_leaves_after_twelve_hours_and_is_counted_up_to_two_days(
    silent_ms: int, shown: int, stale: int
) -> None:
    now = present([], [[(NOON - silent_ms, 1, "available", "a")]], NOON)
    assert (len(now.reps), now.stale_reps) == (shown, stale)


def test_packed_states_are_unpacked_once_and_forgotten_when_they_leave() -> None:
    unpacked: list[bytes] = []

    def unpack(content: bytes) -> bytes:
        unpacked.append(content)
        return content

    calls = Unpacked(unpack)
    calls.take({"x": b"1", "y": b"2"})
    calls.take({"x": b"1", "y": b"3"})
    calls.take({"x": b"1"})
    assert (unpacked, list(calls.values())) == ([b"1", b"2", b"3"], [b"1"])


def test_the_worker_s_packing_is_read() -> None:
    packed = msgspec.msgpack.encode([NOON, "q", "t", None, None, None, NOON])
    assert call_of(packed) == OpenCall(NOON, "q", "t", None, None, None, NOON)
    meal: Change = (NOON, 3, "meal", None)
    assert rep_of(msgspec.msgpack.encode([meal])) == Rep([meal], None)
    assert rep_of(msgspec.msgpack.encode([meal, meal, "row"])) == Rep([meal, meal], "row")


@pytest.mark.usefixtures("told_or_read")
async def test_the_view_follows_calls_and_lets_them_grow_old() -> None:
    watched = Watched()
    watched.reader.add(FIRST, [], calls={"x": msgspec.msgpack.encode(call(NOON - MINUTE))})
    assert (await watched.view.refresh()).present.waiting == {"sales": Waiting(1, MINUTE)}
    watched.passes(MINUTE)
    assert (await watched.view.refresh()).present.waiting == {"sales": Waiting(1, 2 * MINUTE)}
    watched.reader.add(FIRST, [], calls={"x": None})
    assert (await watched.view.refresh()).present == NOBODY
