"""Alertmanager's configuration: amtool finds it good, and every alert reaches the right people."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from click.testing import CliRunner, Result

from grafana.alerts import GROUPS
from grafana.alerts.generate import ALERTMANAGER, HOME
from streams.alerts.routing import Options, alertmanager
from streams.cli.alerts import alerts
from streams.embedded.ports import free_ports
from streams.floor import Floor
from tests.programs import becomes

INSTALLED = HOME.parent / "floor.yaml"
COMMITTED = HOME / ALERTMANAGER
NASTY = ('al"pha', "b\\c", "営業 二課", "x/../y", "a,b={}", "ann@example.com")
Program = Callable[[str], Path]


def amtool(program: Program, *arguments: str | Path) -> tuple[int, str]:
    """Return amtool's exit code and everything that it says."""
    said = subprocess.run([program("amtool"), *arguments], capture_output=True, text=True, check=False)
    return said.returncode, said.stdout + said.stderr


def commanded(*arguments: str, config: Path = INSTALLED) -> Result:
    return CliRunner().invoke(alerts, ["alertmanager", *arguments], env={"FLOORCAST_CONFIG": str(config)})


def test_amtool_finds_nothing_wrong_with_the_committed_one(program: Program) -> None:
    code, said = amtool(program, "check-config", COMMITTED)
    assert code == 0, said
    assert "5 receivers" in said


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=KpiBelowTarget area=floor scope=team name=alpha team=alpha severity=info", "team-alpha"),
        ("alertname=KpiPaceBehind area=floor scope=team name=night-desk team=night-desk", "team-night-desk"),
        ("alertname=KpiBelowTarget area=floor scope=team name=bravo team=bravo severity=info", "floor"),
        ("alertname=WaitTooLong area=floor scope=queue name=support severity=warning", "floor"),
        ("alertname=DataStale area=pipeline topic=calls severity=critical", "operations"),
        ("alertname=WorkerDown area=pipeline job=floorcast-worker severity=critical", "operations"),
        ("alertname=Watchdog area=pipeline severity=none", "watchdog"),
        ("alertname=SomebodyElses", "operations"),
    ],
)
def test_every_alert_reaches_the_right_people(labels: str, receiver: str, program: Program) -> None:
    code, said = amtool(
        program,
        "config",
        "routes",
        "test",
        f"--config.file={COMMITTED}",
        f"--verify.receivers={receiver}",
        *labels.split(),
    )
    assert code == 0, said


