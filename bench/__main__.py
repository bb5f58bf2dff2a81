"""`make bench`: catch-up and live figures of Floorcast beside two other ways, on one broker, in one run."""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import click
from redis import Redis
from rich.console import Console

from bench import freshness, live
from bench.catch_up import Result, measure
from bench.loading import load
from bench.machine import cores, environment, pin, running
from bench.own_facts import FLOOR, Cost
from bench.progress import Done, Ledgers, empty
from bench.refresh import MOST_S, Refresh
from bench.steady import steady
from bench.tables import catch_up_table, facts_table, freshness_table, live_table, refresh_table
from streams import topics
from streams.embedded import Stack
from streams.embedded.ports import LOOPBACK, free_ports
from streams.settings import Settings

SPREAD_PER_SECOND = 1100
"""What is pre-loaded arrived at this rate, until now: two million events are half an hour."""
STOCK_EVENTS = 200_000
FLOORCAST = str(Path(sys.executable).parent / "floorcast")
PARTS = ("facts", "catch-up", "garbage", "refresh", "live", "freshness")
GARBAGE = (0.0, 0.01)
GARBAGE_EVENTS = 600_000
ALMOST = 0.995
"""Of the good events: how many records are garbage, chance decides."""
RATES = (1_000, 10_000)
REFRESH_PER_SECOND = 1_000
A_MINUTE_S = 65.0
"""The refreshes at which a minute ends are the longest: at least one must be among those that are measured."""
console = Console(width=120)


