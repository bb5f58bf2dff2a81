"""The committed boards are those of the code, and hold what boards must hold; each check can fail."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from grafana.generate import HOME, main, stale, write
from grafana.queries import UnknownName, select, worker
from streams.export.names import REPS
from streams.kpis.catalogue import load
from streams.kpis.definitions import definitions_ja
from tests.grafana.checks import Boards, faults, panels

PROVISIONING = HOME.parent / "provisioning"
WALL, TEAM = "en/floor-wall.json", "en/team.json"


@pytest.fixture(scope="module")
def boards() -> Boards:
    """Return the committed ones."""
    return {path.relative_to(HOME).as_posix(): json.loads(path.read_text("utf-8")) for path in HOME.rglob("*.json")}


def test_the_boards_are_what_the_code_makes() -> None:
    assert main(["--check"]) == 0


def test_a_changed_missing_or_surplus_board_is_named_and_then_written(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / WALL).write_text("{}")
    (tmp_path / TEAM).unlink()
    (tmp_path / "en" / "old.json").write_text("{}")
    assert stale(tmp_path) == [f"{WALL}: stale", "en/old.json: nothing generates it", f"{TEAM}: missing"]
    write(tmp_path)
    assert stale(tmp_path) == []


def test_nothing_is_wrong_with_the_boards(boards: Boards) -> None:
    assert len(boards) == 14
    assert faults(boards) == []


def _expr(query: str) -> Callable[[Boards], None]:
    def change(boards: Boards) -> None:
        panels(boards[WALL])[0]["targets"][0]["expr"] = query

    return change


def _without(metric: str) -> Callable[[Boards], None]:
    def change(boards: Boards) -> None:
        for board in boards.values():
            for panel in panels(board):
                panel["targets"] = [one for one in panel["targets"] if metric not in one["expr"]]

    return change


def _choice(boards: Boards) -> None:
    (variable,) = [one for one in boards[TEAM]["templating"]["list"] if one["type"] == "query"]
    variable["query"]["query"] = "label_values(kpi_vals, name)"


MUTANTS: dict[str, Callable[[Boards], object]] = {
    "not what the models of the SDK make": lambda boards: panels(boards[WALL])[0].update(titel="x"),
    "schemaVersion 41": lambda boards: boards[WALL].update(schemaVersion=41),
    "stands 2 times": lambda boards: boards[WALL].update(uid=boards[TEAM]["uid"]),
    "panel id 2 stands": lambda boards: boards[WALL]["panels"][0].update(id=2),
    "which is no board": lambda boards: boards[WALL]["links"][0].update(url="/d/nowhere"),
    "no link to floorcast-team-en": lambda boards: boards[WALL]["links"].pop(0),
    "no description": lambda boards: panels(boards[WALL])[1].update(description=""),
    "no unit": lambda boards: panels(boards[WALL])[1]["fieldConfig"]["defaults"].pop("unit"),
    "says nothing where": lambda boards: panels(boards[WALL])[1]["fieldConfig"]["defaults"].pop("noValue"),
    "leaves the grid": lambda boards: boards[WALL]["panels"][3]["gridPos"].update(w=9),
    "lies over": lambda boards: boards[WALL]["panels"][3]["gridPos"].update(x=0),
    "kpi_valu in": _expr("kpi_valu"),
    "kpi_vals in": _choice,
    "no panel shows floorcast_gap_records_total": _without("floorcast_gap_records_total"),
    "no panel shows floorcast_worker_rewinds_total": _without("floorcast_worker_rewinds_total"),
    "no reason is needed": _expr("kpi_numerator"),
    "no panel for deals_lost": _without('kpi="deals_lost"'),
    "has variables": lambda boards: boards[WALL]["templating"].update(list=boards[TEAM]["templating"]["list"]),
    "13 tiles": lambda boards: boards[WALL]["panels"].append(copy.deepcopy(boards[WALL]["panels"][0])),
    "does not say as of when": _expr("up"),
}


@pytest.mark.parametrize("fault", MUTANTS)
def test_a_broken_board_is_noticed(fault: str, boards: Boards) -> None:
    broken = copy.deepcopy(dict(boards))
    MUTANTS[fault](broken)
    assert any(fault in one for one in faults(broken))


def test_a_query_of_a_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownName, match="floor_reps has no label queue; it has team, state"):
        select(REPS, queue="a")
    with pytest.raises(UnknownName, match="the worker has no metric floorcast_worker_batches"):
        worker("floorcast_worker_batches")


def test_every_definition_stands_in_japanese() -> None:
    assert list(definitions_ja()) == list(load().kpis)


def test_what_is_provisioned_is_what_the_boards_name() -> None:
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "floorcast.yaml").read_text("utf-8"))["datasources"]
    named = {panel["datasource"]["uid"] for path in HOME.rglob("*.json") for panel in panels(json.loads(path.read_text("utf-8")))}  # fmt: skip
    assert named == {source["uid"]}
    found = yaml.safe_load((PROVISIONING / "dashboards" / "floorcast.yaml").read_text("utf-8"))["providers"]
    folders = {one["options"]["path"].removeprefix("$FLOORCAST_DASHBOARDS/") for one in found}
    assert folders == {path.parent.name for path in HOME.rglob("*.json")}
