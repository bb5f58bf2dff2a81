"""Prometheus, Alertmanager and Grafana beside a demo: how they are run, what they get, and how they leave."""

import asyncio
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.demo.monitors.grafana import home_of
from streams.demo.monitors.plans import plans
from streams.demo.monitors.running import Monitors
from streams.embedded.ports import answers, listens
from streams.floor import parse
from tests.demo.stand_in import STAND_IN, run, stand_in
from tests.programs import becomes

SOURCES = Path(__file__).parents[2] / "grafana"
EXPORTER, WORKERS = "http://127.0.0.1:9108", ["http://127.0.0.1:6066", "http://127.0.0.1:6067"]
FLOOR = parse(b"targets: [{kpi: dials, scope: team, name: night-desk, window: today, at_least: 400}]")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Return what puts a program on a PATH that holds nothing else."""
    folder = tmp_path / "opt" / "bin"
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, text: str = STAND_IN) -> Path:
        return stand_in(folder / name, text)

    return put


def configuration(program: Path) -> Any:
    """Return the configuration that a stand-in was given."""
    (path,) = [word.partition("=")[2] for word in run(program)["argv"] if word.startswith("--config.file=")]
    return yaml.safe_load(Path(path).read_text())


def targets(scraped: Any) -> list[str]:
    """Return the addresses of a part of Prometheus' configuration."""
    (found,) = scraped["static_configs"]
    return list(found["targets"])


async def test_all_that_stand_on_the_path_run_beside_the_demo_and_leave_with_it(
    install: Callable[..., Path], tmp_path: Path
) -> None:
    prometheus, grafana, alertmanager = install("prometheus"), install("grafana"), install("prometheus-alertmanager")
    told: list[str] = []
    async with Monitors(tmp_path, told.append) as monitors:
        monitors.start(plans(tmp_path, FLOOR, EXPORTER, WORKERS))
        await monitors.settled()
        urls = dict(monitors.urls)
        assert sorted(urls) == ["alertmanager", "grafana", "prometheus"]
    assert told == []
    assert not [url for url in urls.values() if listens(int(url.rpartition(":")[2]))]
    asked = configuration(prometheus)
    assert {job["job_name"]: targets(job) for job in asked["scrape_configs"]} == {
        "floorcast-exporter": ["127.0.0.1:9108"],
        "floorcast-worker": ["127.0.0.1:6066", "127.0.0.1:6067"],
    }
    assert [targets(one) for one in asked["alerting"]["alertmanagers"]] == [
        [urls["alertmanager"].removeprefix("http://")]
    ]
    routed = configuration(alertmanager)["receivers"]
    assert [one["name"] for one in routed] == ["operations", "floor", "team-night-desk", "watchdog"]
    addresses = {Path(to["api_url_file"]).parent for one in routed for to in one.get("slack_configs", [])}
    assert addresses == {tmp_path / "alertmanager" / "secrets"}
    assert run(grafana)["env"]["FLOORCAST_PROMETHEUS_URL"] == urls["prometheus"]


async def test_grafana_gets_the_boards_and_no_default_password(install: Callable[..., Path], tmp_path: Path) -> None:
    install("prometheus")
    grafana = install("grafana")
    (grafana.parents[1] / "conf").mkdir()
    (grafana.parents[1] / "conf" / "defaults.ini").touch()
    async with Monitors(tmp_path, print) as monitors:
        monitors.start(plans(tmp_path, FLOOR, EXPORTER, WORKERS))
        await monitors.settled()
    asked, given = run(grafana)["argv"], run(grafana)["env"]
    assert asked == ["server", "--homepath", str(grafana.parents[1])]
    provisioning = Path(given["GF_PATHS_PROVISIONING"])
    assert provisioning == SOURCES / "provisioning"
    wanted = {
        name for file in provisioning.rglob("*.yaml") for name in re.findall(r"\$(FLOORCAST_\w+)", file.read_text())
    }
    assert wanted <= given.keys()
    assert (Path(given["FLOORCAST_DASHBOARDS"]) / "ja" / "team.json").exists()
    home = json.loads(Path(given["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).read_text("utf-8"))
    assert home["uid"] == "floorcast-floor-wall-en"
    password = Path(given["GF_SECURITY_ADMIN_PASSWORD"].removeprefix("$__file{").removesuffix("}"))
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert len(before := password.read_text()) > 20
    plans(tmp_path, FLOOR, EXPORTER, WORKERS)
    assert password.read_text() == before


@pytest.mark.parametrize("bad", ["#!/bin/sh\nexit 1\n", "no program"])
async def test_one_that_does_not_run_is_told_and_the_others_do(
    bad: str, install: Callable[..., Path], tmp_path: Path
) -> None:
    install("prometheus")
    install("grafana-server", bad)
    told: list[str] = []
    async with Monitors(tmp_path, told.append) as monitors:
        monitors.start(plans(tmp_path, FLOOR, EXPORTER, WORKERS))
        await monitors.settled()
        assert list(monitors.urls) == ["prometheus"]
    assert len(told) == 1
    assert told[0].startswith("the demo goes on without grafana")


async def test_one_that_ends_is_told_and_no_longer_shown(install: Callable[..., Path], tmp_path: Path) -> None:
    install("prometheus")
    told: list[str] = []
    async with Monitors(tmp_path, told.append) as monitors:
        monitors.start(plans(tmp_path, FLOOR, EXPORTER, WORKERS))
        await monitors.settled()
        assert not await asyncio.to_thread(answers, monitors.urls["prometheus"] + "/end")
        await becomes(lambda: _now(told), bool)
        assert monitors.urls == {}
    assert told == ["prometheus ended with exit code 3: the demo goes on without it"]


def test_nothing_runs_that_would_have_nothing_to_show(install: Callable[..., Path], tmp_path: Path) -> None:
    install("grafana")
    install("alertmanager")
    assert plans(tmp_path, FLOOR, EXPORTER, WORKERS) == []


def test_an_older_grafana_has_a_program_of_its_own_name(install: Callable[..., Path], tmp_path: Path) -> None:
    install("prometheus")
    program = install("grafana-server")
    (found,) = [plan for plan in plans(tmp_path, FLOOR, EXPORTER, WORKERS) if plan.name == "grafana"]
    assert list(found.argv)[:1] == [str(program)]
    assert "server" not in found.argv


def test_grafanas_home_is_found_around_its_program(tmp_path: Path) -> None:
    for place in (tmp_path / "archive", tmp_path / "brew" / "share" / "grafana"):
        (place / "conf").mkdir(parents=True)
        (place / "conf" / "defaults.ini").touch()
    assert home_of(tmp_path / "archive" / "bin" / "grafana") == tmp_path / "archive"
    assert home_of(tmp_path / "brew" / "bin" / "grafana") == tmp_path / "brew" / "share" / "grafana"


async def _now(value: list[str]) -> list[str]:
    return value
