"""How long a live event takes until it is in Redis, and what the worker costs at that rate."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.events import records
from bench.machine import Meter
from bench.progress import Ledgers
from bench.systems.plain import TOPICS

POLL_S = 0.004
TICK_S = 0.005
SETTLE_S = 3.0
"""What is sent in the first seconds warms up, and is not measured."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Event → Redis at one rate."""

    per_second: float
    worker_share: float
    """Of one core."""
    redis_share: float
    p50_ms: float
    p99_ms: float
    events: int


async def measure(bootstrap: str, ledgers: Ledgers, pids: Mapping[str, int], rate: float, seconds: float) -> Latency:
    """Send `rate` events a second and watch the ledgers pass each of them, polled every 4 ms."""
    await caught_up(bootstrap, ledgers)
    watch = _Watch(ledgers)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1, linger_ms=0) as producer:
        watching = asyncio.create_task(watch.run())
        meter = await _send(producer, watch, pids, rate, seconds)
        cost = meter.read()
        await asyncio.wait_for(watch.passed(), 60)
        watching.cancel()
    times = np.array(watch.latencies_ms)
    return Latency(
        rate,
        cost.cpu_s["worker"] / cost.wall_s,
        cost.cpu_s["redis"] / cost.wall_s,
        float(np.percentile(times, 50)),
        float(np.percentile(times, 99)),
        len(times),
    )


async def caught_up(bootstrap: str, ledgers: Ledgers) -> None:
    """Return when the ledgers stand at the ends of their partitions."""
    async with AIOKafkaConsumer(*TOPICS, bootstrap_servers=bootstrap) as consumer:
        ends = {
            (tp.topic, tp.partition): end for tp, end in (await consumer.end_offsets(consumer.assignment())).items()
        }
        while await asyncio.to_thread(ledgers.positions) != ends:
            await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE_S)


async def _send(
    producer: AIOKafkaProducer, watch: "_Watch", pids: Mapping[str, int], rate: float, seconds: float
) -> Meter:
    begun, epoch_ms = time.perf_counter(), int(time.time() * 1000)
    meter = Meter(pids)
    for record in records(int(rate * seconds), epoch_ms, rate, seed=epoch_ms):
        due_s = (record.arrival_ms - epoch_ms) / 1000
        while (ahead := begun + due_s - time.perf_counter()) > 0:
            await asyncio.sleep(max(TICK_S, ahead))
        if not watch.measuring and due_s > SETTLE_S:
            watch.measuring, meter = True, Meter(pids)
        future = await producer.send(record.topic, record.value, key=record.key, timestamp_ms=record.arrival_ms)
        if watch.measuring:
            watch.sent(future, time.perf_counter())
    return meter


class _Watch:
    """Matches acknowledged offsets with the ledgers' positions."""

    def __init__(self, ledgers: Ledgers) -> None:
        self._ledgers = ledgers
        self._waiting: dict[tuple[str, int], list[tuple[int, float]]] = {}
        self._open = 0
        self.measuring = False
        self.latencies_ms: list[float] = []

    def sent(self, future: "asyncio.Future[object]", at: float) -> None:
        self._open += 1
        future.add_done_callback(lambda done: self._acknowledged(done.result(), at))

    def _acknowledged(self, where: object, at: float) -> None:
        place = (where.topic, where.partition)  # type: ignore[attr-defined]  # aiokafka's RecordMetadata
        self._waiting.setdefault(place, []).append((where.offset, at))  # type: ignore[attr-defined]

    async def run(self) -> None:
        while True:
            positions, now = self._ledgers.positions(), time.perf_counter()
            for place, waiting in self._waiting.items():
                passed = [at for offset, at in waiting if offset < positions[place]]
                if passed:
                    self.latencies_ms += [(now - at) * 1000 for at in passed]
                    self._open -= len(passed)
                    self._waiting[place] = [entry for entry in waiting if entry[0] >= positions[place]]
            await asyncio.sleep(POLL_S)

    async def passed(self) -> None:
        """Return when everything that was sent is in the ledgers."""
        while self._open:
            await asyncio.sleep(POLL_S)
