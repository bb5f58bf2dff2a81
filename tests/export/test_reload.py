"""A changed configuration is shown whole: in one answer, one page and one message either the old targets or the new."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from streams.export import edition
from streams.export.config_lines import config_lines
from streams.export.edition import Edition, Editions
from streams.export.query import Filters
from streams.export.updates import updates
from streams.floor import Floor, Problem, parse
from streams.floor.followed import Configuration
from tests.export.floor_page import Exporter, call
from tests.view.floor_of_two import NOON

KPIS = ("calls_inbound", "calls_answered", "calls_handled")
TEAMS = [f"team-{number:02}" for number in range(30)]


def configuration(value: int, head: str = "") -> Configuration:
    rows = [
        f'- {{kpi: {kpi}, scope: {scope}, name: "*", window: {window}, at_least: {value}}}'
        for kpi in KPIS
        for scope in ("team", "queue", "rep")
        for window in ("1h", "today", "week")
    ]
    floor = parse((head + "\ntargets:\n  " + "\n  ".join(rows)).encode())
    return Configuration(floor, "floor.yaml", NOON + value)


class Reloading:
    """An exporter whose editions follow configurations."""

    def __init__(self, exporter: Exporter) -> None:
        self.exporter = exporter
        self.opened: list[Floor] = []
        self.editions = Editions(self._open, configuration(5))

    def _open(self, floor: Floor) -> Any:
        self.opened.append(floor)
        opened = Exporter(reader=self.exporter.reader, stopwatch=self.exporter.stopwatch, zone=floor.timezone)
        return opened.view, opened.page

    @asynccontextmanager
    async def preparing(self) -> AsyncIterator[None]:
        """Let what is taken be prepared."""
        preparing = asyncio.create_task(self.editions.prepare())
        yield
        assert not preparing.done()
        preparing.cancel()

    async def take(self, wanted: Configuration) -> None:
        """Take a configuration and wait until it is the wanted one."""
        before = self.editions.wanted
        self.editions.take(wanted)
        async with self.preparing():
            await until(lambda: self.editions.wanted is not before)


async def until(ready: Callable[[], object]) -> None:
    """Let other tasks run until it is so."""
    async with asyncio.timeout(20):
        while not ready():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def begun() -> Reloading:
    exporter = await Exporter().with_calls(*(call(team=team, rep=f"rep of {team}") for team in TEAMS))
    reloading = Reloading(exporter)
    await reloading.editions.follow()
    return reloading


def page(of: Edition) -> str:
    return of.page.text(config_lines(configuration(5), of.loaded_ms)).decode()


def targets_of(text: str) -> set[float]:
    return {float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("kpi_target{")}


async def test_new_targets_are_shown_with_the_next_page_over_the_same_view() -> None:
    reloading = await begun()
    view = reloading.editions.shown.view
    await reloading.take(configuration(6))
    assert targets_of(page(reloading.editions.shown)) == {5}
    await reloading.editions.follow()
    shown = reloading.editions.shown
    assert targets_of(page(shown)) == {6}
    assert {
        row["target"]
        for row in json.loads(await shown.answers.kpis(Filters(windows=frozenset({"1h"}))))["kpis"]
        if row["kpi"] in KPIS and row["scope"] == "team"
    } == {6}
    assert shown.view is view
    assert f"floorcast_config_loaded_timestamp_seconds {(NOON + 6) / 1000!r}\n" in page(shown)


async def test_an_answer_that_is_being_made_keeps_to_the_targets_that_it_began_with() -> None:
    reloading = await begun()
    answering = asyncio.create_task(reloading.editions.shown.answers.kpis(Filters()))
    await asyncio.sleep(0)
    await reloading.take(configuration(6))
    await reloading.editions.follow()
    assert not answering.done(), "the answer must be under way for this test to say anything"
    old = json.loads(await answering)["kpis"]
    assert {row["target"] for row in old} == {5, None}
    new = json.loads(await reloading.editions.shown.answers.kpis(Filters()))["kpis"]
    assert {row["target"] for row in new} == {6, None}


async def test_a_page_that_is_being_written_keeps_to_the_targets_that_it_began_with() -> None:
    reloading = await begun()
    reloading.exporter.reader.add(reloading.exporter.partitions[0], [call(team="new")])
    writing = asyncio.create_task(reloading.editions.follow())
    await asyncio.sleep(0)
    await reloading.take(configuration(6))
    assert not writing.done(), "the page must be under way for this test to say anything"
    first = reloading.editions.shown
    await writing
    assert reloading.editions.shown is first, "answers change with the page"
    assert targets_of(page(reloading.editions.shown)) == {5}
    await reloading.editions.follow()
    assert targets_of(page(reloading.editions.shown)) == {6}


async def test_a_board_is_told_of_new_targets_although_no_figure_changed() -> None:
    reloading = await begun()
    filters = Filters(frozenset({"team"}), frozenset({TEAMS[0]}), frozenset({"1h"}), frozenset({KPIS[0]}))

    async def pause(_: float) -> None:
        if reloading.editions.wanted is reloading.editions.shown:
            await reloading.take(configuration(6))
            await reloading.editions.follow()

    events = updates(lambda: reloading.editions.shown.boards, filters, pause)
    first, second = [json.loads((await anext(events))[6:])["kpis"][0]["target"] for _ in range(2)]
    assert (first, second) == (5, 6)


async def test_another_time_zone_is_read_beside_what_is_shown_and_then_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edition, "RETRY_S", 0)
    reloading = await begun()
    before, editions = reloading.editions.shown, reloading.editions
    reloading.exporter.reader.away = True
    editions.take(configuration(6, "floor: {timezone: America/New_York}"))
    async with reloading.preparing():
        await until(lambda: len(reloading.opened) == 2)
        assert editions.wanted is before, "nothing takes its place before it has been read"
        reloading.exporter.reader.away = False
        await until(lambda: editions.wanted is not before)
    assert editions.shown is before
    await reloading.editions.follow()
    shown = reloading.editions.shown
    assert shown.view is not before.view
    assert json.loads(await shown.answers.kpis(Filters(windows=frozenset({"1h"}))))["at"].endswith("-05:00")
    assert targets_of(page(shown)) == {6}


async def test_a_configuration_that_was_replaced_while_it_was_read_is_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edition, "RETRY_S", 0)
    reloading = await begun()
    editions, shown = reloading.editions, []
    reloading.exporter.reader.away = True
    editions.take(configuration(6, "floor: {timezone: America/New_York}"))
    async with reloading.preparing():
        await until(lambda: len(reloading.opened) == 2)
        for value in (7, 8):
            editions.take(configuration(value))
        reloading.exporter.reader.away = False

        def newest() -> bool:
            shown.append(editions.wanted.loaded_ms - NOON)
            return shown[-1] == 8

        await until(newest)
    assert set(shown) == {5, 8}


async def test_a_refused_file_is_told_of_everywhere_and_the_exporter_stays_ready() -> None:
    exporter = await Exporter().with_calls(call())
    wrong = Problem("floor.yaml", 3, "unknown KPI 'dails'; did you mean 'dials'?")
    exporter.configuration = replace(exporter.configuration, problems=(wrong,), restart_needed=("facts",))
    assert exporter.sample("floorcast_config_valid") == 0
    assert exporter.sample("floorcast_config_restart_needed") == 1
    async with exporter.http() as client:
        said = await (await client.get("/api/config")).json()
        assert said["valid"] is False
        assert said["problems"] == [{"file": "floor.yaml", "line": 3, "reason": wrong.reason}]
        assert said["restart_needed"] == ["facts"]
        ready = await client.get("/readyz")
        assert (ready.status, (await ready.json())["config"]) == (200, said)
    exporter.configuration = replace(exporter.configuration, problems=(), restart_needed=())
    assert exporter.sample("floorcast_config_valid") == 1
    assert exporter.sample("floorcast_config_restart_needed") == 0