def test_a_team_is_routed_by_its_label_whatever_its_name(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "alertmanager.yaml"
    file.write_text(alertmanager(Floor.default(), Options(range(2026, 2027), teams=NASTY)))
    code, said = amtool(program, "check-config", file)
    assert code == 0, said
    route = [f"--config.file={file}", "--verify.receivers=team-営業 二課", 'area="floor"', 'team="営業 二課"']
    assert amtool(program, "config", "routes", "test", *route)[0] == 0
    receivers = yaml.safe_load(file.read_text())["receivers"]
    files = [one["slack_configs"][0]["api_url_file"] for one in receivers if one["name"].startswith("team-")]
    assert len(set(files)) == len(NASTY)
    assert {str(Path(one).parent) for one in files} == {"/etc/alertmanager/secrets"}
    assert "ann@example.com" not in str(yaml.safe_load(file.read_text())["route"]["routes"][1]["matchers"])


def test_alerts_arrive_by_the_team_s_calendar_else_by_the_floor_s() -> None:
    content = yaml.safe_load(COMMITTED.read_text("utf-8"))
    times = {
        route["receiver"]: (route.get("active_time_intervals"), route.get("mute_time_intervals"))
        for route in content["route"]["routes"]
    }
    assert times == {
        "watchdog": (None, None),
        "team-alpha": (["office: working time"], ["office: days off"]),
        "team-night-desk": (["nights: working time"], None),
        "floor": (["office: working time"], ["office: days off"]),
    }


def test_a_floor_without_calendars_is_told_at_any_time() -> None:
    content = yaml.safe_load(alertmanager(Floor.default(), Options(range(2026, 2028))))
    assert content["time_intervals"] == []
    assert all("active_time_intervals" not in route for route in content["route"]["routes"])


def test_no_address_is_in_the_configuration_and_files_stand_where_they_are_wanted() -> None:
    text = alertmanager(Floor.default(), Options(range(2026, 2027), secrets="/run/secrets", watchdog=True))
    assert "://" not in text
    found = {one["name"]: one for one in yaml.safe_load(text)["receivers"]}
    assert found["operations"]["slack_configs"][0]["api_url_file"] == "/run/secrets/operations"
    assert found["watchdog"]["webhook_configs"] == [{"url_file": "/run/secrets/watchdog"}]
    assert yaml.safe_load(COMMITTED.read_text("utf-8"))["receivers"][-1] == {"name": "watchdog"}


def test_the_command_writes_what_is_committed(tmp_path: Path) -> None:
    said = commanded("--first-year", "2026")
    assert (said.exit_code, said.stdout) == (0, COMMITTED.read_text("utf-8"))
    file = tmp_path / "made.yaml"
    assert commanded("--first-year", "2026", "--out", str(file)).output == ""
    assert file.read_bytes() == COMMITTED.read_bytes()


def test_holidays_are_those_of_this_year_and_the_next_unless_it_is_said() -> None:
    def years(*arguments: str) -> set[str]:
        intervals = yaml.safe_load(commanded(*arguments).stdout)["time_intervals"]
        return {year for one in intervals[-1]["time_intervals"] for year in one["years"]}

    this = datetime.now().year
    assert years() == {str(this), str(this + 1)}
    assert years("--first-year", "2030", "--years", "1") == {"2030"}


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    said = commanded("--out", str(tmp_path / "no" / "file"))
    assert (said.exit_code, said.stderr) == (1, f"Error: --out {tmp_path}/no/file: No such file or directory\n")
    wrong = tmp_path / "floor.yaml"
    wrong.write_text("colours: {red: 1}")
    assert f"{wrong}:1" in commanded(config=wrong).stderr
    assert commanded("--years", "0").exit_code == 2


async def test_alerts_on_stale_figures_and_smaller_misses_are_kept_back(program: Program, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    alpha = {"area": "floor", "kpi": "dials", "scope": "team", "name": "alpha", "team": "alpha", "window": "1h"}
    bravo = {**alpha, "name": "bravo", "team": "bravo"}
    happened = [
        {"alertname": "KpiFarBelowTarget", **alpha},
        {"alertname": "KpiBelowTarget", **alpha},
        {"alertname": "KpiBelowTarget", **bravo},
    ]
    server = await asyncio.create_subprocess_exec(
        program("prometheus-alertmanager"), f"--config.file={COMMITTED}", f"--storage.path={tmp_path}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            await becomes(lambda: _status(session, "/-/ready"), lambda status: status == 200)
            await _post(session, happened)
            larger = {("KpiFarBelowTarget", "alpha"): False, ("KpiBelowTarget", "alpha"): True, ("KpiBelowTarget", "bravo"): False}  # fmt: skip
            await becomes(lambda: _kept_back(session), lambda found: found == larger)
            await _post(session, [{"alertname": "DataStale", "area": "pipeline", "topic": "calls"}])
            stale = {**dict.fromkeys(larger, True), ("DataStale", ""): False}
            await becomes(lambda: _kept_back(session), lambda found: found == stale)
    finally:
        server.terminate()
        await server.wait()


async def _status(session: aiohttp.ClientSession, path: str) -> int:
    try:
        async with session.get(path) as answer:
            return answer.status
    except aiohttp.ClientConnectionError:
        return 0


async def _post(session: aiohttp.ClientSession, happened: list[dict[str, str]]) -> None:
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    async with session.post("/api/v2/alerts", json=[{"labels": one, "endsAt": ends} for one in happened]) as answer:
        assert answer.status == 200


async def _kept_back(session: aiohttp.ClientSession) -> dict[tuple[str, str], bool]:
    async with session.get("/api/v2/alerts") as answer:
        found: list[dict[str, Any]] = json.loads(await answer.text())
    return {
        (one["labels"]["alertname"], one["labels"].get("name", "")): bool(one["status"]["inhibitedBy"]) for one in found
    }


def test_what_keeps_back_and_what_is_kept_back_are_alerts_of_ours() -> None:
    alerts_of = {alert.name: alert for group in GROUPS.values() for alert in group}
    rules = yaml.safe_load(COMMITTED.read_text("utf-8"))["inhibit_rules"]
    matchers = [one for rule in rules for side in ("source_matchers", "target_matchers") for one in rule[side]]
    names = {name for one in matchers if "alertname" in one for name in one.split('"')[1].split("|")}
    assert names <= alerts_of.keys()
    assert {one.split('"')[1] for one in matchers if "area" in one} <= {alert.area for alert in alerts_of.values()}
