"""Every query of every panel, asked of a real Prometheus that scrapes a real exporter and worker."""

import copy
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from grafana.generate import HOME
from streams.embedded import Stack
from streams.store.protocol import Partition
from tests.grafana.checks import Boards, panels
from tests.grafana.prometheus import Prometheus
from tests.grafana.shown import Shown
from tests.grafana.told import ask
from tests.integration import busy_floor
from tests.integration.conftest import PARTITIONS
from tests.integration.load import produce
from tests.integration.recount import TYPES
from tests.integration.workers import Group, becomes
from tests.programs import Program, floorcast, said

GROUP = "boards"
EXPORTER, WORKER = "floorcast-exporter", "floorcast-worker"
SCRAPED = f'up{{job="{EXPORTER}"}} == 1 and on () floorcast_worker_ready == 1 and on () sum(floorcast_stale) == 0'
WALL, TEAM, TARGETS, HEALTH = "en/floor-wall.json", "en/team.json", "en/targets.json", "en/data-health.json"


@pytest.fixture(scope="module")
def boards() -> Boards:
    """Return the committed ones."""
    return {path.relative_to(HOME).as_posix(): json.loads(path.read_text("utf-8")) for path in HOME.rglob("*.json")}


class Pipeline:
    """Worker, exporter and Prometheus over one group."""

    def __init__(self, group: Group, worker: Program, prometheus: Prometheus, session: aiohttp.ClientSession) -> None:
        self.worker, self.prometheus = worker, prometheus
        self._group, self._session = group, session

    async def counts(self, config: Path) -> float:
        """Bring the load in and wait until all of it is counted; return when that was."""
        kafka = self._group.stack.kafka
        await produce(kafka, busy_floor.long_ago(busy_floor.now_ms()), PARTITIONS)
        words = ("simulate", "--from", busy_floor.since(), *busy_floor.SIMULATED)
        code, _, errors = await said(*words, kafka=kafka, config=config)
        assert code == 0, errors
        # a rate sees no growth in a counter's first sample: what follows, of every topic, is seen
        await self.prometheus.until("floorcast_worker_records_total", least=len(TYPES))
        now_ms = busy_floor.now_ms()
        await produce(kafka, [*busy_floor.results(now_ms), *busy_floor.going_on(now_ms)], PARTITIONS)
        ends = await self._ends()
        await becomes(
            lambda: self._group.positions(dict.fromkeys(ends)),
            lambda now: {name: at for name, (_, at) in now.items()} == ends,
        )
        return busy_floor.now_ms() / 1000

    async def shown(self, begin: float, counted: float) -> Shown:
        """Wait for a page of later, and return it with what is told of it elsewhere."""
        later = f"floorcast_snapshot_timestamp_seconds > {counted} and on () sum(floorcast_lag_records) == 0"
        asked = await self.prometheus.until(later)
        (snapshot,) = await self.prometheus.at("floorcast_snapshot_timestamp_seconds", asked)
        (samples,) = await self.prometheus.at(f'scrape_samples_scraped{{job="{EXPORTER}"}}', asked)
        wanted = dict.fromkeys(await self._ends())
        sources = [await self._group.reader.sources(Partition(*name)) for name in wanted]
        told = await ask(
            self._session,
            snapshot.value,
            asked=asked,
            series=int(samples.value),
            ledgers=await self._group.ledgers(wanted),
            sources={one: max(found.get(one, 0) for found in sources) for found in sources for one in found},
            worker=urlsplit(await self.worker.url()).netloc,
            worker_bytes=psutil.Process(self.worker.process.pid).memory_info().rss,
        )
        return Shown(self.prometheus, told, begin)

    async def _ends(self) -> dict[tuple[str, int], int]:
        places = [TopicPartition(topic, number) for topic in TYPES for number in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=self._group.stack.kafka) as consumer:
            ends = await consumer.end_offsets(places)
        return {(place.topic, place.partition): end for place, end in ends.items()}


