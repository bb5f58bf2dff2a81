"""Prometheus, Alertmanager and Grafana of the deployment: what they are given exists, and the first two run with it here."""

import json
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import yaml

from streams.demo.monitors.scraping import at_home
from streams.embedded.child import Child
from streams.embedded.ports import LOOPBACK, free_ports
from tests.deployment import compose
from tests.grafana.prometheus import SCRAPE_S
from tests.programs import becomes

GRAFANA = compose.ROOT / "grafana"
MOUNTED = "/etc/floorcast"
CONFIG = GRAFANA / "prometheus.yml"
JOBS = {"floorcast-exporter", "floorcast-worker"}


def complaints(services: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the monitoring services are given and cannot find."""
    for name, service in services.items():
        mounts = dict(reversed(one.split(":")[:2]) for one in service.get("volumes", []))
        if MOUNTED in mounts and mounts[MOUNTED] == "./grafana":
            given = [*service.get("command", []), *service.get("environment", {}).values()]
            for path in re.findall(rf"{MOUNTED}/(\S+)", " ".join(given)):
                if not (GRAFANA / path).exists():
                    yield f"{name}: grafana/{path} is not there"
    environment = services["grafana"]["environment"]
    provisioned = "".join(path.read_text("utf-8") for path in (GRAFANA / "provisioning").rglob("*.yaml"))
    yield from (f"grafana: {one} is not set" for one in re.findall(r"\$(FLOORCAST_\w+)", provisioned) if one not in environment)  # fmt: skip
    if urlsplit(environment["FLOORCAST_PROMETHEUS_URL"]).hostname not in services:
        yield "grafana: its Prometheus is no service"
    home = environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].removeprefix(f"{MOUNTED}/")
    if (GRAFANA / home).exists() and json.loads((GRAFANA / home).read_text("utf-8"))["uid"] != "floorcast-floor-wall-en":  # fmt: skip
        yield "grafana: the home page is not the Floor wall"
    if environment["GF_AUTH_ANONYMOUS_ENABLED"] != "false":
        yield "grafana: lets in whoever comes"


def test_what_the_services_are_given_is_there() -> None:
    assert list(complaints(compose.services())) == []


@pytest.mark.parametrize(
    ("service", "part", "changed", "complaint"),
    [
        ("prometheus", "command", [f"--config.file={MOUNTED}/x.yml"], "prometheus: grafana/x.yml is not there"),
        ("grafana", "GF_PATHS_PROVISIONING", f"{MOUNTED}/x", "grafana: grafana/x is not there"),
        ("grafana", "FLOORCAST_DASHBOARDS", None, "grafana: FLOORCAST_DASHBOARDS is not set"),
        ("grafana", "FLOORCAST_PROMETHEUS_URL", "http://nobody:9090", "grafana: its Prometheus is no service"),
        ("grafana", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", f"{MOUNTED}/dashboards/en/team.json", "grafana: the home page is not the Floor wall"),
        ("grafana", "GF_AUTH_ANONYMOUS_ENABLED", "true", "grafana: lets in whoever comes"),
    ],
)  # fmt: skip
def test_what_is_missing_is_noticed(service: str, part: str, changed: Any, complaint: str) -> None:
    services = compose.load()["services"]
    place = services[service] if part in services[service] else services[service]["environment"]
    place[part] = changed
    if changed is None:
        del place[part]
    assert complaint in list(complaints(services))


def test_prometheus_scrapes_services_of_the_deployment_at_their_ports() -> None:
    config = yaml.safe_load(CONFIG.read_text("utf-8"))
    (alerted,) = config["alerting"]["alertmanagers"]
    assert alerted["static_configs"] == [{"targets": ["alertmanager:9093"]}]
    assert "--web.listen-address=0.0.0.0:9093" in compose.services()["alertmanager"]["command"]
    exporter, worker = config["scrape_configs"]
    assert {exporter["job_name"], worker["job_name"]} == JOBS
    assert exporter["static_configs"] == [{"targets": ["exporter:9108"]}]
    (found,) = worker["dns_sd_configs"]
    assert (found["names"], found["type"], found["port"]) == (["worker"], "A", 6066)
    for service, port in (("exporter", 9108), ("worker", 6066)):
        assert any(f":{port}/readyz" in word for word in compose.services()[service]["healthcheck"]["test"])
        assert compose.services()[service]["environment"]["FLOORCAST_HOST"] == "0.0.0.0"  # noqa: S104


def test_grafana_knows_how_often_prometheus_scrapes() -> None:
    source = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "floorcast.yaml").read_text("utf-8"))
    interval = yaml.safe_load(CONFIG.read_text("utf-8"))["global"]["scrape_interval"]
    assert {one["jsonData"]["timeInterval"] for one in source["datasources"]} == {interval} == {f"{SCRAPE_S}s"}


def test_promtool_finds_the_configuration_and_its_rules_good(program: Callable[[str], Path]) -> None:
    checked = subprocess.run([program("promtool"), "check", "config", CONFIG], capture_output=True, text=True, check=False)  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    assert "2 rule files found" in checked.stdout


@asynccontextmanager
async def running(
    service: Mapping[str, Any], programs: Mapping[str, Path], folder: Path, mounted: str
) -> AsyncIterator[aiohttp.ClientSession]:
    """Run a service's line on this machine until its own health check is content; in the end it leaves well."""
    (port,) = free_ports(1)
    listens = next(word for word in service["command"] if word.startswith("--web.listen-address=0.0.0.0:"))
    theirs = listens.rpartition(":")[2]
    own, check = programs
    at = {
        MOUNTED: str(folder),
        mounted: f"={folder / 'data'}",
        f"0.0.0.0:{theirs}": f"{LOOPBACK}:{port}",
        f"127.0.0.1:{theirs}": f"{LOOPBACK}:{port}",
        check: str(programs[check]),
    }

    async def healthy() -> bool:
        checking = Child("check", folder / "check.log")
        await checking.start(compose.health(service, at))
        return await checking.wait() == 0

    assert not await healthy()
    child = Child(own, folder / f"{own}.log")
    await child.start([str(programs[own]), *compose.words(service, at)])
    try:
        await becomes(healthy, bool)
        async with aiohttp.ClientSession(f"http://{LOOPBACK}:{port}") as session:
            yield session
        child.signal(signal.SIGTERM)
        assert await child.wait() == 0
    finally:
        await child.kill()
        print(child.last_lines())  # noqa: T201  # shown where the test fails


async def test_prometheus_runs_with_the_line_of_the_file_and_finds_itself_well(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    (nobody,) = free_ports(1)
    (tmp_path / "prometheus.yml").write_text(at_home(CONFIG, {job: [f"{LOOPBACK}:{nobody}"] for job in JOBS}))
    programs = {"prometheus": program("prometheus"), "promtool": program("promtool")}
    async with running(compose.services()["prometheus"], programs, tmp_path, "=/prometheus") as session:
        ask = partial(_answer, session)
        rules = [group["name"] for group in (await ask("rules"))["groups"]]
        loaded = yaml.safe_load((await ask("status/config"))["yaml"])
    assert sorted(rules) == ["floorcast-floor", "floorcast-pipeline"]
    assert {one["job_name"] for one in loaded["scrape_configs"]} == JOBS


async def test_alertmanager_runs_with_the_line_of_the_file_and_finds_itself_well(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    shutil.copy(GRAFANA / "alertmanager.yaml", tmp_path)
    programs = {"prometheus-alertmanager": program("prometheus-alertmanager"), "amtool": program("amtool")}
    service = compose.services()["alertmanager"]
    async with (
        running(service, programs, tmp_path, "=/alertmanager") as session,
        session.get("/api/v2/receivers") as answer,
    ):
        assert {"operations", "team-night-desk"} < {one["name"] for one in await answer.json()}


def test_make_compose_makes_what_the_services_want_beside_the_file(tmp_path: Path) -> None:
    for name in ("Makefile", "floor.yaml", "grafana/alertmanager.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(compose.ROOT / name, tmp_path / name)
    for _ in range(2):
        subprocess.run(["make", f"PYTHON={sys.executable}", "compose"], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607
        (tmp_path / "config" / "floor.yaml").write_text("mine")
    wanted = [volume.split(":")[0] for one in compose.services().values() for volume in one.get("volumes", [])]
    wanted += [secret["file"] for secret in compose.load()["secrets"].values()]
    assert not [name for name in wanted if name.startswith("./") and not (tmp_path / name).exists()]
    assert (tmp_path / "config" / "alertmanager.yaml").read_text() == (GRAFANA / "alertmanager.yaml").read_text()
    assert (tmp_path / "config" / "floor.yaml").read_text() == "mine"
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert len((tmp_path / "secrets" / "grafana_password").read_text().strip()) > 20


async def _answer(session: aiohttp.ClientSession, what: str) -> Any:
    async with session.get(f"/api/v1/{what}") as answer:
        return (await answer.json())["data"]
