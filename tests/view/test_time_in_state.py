"""Every window shows the time in states that a plain recount gives, whether a next change has closed it or not yet."""

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.kpis.formulas import Figure, evaluate
from streams.kpis.model import Scope
from streams.kpis.windows import WINDOWS, window_range
from streams.store.names import row_name
from streams.store.protocol import Partition, Standing
from streams.view import past
from streams.view.figures import Figures
from tests.view.floor_of_reps import CATALOGUE, HOUR, MINUTE, PARTITIONS, Reps
from tests.view.floor_of_two import NOON, dial, value
from tests.view.stored import MemoryReader
from tests.view.test_windows_equal_a_recount import STARTS, at

DAY = 24 * HOUR
SCOPES = (Scope.FLOOR, Scope.TEAM, Scope.REP)
TIMED = [kpi for kpi in CATALOGUE.kpis.values() if "reps" in CATALOGUE.topics(kpi)]


class Counted:
    """Sums as formulas want them."""

    def __init__(self, facts: Counter[str]) -> None:
        self._facts = facts

    def fact(self, name: str) -> int:
        return self._facts[name]

    def distinct(self, name: str) -> int:
        return 0

    def buckets(self, name: str) -> tuple[tuple[int, int], ...]:
        return ()


def wrong(figures: Figures, reps: Reps, t_ms: int, now_ms: int) -> list[tuple[Any, ...]]:
    """Return where figures of time in states are not those of the recount."""
    zone = ZoneInfo(reps.zone)
    found: list[tuple[Any, ...]] = []
    oldest = (now_ms - 35 * DAY) // (15 * MINUTE) * 15 * MINUTE
    for scope in SCOPES:
        said = {"all"} if scope is Scope.FLOOR else {_name(report, scope) for report in reps.reports}
        for window in WINDOWS:
            span = window_range(window, t_ms, now_ms, zone)
            table = figures.table(scope.value, window)
            end = span.to_ms if span else t_ms
            staffed = {name for name in said if reps.time(scope, name, oldest, end, t_ms).total()}
            if not staffed <= set(table.names) <= said | {"all"}:
                found.append((scope, window, staffed, table.names))
            for place, name in enumerate(table.names):
                shown = dict(zip((kpi.id for kpi in table.kpis), table.figures(place), strict=True))
                time = Counted(reps.time(scope, name, span.from_ms, span.to_ms, t_ms)) if span else None
                for kpi in TIMED:
                    wanted = evaluate(kpi, time) if time else Figure(None)
                    if shown[kpi.id] != wanted:
                        found.append((scope, window, name, kpi.id, shown[kpi.id], wanted))
    return found


def _name(report: Any, scope: Scope) -> str:
    return (report.team or "unassigned") if scope is Scope.TEAM else str(report.rep)


REPORTS = st.tuples(
    st.sampled_from("rstu"),
    st.sampled_from((0, 0, 0, 90_000, 14 * MINUTE, HOUR, 11 * HOUR, 30 * HOUR, 47 * HOUR)),
    st.integers(-3 * MINUTE, 50 * MINUTE) | st.just(0),
    st.sampled_from(("available", "on_call", "wrap_up", "meal", "offline", "offline")),
    st.sampled_from(("a", "b|%", None)),
)
STEPS = (1_000, 20_000, MINUTE, 9 * MINUTE, 15 * MINUTE, 50 * MINUTE, 5 * HOUR, 13 * HOUR, DAY, 3 * DAY, 9 * DAY)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), start=st.sampled_from(STARTS))
async def test_live_and_past_windows_equal_a_recount(data: st.DataObject, start: tuple[str, str]) -> None:
    zone, begin = start
    reps = Reps(at(begin), zone)
    for _ in range(data.draw(st.integers(1, 5))):
        for rep, back, more, state, team in data.draw(st.lists(REPORTS, max_size=5)):
            reps.says(rep, reps.reader.clock_ms - back - more, state, team)
        await reps.view.refresh()
        now = reps.reader.clock_ms
        assert wrong(reps.view.figures, reps, now, now) == []
        back = data.draw(st.sampled_from((0, 0, 7 * MINUTE, HOUR, 170 * MINUTE, 4 * HOUR, DAY, 4 * DAY, 30 * DAY)))
        t_ms = now - back - data.draw(st.integers(0, 20 * MINUTE) | st.integers(0, 30_000))
        assert wrong(await reps.view.at(t_ms), reps, t_ms, now) == []
        reps.passes(data.draw(st.sampled_from(STEPS)))


