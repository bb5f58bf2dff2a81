"""The demo as people and scripts run it: real Kafka, Redis, workers, exporter and floor; and nothing left afterwards."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.demo.stand_in import run, stand_in
from tests.integration.demos import (
    MONITORS,
    PATIENCE_S,
    all_ready,
    becomes,
    demo,
    listening,
    now,
    ready,
    self_consistent,
    today,
    watched,
    words,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the demos of this file keep."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def left_off() -> list[float]:
    """Return what the demos before showed for today."""
    return []


async def test_figures_move_a_dead_worker_is_replaced_and_ctrl_c_leaves_nothing(
    data: Path, left_off: list[float]
) -> None:
    grafana = stand_in(data / "bin" / "grafana")
    path = f"{grafana.parent}{os.pathsep}{os.environ['PATH']}"
    monitors = [*MONITORS, "grafana"] if MONITORS else []
    async with demo(data, "--rate", "200", "--dirt", "0", PATH=path) as running:
        addresses = await running.addresses()
        assert set(addresses) == {"kafka", "redis", "exporter", "workers", "data", "monitors"}
        assert set(addresses["monitors"]) == set(monitors)
        assert all([await ready(url) for url in (addresses["exporter"], *addresses["workers"])])
        assert Path(addresses["data"]) == data
        async with aiohttp.ClientSession(addresses["exporter"]) as session:
            first = await today(session)
            await becomes(lambda: today(session), lambda later: later > first)
            await self_consistent(session)
            worker = next(one for one in running.family() if one.cmdline()[-1:] == ["worker"])
            worker.kill()
            await becomes(
                lambda: now(running.said.read_text()), lambda said: "ended by signal 9: started again" in said
            )
            await becomes(lambda: all_ready(addresses["workers"]), bool)
            left_off.append(await today(session))
            if monitors:
                await watched(addresses)
                assert run(grafana)["env"]["FLOORCAST_PROMETHEUS_URL"] == addresses["monitors"]["prometheus"]
        family = running.family()
        assert len(family) == 1 + 2 + 2 + 1 + 1 + len(monitors)
        ports = listening(family)
        running.demo.send_signal(signal.SIGINT)
        assert await running.ended(family, ports) == ""
        assert await running.starter.wait() == 0


async def test_the_next_demo_goes_on_from_the_kept_data_and_sigterm_leaves_nothing(
    data: Path, left_off: list[float]
) -> None:
    async with demo(data, "--rate", "200") as running:
        addresses = await running.addresses()
        async with aiohttp.ClientSession(addresses["exporter"]) as session:
            assert await today(session) >= left_off[-1] > 0
            left_off.append(await today(session))
            await becomes(lambda: today(session), lambda later: later > left_off[-1])
        family = running.family()
        ports = listening(family)
        running.demo.terminate()
        await running.ended(family, ports)
        assert await running.starter.wait() == 0


async def test_the_death_of_the_parent_leaves_nothing(data: Path, left_off: list[float]) -> None:
    parent = (sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])")
    async with demo(data, "--workers", "1", through=parent) as running:
        await running.addresses()
        family = running.family()
        ports = listening(family)
        assert running.demo.pid != running.starter.pid
        running.starter.kill()
        await running.ended(family, ports)


async def test_a_kafka_that_dies_ends_the_demo_with_the_end_of_its_log(data: Path) -> None:
    async with demo(data) as running:
        kafka = await becomes(lambda: now([one for one in running.family() if "kafka.Kafka" in words(one)]), bool)
        await becomes(lambda: now(running.said.read_text()), lambda said: "✓ starting Kafka and Redis" in said)
        family = running.family()
        kafka[0].kill()
        async with asyncio.timeout(PATIENCE_S):
            assert await running.starter.wait() == 1
        await running.ended(family, {0})
        assert "Error: Kafka has ended; the end of its log" in running.said.read_text()


async def test_a_demo_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    async with demo(tmp_path) as running:
        await becomes(lambda: now(running.said.read_text()), lambda said: "✓ starting Kafka and Redis" in said)
        family = running.family()
        assert len(family) > 2
        ports = listening(family)
        running.demo.kill()
        await running.ended(family, ports)