@pytest.fixture(scope="module")
async def pipeline(
    spare_stack: Stack, program: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Pipeline, Shown]]:
    """Return the pipeline when it has counted all, and what it shows."""
    found = program("prometheus")
    folder = tmp_path_factory.mktemp("boards")
    config = folder / "floor.yaml"
    config.write_text(busy_floor.config())
    group = Group(spare_stack, GROUP, PARTITIONS, folder)
    await group.create_topics()
    stack = {"kafka": spare_stack.kafka, "redis": spare_stack.redis, "group": GROUP, "config": config}
    settings: dict[str, Any] = {**stack, "log_format": "json", "fetch_max_wait_ms": 20}
    async with AsyncExitStack() as running:
        worker = await running.enter_async_context(floorcast("worker", worker_port=0, **settings))
        exporter = await running.enter_async_context(floorcast("exporter", exporter_port=0, **settings))
        session = await running.enter_async_context(aiohttp.ClientSession(await exporter.url()))
        jobs = {EXPORTER: [urlsplit(await exporter.url()).netloc], WORKER: [urlsplit(await worker.url()).netloc]}
        prometheus = await running.enter_async_context(Prometheus(found, folder, jobs))
        begin = await prometheus.until(SCRAPED)
        pipeline = Pipeline(group, worker, prometheus, session)
        yield pipeline, await pipeline.shown(begin, await pipeline.counts(config))
    await group.close()
    await group.delete_topics(*TYPES, *(f"{topic}-dlq" for topic in TYPES))


async def test_every_panel_shows_what_the_json_and_the_ledgers_say(
    pipeline: tuple[Pipeline, Shown], boards: Boards
) -> None:
    assert await pipeline[1].faults(boards) == []


async def test_every_query_has_data(pipeline: tuple[Pipeline, Shown], boards: Boards) -> None:
    assert await pipeline[1].silent(boards) == []


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
async def test_a_query_that_shows_something_else_is_noticed(
    name: str, pipeline: tuple[Pipeline, Shown], boards: Boards
) -> None:
    mutant = MUTANTS[name]
    faults = await pipeline[1].faults(mutant.of(boards), only=mutant.path)
    assert faults
    assert all(fault.startswith(f"{mutant.path}: {mutant.title}") for fault in faults)


async def test_a_query_without_data_is_noticed(pipeline: tuple[Pipeline, Shown], boards: Boards) -> None:
    mutant = Mutant(HEALTH, "Gaps", "sum(", 'sum(0 * up{job="nobody"} + ')
    assert await pipeline[1].silent(mutant.of(boards)) == [f"{HEALTH}: Gaps, Records"]


async def test_the_wall_says_0_while_nobody_waits(pipeline: tuple[Pipeline, Shown], boards: Boards) -> None:
    running, shown = pipeline
    (tile,) = [panel for panel in panels(boards[WALL]) if panel["title"] == "Waiting now"]
    for target in tile["targets"]:
        (said,) = await running.prometheus.at(target["expr"], shown.begin)
        assert said.value == 0
    assert await running.prometheus.at("floor_calls_waiting", shown.begin) == []


async def test_the_wall_is_empty_while_its_topics_are_stale(pipeline: tuple[Pipeline, Shown], boards: Boards) -> None:
    running, _ = pipeline
    running.worker.process.send_signal(signal.SIGTERM)
    at = await running.prometheus.until("floorcast_stale == 1", least=len(TYPES))
    tiles = [panel for panel in panels(boards[WALL]) if panel["title"] != "Data as of"]
    judged = [target["expr"] for tile in tiles for target in tile["targets"] if "kpi_target" not in target["expr"]]
    assert len(judged) == 22
    assert [expr for expr in judged if await running.prometheus.at(expr, at)] == []
    unguarded = [expr.partition(" unless ")[0] for expr in judged]
    assert [expr for expr in unguarded if not await running.prometheus.at(expr, at)] == []