async def shown(reps: Reps, kpi: str, window: str = "today", scope: str = "floor", name: str = "all") -> float | None:
    await reps.view.refresh()
    return value(reps.view.figures, kpi, window, scope, name)


async def test_a_state_that_lasts_grows_with_every_refresh_and_stops_after_twelve_hours() -> None:
    reps = Reps(NOON)
    reps.says("r", NOON, "on_call")
    assert await shown(reps, "staffed_time") == 0
    assert await shown(reps, "staffed_time", scope="team", name="a") is None, "nobody has been there for any time"
    for passed, wanted in ((500, 0.5), (MINUTE, 60.5), (12 * HOUR - MINUTE - 500, 43_200), (HOUR, 43_200)):
        reps.passes(passed)
        assert await shown(reps, "staffed_time", "week") == wanted
    assert await shown(reps, "staffed_time", "week", "team", "a") == 43_200
    assert await shown(reps, "call_time_share", "week", "rep", "r") == 1
    assert await shown(reps, "staffed_time", "1h") == 0


async def test_a_rate_of_two_topics_is_over_staffed_hours() -> None:
    reps = Reps(NOON)
    reps.says("r", NOON - HOUR // 2, "available")
    reps.reader.add(PARTITIONS[2], [replace(dial(NOON - MINUTE), rep="r")])
    assert await shown(reps, "dials_per_hour", "1h", "rep", "r") == 2
    assert await shown(reps, "idle_share", "1h", "rep", "r") == 1
    assert await shown(reps, "occupancy", "1h", "rep", "r") == 0


async def test_an_instant_of_the_present_minute_counts_up_to_itself() -> None:
    reps = Reps(NOON)
    reps.says("r", NOON, "on_call")
    reps.passes(50_000)
    await reps.view.refresh()
    assert value(await reps.view.at(NOON + 20_000), "staffed_time", "5m") == 20
    assert value(reps.view.figures, "staffed_time", "5m") == 50


@pytest.mark.usefixtures("told_or_read")
@pytest.mark.parametrize("method", ["ledgers", "changed", "panes", "standing", "told"])
async def test_a_change_that_comes_between_two_readings_is_counted_once(method: str) -> None:
    reps = await _two_calls(method)
    await reps.view.refresh()
    assert value(reps.view.figures, "staffed_time", "5m") == 240
    await reps.view.refresh()
    assert value(reps.view.figures, "staffed_time", "5m") == 240


async def _two_calls(method: str) -> Reps:
    """Return a floor at which, while it is read, a call of two minutes becomes one of one and another begins."""
    reps = Reps(NOON - 3 * MINUTE)
    reps.says("r", NOON - 3 * MINUTE, "on_call")
    await reps.view.refresh()
    reps.passes(3 * MINUTE)
    reps.says("r", NOON - 2 * MINUTE, "wrap_up")
    reps.says("t", NOON - MINUTE, "available")
    reps.reader.between = {
        method: [
            lambda: reps.says("r", NOON - MINUTE, "meal"),
            lambda: reps.says("t", NOON - MINUTE // 2, "meal"),
        ]
    }
    return reps


@pytest.mark.usefixtures("silent")
async def test_mutant_that_does_not_look_what_has_changed_meanwhile_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    standing = MemoryReader.standing

    async def unchanged(reader: MemoryReader, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        return replace(await standing(reader, partition, since, panes), changed=())

    reps = await _two_calls("panes")
    monkeypatch.setattr(MemoryReader, "standing", unchanged)
    await reps.view.refresh()
    assert value(reps.view.figures, "staffed_time", "5m") != 240


async def test_an_earlier_instant_waits_for_the_view_to_know_what_the_store_already_holds() -> None:
    """The instant lies before the minutes that are held: the panes that are read for it close a state that was open."""
    reps = Reps(NOON)
    t_ms = NOON - 2 * HOUR
    reps.says("r", t_ms - 10 * MINUTE, "on_call")
    await reps.view.refresh()
    reps.says("r", t_ms - 4 * MINUTE, "offline")
    looked = asyncio.Event()
    reps.reader.between = {"changed": [looked.set]}
    asked, looking = asyncio.create_task(reps.view.at(t_ms)), asyncio.create_task(looked.wait())
    await asyncio.wait([asked, looking], return_when=asyncio.FIRST_COMPLETED)
    looking.cancel()
    await reps.view.refresh()
    assert value(await asked, "staffed_time", "15m") == 360


async def test_an_earlier_instant_is_made_again_when_the_view_moved_while_it_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reps = Reps(NOON)
    t_ms = NOON - 10 * MINUTE
    reps.says("r", t_ms - 10 * MINUTE, "on_call")
    await reps.view.refresh()
    making, moved, filled = asyncio.Event(), threading.Event(), past._filled
    loop = asyncio.get_running_loop()

    def filled_late(*arguments: Any) -> Any:
        loop.call_soon_threadsafe(making.set)
        moved.wait(10)
        return filled(*arguments)

    monkeypatch.setattr(past, "_filled", filled_late)
    asked = asyncio.create_task(reps.view.at(t_ms))
    await making.wait()
    reps.says("r", t_ms - 4 * MINUTE, "offline")
    await reps.view.refresh()
    moved.set()
    assert value(await asked, "staffed_time", "15m") == 360


async def test_a_late_return_from_offline_shows_at_instants_that_are_remembered() -> None:
    """No pane changes: the state before was offline, and the new one still lasts."""
    reps = Reps(NOON)
    t_ms = NOON - 10 * MINUTE
    reps.says("r", t_ms - 14 * MINUTE, "on_call")
    reps.says("r", t_ms - 12 * MINUTE, "offline")
    await reps.view.refresh()
    assert value(await reps.view.at(t_ms), "staffed_time", "15m") == 120
    reps.says("r", t_ms - MINUTE, "available")
    await reps.view.refresh()
    assert value(await reps.view.at(t_ms), "staffed_time", "15m") == 180


async def test_a_first_report_that_comes_late_shows_at_instants_that_are_remembered() -> None:
    reps = Reps(NOON)
    await reps.view.refresh()
    then = NOON - 10 * MINUTE
    assert value(await reps.view.at(then), "staffed_time", "15m") == 0
    reps.says("r", then - MINUTE, "on_call")
    await reps.view.refresh()
    assert value(await reps.view.at(then), "staffed_time", "15m") == 60
    assert value(await reps.view.at(then), "staffed_time", "15m", "team", "a") == 60


async def test_a_state_that_lasts_belongs_to_the_row_that_names_beyond_the_limit_share() -> None:
    other = "__other__"
    reps = Reps(NOON, names=dict.fromkeys([("a", None, None, name) for name in "rs"], row_name(other, "q", "c", other)))
    for name in "rs":
        reps.says(name, NOON - MINUTE, "on_call")
    assert await shown(reps, "staffed_time", "5m", "rep", other) == 120
    assert await shown(reps, "staffed_time", "5m", "team", other) == 120
    assert await shown(reps, "staffed_time", "5m", "team", "a") is None
