"""The view reads what changed and nothing else, moves with time, and starts anew when the store lost something."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from streams.store.protocol import Partition, Standing, StoreUnavailable
from streams.view.replica import ROUNDS
from streams.view.view import Loading
from tests.view.floor_of_two import FIRST, HOUR, MINUTE, NOON, SECOND, Watched, dial, value
from tests.view.stored import MemoryReader

pytestmark = pytest.mark.usefixtures("told_or_read")
QUARTER, DAY = 15 * MINUTE, 24 * HOUR


async def loaded() -> Watched:
    watched = Watched()
    watched.reader.add(FIRST, [dial(NOON - 2 * HOUR), dial(NOON - QUARTER), dial(NOON)])
    watched.reader.add(SECOND, [dial(NOON - 2 * HOUR, "b"), dial(NOON - MINUTE, "b")])
    await watched.view.refresh()
    watched.reader.reads.clear()
    return watched


def dials(watched: Watched, window: str = "today") -> float | None:
    return value(watched.view.figures, "dials", window)


async def test_before_the_first_reading_there_are_no_figures() -> None:
    watched = Watched()
    with pytest.raises(Loading):
        _ = watched.view.figures
    with pytest.raises(Loading):
        watched.view.now_ms()
    with pytest.raises(Loading):
        await watched.view.at(NOON)
    assert watched.view.stale() == ("calls",)


async def test_nothing_is_read_when_nothing_changed() -> None:
    watched = await loaded()
    watched.passes(1000)
    await watched.view.refresh()
    assert watched.reader.reads == []
    assert dials(watched) == 5


async def test_of_what_is_not_told_only_changed_panes_of_the_changed_partition_are_read() -> None:
    watched = await loaded()
    watched.reader.telling = False
    watched.reader.add(SECOND, [dial(NOON, "b"), dial(NOON - QUARTER, "b")])
    await watched.view.refresh()
    minute, quarter = NOON // MINUTE, NOON // QUARTER
    assert set(watched.reader.reads) == {
        (SECOND, f"m:{minute}"),
        (SECOND, f"m:{minute - 15}"),
        (SECOND, f"q:{quarter - 1}"),  # the running quarter q:<quarter> is made of its minutes
    }
    assert len(watched.reader.reads) == 3
    assert dials(watched) == 7


async def test_nothing_that_is_told_is_read() -> None:
    watched = await loaded()
    watched.reader.telling = True
    watched.reader.add(SECOND, [dial(NOON, "b"), dial(NOON - QUARTER, "b"), dial(NOON - 4 * DAY, "b")])
    watched.reader.add(SECOND, [dial(NOON, "b")])
    await watched.view.refresh()
    assert watched.reader.reads == []
    assert dials(watched) == 8


async def test_a_partition_that_was_read_is_told_of_again() -> None:
    watched = await loaded()
    for telling in (False, True):
        watched.reader.telling = telling
        watched.reader.reads.clear()
        watched.reader.add(FIRST, [dial(NOON)])
        await watched.view.refresh()
        assert (watched.reader.reads == []) is telling
    assert dials(watched) == 7


async def test_a_quarter_that_ended_stands_for_its_minutes_without_being_read() -> None:
    watched = await loaded()
    watched.passes(QUARTER)
    await watched.view.refresh()
    await watched.view.refresh()
    assert watched.reader.reads == []
    assert dials(watched) == 5
    watched.reader.add(FIRST, [dial(NOON)])
    await watched.view.refresh()
    assert dials(watched) == 6


async def test_a_quarter_that_ended_while_nobody_looked_is_read() -> None:
    watched = await loaded()
    watched.reader.add(SECOND, [dial(NOON, "b")])
    watched.passes(2 * HOUR)
    await watched.view.refresh()
    assert (FIRST, f"q:{NOON // QUARTER}") in watched.reader.reads
    assert dials(watched) == 6


async def test_a_passing_minute_moves_the_windows_without_reading() -> None:
    watched = await loaded()
    assert dials(watched, "5m") == 2
    watched.passes(4 * MINUTE)
    await watched.view.refresh()
    assert dials(watched, "5m") == 1
    watched.passes(MINUTE)
    await watched.view.refresh()
    assert dials(watched, "5m") == 0
    assert watched.reader.reads == []


async def test_a_call_of_the_next_minute_is_shown_when_its_minute_begins() -> None:
    watched = await loaded()
    early = replace(dial(NOON + MINUTE, "new"), ids={"customers": 7})
    watched.reader.add(FIRST, [early])
    await watched.view.refresh()
    assert dials(watched) == 5
    assert value(watched.view.figures, "dials", "5m", "team", "new") is None
    watched.passes(MINUTE)
    await watched.view.refresh()
    assert dials(watched) == 6
    assert value(watched.view.figures, "dials", "5m", "team", "new") == 1
    assert value(watched.view.figures, "customers_covered", "5m", "team", "new") == 1


async def test_an_emptied_store_shows_nothing_and_its_refilling_is_followed() -> None:
    watched = await loaded()
    watched.reader.empty()
    await watched.view.refresh()
    assert dials(watched) == 0
    assert value(watched.view.figures, "dials", "today", "team", "a") is None
    watched.reader.add(FIRST, [dial(NOON)])
    await watched.view.refresh()
    assert dials(watched) == 1


async def test_one_lost_partition_is_a_lost_store() -> None:
    watched = await loaded()
    del watched.reader.rows[SECOND]
    await watched.view.refresh()
    assert dials(watched) == 3
    assert {partition for partition, _ in watched.reader.reads} == {FIRST}


@pytest.mark.parametrize("older", [{"sequence": 1}, {"next": 2}, {"epoch": 0}])
async def test_a_store_that_went_back_is_read_anew(older: dict[str, Any]) -> None:
    watched = Watched()
    watched.reader.add(FIRST, [dial(NOON)])
    watched.reader.add(FIRST, [dial(NOON), dial(NOON)])
    await watched.view.refresh()
    restored = Watched()
    restored.reader.add(FIRST, [dial(NOON)])
    now = watched.reader.rows[FIRST]
    watched.reader._panes = restored.reader._panes
    watched.reader.rows[FIRST] = replace(now, **older)
    watched.reader.reads.clear()
    await watched.view.refresh()
    assert (FIRST, f"m:{NOON // MINUTE}") in watched.reader.reads
    assert dials(watched) == 1


async def test_a_new_owner_alone_is_no_loss() -> None:
    watched = await loaded()
    watched.reader.claim(FIRST)
    await watched.view.refresh()
    assert watched.reader.reads == []


async def test_a_new_owner_after_an_interruption_may_be_a_loss() -> None:
    watched = await loaded()
    watched.reader.away = True
    with pytest.raises(StoreUnavailable):
        await watched.view.refresh()
    assert dials(watched) == 5
    watched.reader.away = False
    watched.reader.empty()
    for partition in (FIRST, SECOND):
        watched.reader.claim(partition)
        watched.reader.claim(partition)
        for _ in range(4):
            watched.reader.add(partition, [dial(NOON)])  # ahead of what was known in sequence and offset alike
    await watched.view.refresh()
    assert dials(watched) == 8


async def test_an_interruption_alone_is_no_loss() -> None:
    watched = await loaded()
    watched.reader.away = True
    with pytest.raises(StoreUnavailable):
        await watched.view.refresh()
    watched.reader.away = False
    await watched.view.refresh()
    assert watched.reader.reads == []


async def test_a_clock_that_goes_back_a_little_stands_still() -> None:
    watched = await loaded()
    watched.passes(MINUTE)
    await watched.view.refresh()
    watched.passes(-2000)
    await watched.view.refresh()
    (span,) = watched.view.figures.table("floor", "5m").ranges
    assert span and span.to_ms == NOON + 2 * MINUTE
    assert watched.reader.reads == []


async def test_a_clock_that_goes_back_further_is_another_store() -> None:
    watched = await loaded()
    watched.passes(3 * HOUR)
    await watched.view.refresh()
    watched.passes(-3 * HOUR)
    await watched.view.refresh()
    assert dials(watched, "5m") == 2


async def test_a_partition_that_never_stands_still_is_not_shown_half_read(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = await loaded()
    standing, minutes = MemoryReader.standing, iter(range(1, 60))

    async def restless(reader: MemoryReader, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        reader.add(FIRST, [dial(NOON - next(minutes) * MINUTE)])
        return await standing(reader, partition, since, panes)

    watched.reader.telling = False
    watched.reader.add(FIRST, [dial(NOON)])
    monkeypatch.setattr(MemoryReader, "standing", restless)
    with pytest.raises(StoreUnavailable, match="faster than it can be read"):
        await watched.view.refresh()
    assert dials(watched) == 5
    monkeypatch.setattr(MemoryReader, "standing", standing)
    await watched.view.refresh()
    assert dials(watched) == 5 + 1 + ROUNDS


async def test_a_new_partition_is_taken_up() -> None:
    watched = Watched(partitions=[FIRST])
    watched.reader.add(FIRST, [dial(NOON)])
    watched.reader.add(SECOND, [dial(NOON)])
    await watched.view.refresh()
    assert dials(watched) == 1
    watched.partitions.append(SECOND)
    await watched.view.refresh()
    assert dials(watched) == 2


async def test_an_earlier_instant_is_made_again_when_a_late_call_reaches_it() -> None:
    watched = await loaded()
    then = NOON - 5 * HOUR
    assert value(await watched.view.at(then), "dials", "today") == 0
    watched.reader.add(FIRST, [dial(then - MINUTE)])
    assert value(await watched.view.at(then), "dials", "today") == 0, "made before the view noticed"
    await watched.view.refresh()
    assert value(await watched.view.at(then), "dials", "today") == 1


async def test_an_earlier_instant_is_remembered() -> None:
    watched = await loaded()
    await watched.view.at(NOON - 50 * HOUR)
    asked = len(watched.reader.reads)
    assert asked
    await watched.view.at(NOON - 50 * HOUR)
    assert len(watched.reader.reads) == asked


async def test_what_was_read_for_an_instant_serves_the_next_until_a_late_call_reaches_it() -> None:
    watched = await loaded()
    then = NOON - 50 * HOUR
    await watched.view.at(then)
    read = len(watched.reader.reads)
    later = [then + step * 15 * MINUTE for step in (1, 2)]
    assert [value(await watched.view.at(t), "dials", "today") for t in later] == [0, 0]
    quarters = {key for _, key in watched.reader.reads[read:]}
    assert len(quarters) == 2, "a quarter for each instant"
    watched.reader.add(FIRST, [dial(then - HOUR)])
    await watched.view.refresh()
    assert [value(await watched.view.at(t), "dials", "today") for t in (then, *later)] == [1, 1, 1]
    third = Partition("calls", 2)
    watched.partitions.append(third)
    watched.reader.add(third, [dial(then - HOUR)])
    await watched.view.refresh()
    assert [value(await watched.view.at(t), "dials", "today") for t in (then, *later)] == [2, 2, 2]


async def test_an_instant_may_be_asked_for_some_windows_alone() -> None:
    watched = await loaded()
    then = NOON - 50 * HOUR
    watched.reader.add(FIRST, [dial(then - HOUR), dial(then - 10 * MINUTE)])
    await watched.view.refresh()
    some, whole = await watched.view.at(then, ["30m", "today"]), await watched.view.at(then)
    for figures in (some, whole):
        assert [value(figures, "dials", window) for window in ("30m", "today")] == [1, 2]
    assert value(whole, "dials", "week") == 2
    assert value(some, "dials", "week") is None, "not asked for: no value, and no wrong one"
    assert some.table("rep", "today").names == whole.table("rep", "today").names


async def test_an_earlier_instant_cannot_be_told_while_the_store_is_away_and_can_afterwards() -> None:
    watched = await loaded()
    watched.reader.away = True
    with pytest.raises(StoreUnavailable):
        await watched.view.at(NOON - 50 * HOUR)
    watched.reader.away = False
    assert value(await watched.view.at(NOON - 50 * HOUR), "dials", "today") == 0


async def test_a_late_call_of_long_ago_makes_nobody_older() -> None:
    watched = await loaded()
    watched.passes(HOUR)
    await watched.view.refresh()
    watched.reader.add(FIRST, [dial(NOON - 34 * DAY)])
    await watched.view.refresh()
    watched.passes(2 * DAY)
    await watched.view.refresh()
    assert value(watched.view.figures, "dials", "month", "team", "a") == 3


async def test_a_name_without_facts_for_35_days_has_no_row() -> None:
    watched = await loaded()
    watched.passes(35 * DAY - HOUR)
    await watched.view.refresh()
    assert value(watched.view.figures, "dials", "today", "team", "b") == 0
    watched.passes(2 * HOUR)
    await watched.view.refresh()
    assert value(watched.view.figures, "dials", "today", "team", "b") is None
    assert value(watched.view.figures, "dials", "today") == 0, "the floor always has a row"


async def test_an_old_day_of_one_quarter_gets_another() -> None:
    then = NOON - 4 * DAY
    watched = await loaded()
    watched.reader.add(FIRST, [replace(dial(then), ids={"customers": 1})])
    await watched.view.refresh()
    watched.reader.add(FIRST, [replace(dial(then - HOUR), ids={"customers": 2})])
    await watched.view.refresh()
    assert value(watched.view.figures, "customers_covered", "month") == 2
