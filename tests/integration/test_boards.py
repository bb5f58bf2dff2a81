"""Every query of every panel, asked of a real Prometheus that scrapes a real exporter and worker."""

import copy
import json
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grafana.generate import HOME
from streams.embedded import Stack
from tests.grafana.checks import Boards, panels
from tests.integration.recount import TYPES
from tests.integration.watched_floor import Proof, watched_floor

WALL, TEAM, TARGETS, HEALTH = "en/floor-wall.json", "en/team.json", "en/targets.json", "en/data-health.json"


@pytest.fixture(scope="module")
def boards() -> Boards:
    """Return the committed ones."""
    return {path.relative_to(HOME).as_posix(): json.loads(path.read_text("utf-8")) for path in HOME.rglob("*.json")}


@pytest.fixture(scope="module")
async def proof(
    spare_stack: Stack, program: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Proof]:
    """Return the pipeline when it has counted all, and what it shows."""
    async with watched_floor(spare_stack, program("prometheus"), tmp_path_factory.mktemp("boards")) as found:
        yield found


async def test_every_panel_shows_what_the_json_and_the_ledgers_say(proof: Proof, boards: Boards) -> None:
    assert await proof.shown.faults(boards) == []


async def test_a_second_exporter_changes_nothing(proof: Proof, boards: Boards) -> None:
    assert await proof.twice.faults(boards) == []


async def test_every_query_has_data(proof: Proof, boards: Boards) -> None:
    assert await proof.shown.silent(boards) == []


@dataclass(frozen=True)
class Mutant:
    """A query changed so that it shows something else than its panel says."""

    path: str
    title: str
    old: str
    new: str
    place: int = 0

    def of(self, boards: Boards) -> Boards:
        """Return boards with that query."""
        broken = copy.deepcopy(dict(boards))
        panel = next(one for one in panels(broken[self.path]) if one["title"].startswith(self.title))
        target: dict[str, Any] = panel["targets"][self.place]
        assert self.old in target["expr"]
        target["expr"] = target["expr"].replace(self.old, self.new)
        return broken


MUTANTS = {
    "wrong KPI": Mutant(WALL, "Dials", 'kpi="dials"', 'kpi="touches"'),
    "wrong window": Mutant(WALL, "Connect rate", 'window="1h"', 'window="today"'),
    "wrong scope": Mutant(TEAM, "Calls handled", 'scope="team"', 'scope="floor"'),
    "value for target": Mutant(WALL, "E-mails sent", "kpi_target", "kpi_value", 1),
    "upside down": Mutant(WALL, "Deals won", "kpi_attainment_ratio", "1 / kpi_attainment_ratio", 2),
    "percent for a ratio": Mutant(TEAM, "Time balance", "kpi_value", "100 * kpi_value"),
    "wrong unit": Mutant(TARGETS, "Shares", 'unit="ratio"', 'unit="count"'),
    "a label that is lost": Mutant(HEALTH, "Lag", "sum by (topic)", "sum by (partition)"),
    "a counter for another": Mutant(HEALTH, "Late a second", 'result="late"', 'result="none"'),
    "no PromQL": Mutant(HEALTH, "Gaps", "sum(", "sum(("),
}


@pytest.mark.parametrize("name", MUTANTS)
async def test_a_query_that_shows_something_else_is_noticed(name: str, proof: Proof, boards: Boards) -> None:
    mutant = MUTANTS[name]
    faults = await proof.shown.faults(mutant.of(boards), only=mutant.path)
    assert faults
    assert all(fault.startswith(f"{mutant.path}: {mutant.title}") for fault in faults)


TWICE = {
    "two of each": Mutant(WALL, "Dials", "max by (kpi, scope, name, window) ", ""),
    "counted twice": Mutant(WALL, "Waiting now", "max by (queue) ", ""),
    "no one to match": Mutant(TARGETS, "Shares", "max by (kpi) ", ""),
}


@pytest.mark.parametrize("name", TWICE)
async def test_a_query_that_takes_two_exporters_for_more_than_one_is_noticed(
    name: str, proof: Proof, boards: Boards
) -> None:
    mutant = TWICE[name]
    assert await proof.shown.faults(mutant.of(boards), only=mutant.path) == []
    faults = await proof.twice.faults(mutant.of(boards), only=mutant.path)
    assert faults
    assert all(fault.startswith(f"{mutant.path}: {mutant.title}") for fault in faults)


async def test_a_query_without_data_is_noticed(proof: Proof, boards: Boards) -> None:
    mutant = Mutant(HEALTH, "Gaps", "sum(", 'sum(0 * up{job="nobody"} + ')
    assert await proof.shown.silent(mutant.of(boards)) == [f"{HEALTH}: Gaps, Records"]


async def test_the_wall_says_0_while_nobody_waits(proof: Proof, boards: Boards) -> None:
    prometheus, shown = proof.running.prometheus, proof.shown
    (tile,) = [panel for panel in panels(boards[WALL]) if panel["title"] == "Waiting now"]
    for target in tile["targets"]:
        (said,) = await prometheus.at(target["expr"], shown.begin)
        assert said.value == 0
    assert await prometheus.at("floor_calls_waiting", shown.begin) == []


async def test_the_wall_is_empty_while_its_topics_are_stale(proof: Proof, boards: Boards) -> None:
    running = proof.running
    running.worker.process.send_signal(signal.SIGTERM)
    at = await running.prometheus.until("floorcast_stale == 1", least=len(TYPES))
    tiles = [panel for panel in panels(boards[WALL]) if panel["title"] != "Data as of"]
    judged = [target["expr"] for tile in tiles for target in tile["targets"] if "kpi_target" not in target["expr"]]
    assert len(judged) == 22
    assert [expr for expr in judged if await running.prometheus.at(expr, at)] == []
    unguarded = [expr.partition(" unless ")[0] for expr in judged]
    assert [expr for expr in unguarded if not await running.prometheus.at(expr, at)] == []