@click.command()
@click.option("--events", default=2_000_000, show_default=True, help="Events to pre-load.")
@click.option("--partitions", default=8, show_default=True, help="Partitions of each topic.")
@click.option("--repeats", default=3, show_default=True, help="Runs of each catch-up; all are shown.")
@click.option("--seconds", default=20.0, show_default=True, help="Length of each live measurement.")
@click.option("--only", type=click.Choice(PARTS), help="One part only.")
def main(events: int, partitions: int, repeats: int, seconds: float, only: str | None) -> None:
    """Measure and print; the first core runs what is measured, the last one Kafka, Redis and this program."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder), events, partitions, repeats, seconds, only))


async def _run(folder: Path, events: int, partitions: int, repeats: int, seconds: float, only: str | None) -> None:
    if only in (None, "garbage"):
        console.print(catch_up_table(await _garbage(folder, min(events, GARBAGE_EVENTS), partitions, repeats)))
    if only == "garbage":
        return
    async with Stack(folder / "main") as stack:
        bench = Bench(stack, partitions)
        await topics.create(bench.settings)
        if only in (None, "facts"):
            console.print(facts_table(Cost(**await measured("bench.own_facts"))))
        if only in (None, "catch-up", "refresh"):
            console.print(f"pre-loading {events:,} events …")
            await load(stack.kafka, events, SPREAD_PER_SECOND)
        if only in (None, "catch-up"):
            console.print(catch_up_table(await asyncio.to_thread(bench.catch_up, events, repeats)))
        if only in (None, "refresh"):
            console.print(refresh_table(await bench.refresh(max(seconds, A_MINUTE_S))))
        if only in (None, "live"):
            console.print(live_table([await bench.live(rate, seconds) for rate in RATES]))
        if only in (None, "freshness"):
            console.print(freshness_table([await bench.freshness(rate, seconds) for rate in RATES]))


async def _garbage(folder: Path, events: int, partitions: int, repeats: int) -> list[Result]:
    """Let Floorcast work through the same events, whole and with a share of garbage, in turn; garbage is not counted."""
    results = []
    async with AsyncExitStack() as stacks:
        benches = {}
        for share in GARBAGE:
            stack = await stacks.enter_async_context(Stack(folder / f"garbage-{share}"))
            benches[share] = Bench(stack, partitions)
            await topics.create(benches[share].settings)
            await load(stack.kafka, events, SPREAD_PER_SECOND, share)
        for number in range(repeats):
            for share, bench in benches.items():
                good = int(events * (1 - share) * ALMOST)
                results.append(await asyncio.to_thread(bench.floorcast, f"run-{number}", good, f"{share:.0%} garbage"))
    return results


class Bench:
    """The measurements on one stack."""

    def __init__(self, stack: Stack, partitions: int) -> None:
        self._stack, self._partitions = stack, partitions
        self.settings = Settings(kafka=stack.kafka, redis=stack.redis, partitions=partitions)
        self._servers = {"redis": stack.redis_server.pid, "kafka": stack.kafka_server.pid}
        self._redis = Redis.from_url(stack.redis)
        for pid in self._servers.values():
            pin(pid, cores()[-1])

    def catch_up(self, events: int, repeats: int) -> list[Result]:
        """Let each system work through the pre-loaded events."""
        results = []
        for number in range(repeats):
            results.append(self.floorcast(f"bench-{number}", events))
            results.append(self.floorcast(f"own-{number}", events, "floorcast, own facts", config=FLOOR))
            results.append(self._other("hand_written", f"hand-{number}", events))
        results.append(self._other("stock_faust", "stock", min(STOCK_EVENTS, events)))
        return results

    def floorcast(self, group: str, events: int, system: str = "floorcast", **settings: object) -> Result:
        """Let a worker of a new group count so many events."""
        empty(self._redis)
        progress = Ledgers(self._redis, group, self._partitions)
        environment = self._environment(group, **settings)
        return measure(system, [FLOORCAST, "worker"], environment, progress, events, self._servers)

    def _other(self, system: str, run: str, events: int) -> Result:
        empty(self._redis)
        command = [sys.executable, "-m", f"bench.systems.{system}", self._stack.kafka, self._stack.redis, run]
        return measure(system, command, environment(), Done(self._redis, run), events, self._servers)

    async def live(self, rate: float, seconds: float) -> live.Latency:
        """Let a worker that has caught up follow a live load."""
        group = f"live-{rate:.0f}"
        ledgers = Ledgers(self._redis, group, self._partitions)
        with running(cores()[0], [FLOORCAST, "worker"], self._environment(group)) as pid:
            return await live.measure(self._stack.kafka, ledgers, {"worker": pid, **self._servers}, rate, seconds)

    async def freshness(self, rate: float, seconds: float) -> tuple[float, list[freshness.Freshness]]:
        """Let an exporter, and Prometheus where there is one, follow a worker under a live load."""
        group, kafka = f"fresh-{rate:.0f}", self._stack.kafka
        exporter, prometheus = (f"{LOOPBACK}:{port}" for port in free_ports(2))
        urls = [f"http://{exporter}/readyz"]
        own = self._environment(group, exporter_port=exporter.rpartition(":")[2], partitions=self._partitions)
        with ExitStack() as beside:
            beside.enter_context(running(cores()[0], [FLOORCAST, "worker"], own))
            beside.enter_context(running(cores()[0], [FLOORCAST, "exporter"], own))
            if program := shutil.which("prometheus"):
                command = [program, *freshness.scraping(self._stack.data / group, exporter, prometheus)]
                beside.enter_context(running(cores()[-1], command))
                urls.append(f"http://{prometheus}/-/ready")
            await freshness.ready(*urls)
            await live.caught_up(kafka, Ledgers(self._redis, group, self._partitions))
            async with steady(cores()[-1], kafka, rate, seconds + freshness.MOST_S) as load:
                found = await freshness.measure(kafka, exporter, prometheus if program else None, seconds)
            return load.per_second, found

    async def refresh(self, seconds: float) -> dict[str, Refresh]:
        """Let an exporter follow a worker, first without the reps on its page, then with them."""
        ledgers = Ledgers(self._redis, "refresh", self._partitions)
        with running(cores()[-1], [FLOORCAST, "worker"], self._environment("refresh", config=FLOOR)):
            await live.caught_up(self._stack.kafka, ledgers)
            async with steady(cores()[-1], self._stack.kafka, REFRESH_PER_SECOND, 2 * (seconds + MOST_S)):
                return {
                    "no": await self._refreshes(seconds),
                    "yes": await self._refreshes(seconds, rep_series="true", series_limit=1_000_000),
                }

    async def _refreshes(self, seconds: float, **settings: object) -> Refresh:
        own = self._environment("refresh", config=FLOOR, partitions=self._partitions, **settings)
        return Refresh(**await measured("bench.refresh", str(seconds), env=own))

    def _environment(self, group: str, **settings: object) -> dict[str, str]:
        return environment(
            kafka=self._stack.kafka,
            redis=self._stack.redis,
            group=group,
            worker_port=0,
            log_level="warning",
            **settings,
        )


async def measured(module: str, *words: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run a measurement of its own process on the first core; return what it prints."""
    command = ["taskset", "-c", str(cores()[0]), sys.executable, "-m", module, *words]
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}")
    found: dict[str, Any] = json.loads(output)
    return found


if __name__ == "__main__":
    main()
