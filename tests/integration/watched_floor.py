"""A worker, an exporter and Prometheus over a busy floor, and what each of them says of it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.embedded import Stack
from streams.embedded.ports import LOOPBACK, free_ports
from streams.store.protocol import Partition
from streams.view.sources import EVERY_MS as SOURCES_EVERY_MS
from tests.grafana.prometheus import Prometheus
from tests.grafana.shown import Shown
from tests.grafana.told import ask
from tests.integration import busy_floor
from tests.integration.conftest import PARTITIONS
from tests.integration.load import produce
from tests.integration.recount import TYPES
from tests.integration.workers import Group
from tests.programs import Program, becomes, floorcast, said

GROUP = "boards"
EXPORTER, WORKER = "floorcast-exporter", "floorcast-worker"
SCRAPED = f'up{{job="{EXPORTER}"}} == 1 and on () floorcast_worker_ready == 1 and on () sum(floorcast_stale) == 0'


class Pipeline:
    """Worker, exporter and Prometheus over one group."""

    def __init__(self, group: Group, worker: Program, prometheus: Prometheus, session: aiohttp.ClientSession) -> None:
        self.worker, self.prometheus = worker, prometheus
        self._group, self._session = group, session

    async def counts(self, config: Path) -> float:
        """Bring the load in and wait until all of it is counted; return from when on an exporter knows all of it."""
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
        return (busy_floor.now_ms() + SOURCES_EVERY_MS) / 1000

    async def shown(self, prometheus: Prometheus, begin: float, counted: float, exporters: int = 1) -> Shown:
        """Wait for pages of later, and return them with what is told elsewhere of the latest of them."""
        asked = await prometheus.until(_later(counted), least=exporters)
        snapshot = max(one.value for one in await prometheus.at("floorcast_snapshot_timestamp_seconds", asked))
        samples = await prometheus.at(f'scrape_samples_scraped{{job="{EXPORTER}"}}', asked)
        wanted = dict.fromkeys(await self._ends())
        sources = [await self._group.reader.sources(Partition(*name)) for name in wanted]
        told = await ask(
            self._session,
            snapshot,
            asked=asked,
            unbroken=await prometheus.unbroken(begin, asked),
            series=int(samples[0].value),
            ledgers=await self._group.ledgers(wanted),
            sources={one: max(found.get(one, 0) for found in sources) for found in sources for one in found},
            worker=urlsplit(await self.worker.url()).netloc,
            worker_bytes=psutil.Process(self.worker.process.pid).memory_info().rss,
        )
        return Shown(prometheus, told, begin, off=0.0 if exporters == 1 else 0.2)

    async def _ends(self) -> dict[tuple[str, int], int]:
        places = [TopicPartition(topic, number) for topic in TYPES for number in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=self._group.stack.kafka) as consumer:
            ends = await consumer.end_offsets(places)
        return {(place.topic, place.partition): end for place, end in ends.items()}


def _later(counted: float) -> str:
    """Return what holds of pages of later, all of the same minute: windows of minutes are the same on all of them."""
    settled = "sum(floorcast_lag_records) == 0 and on () min(up) == 1 and on () vector(time()) % 60 > 5"
    return f"floorcast_snapshot_timestamp_seconds > {counted} and on () {settled}"


@dataclass(frozen=True)
class Proof:
    """A running pipeline, and what Prometheus shows of it: of one exporter, and of two that say the same."""

    running: Pipeline
    shown: Shown
    twice: Shown


@asynccontextmanager
async def watched_floor(stack: Stack, program: Path, folder: Path) -> AsyncIterator[Proof]:
    """Run it all on a stack without topics, with that Prometheus; return it when all events are counted."""
    config = folder / "floor.yaml"
    config.write_text(busy_floor.config())
    group = Group(stack, GROUP, PARTITIONS, folder)
    where = {"kafka": stack.kafka, "redis": stack.redis, "group": GROUP, "config": config}
    settings: dict[str, Any] = {**where, "log_format": "json", "fetch_max_wait_ms": 20}
    async with AsyncExitStack() as running:
        await group.create_topics()
        running.push_async_callback(group.delete_topics, *TYPES, *(f"{topic}-dlq" for topic in TYPES))
        running.push_async_callback(group.close)
        # known beforehand: a Prometheus takes five seconds to look for its targets
        port, port_of_worker = free_ports(2)
        worker = await running.enter_async_context(floorcast("worker", worker_port=port_of_worker, **settings))
        exporter = await running.enter_async_context(floorcast("exporter", exporter_port=port, **settings))
        jobs = {EXPORTER: [f"{LOOPBACK}:{port}"], WORKER: [f"{LOOPBACK}:{port_of_worker}"]}
        prometheus = await running.enter_async_context(Prometheus(program, folder / "once", jobs))
        jobs[EXPORTER] = [f"{LOOPBACK}:{port}", f"localhost:{port}"]
        twice = await running.enter_async_context(Prometheus(program, folder / "twice", jobs))
        session = await running.enter_async_context(aiohttp.ClientSession(await exporter.url()))
        await twice.until(SCRAPED, least=2)
        begin = await prometheus.until(SCRAPED)
        pipeline = Pipeline(group, worker, prometheus, session)
        counted = await pipeline.counts(config)
        shown = await pipeline.shown(prometheus, begin, counted)
        yield Proof(pipeline, shown, await pipeline.shown(twice, begin, counted, exporters=2))
