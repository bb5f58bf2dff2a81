"""`make bench`: catch-up and live figures of Floorcast beside two other ways, on one broker, in one run."""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from redis import Redis
from rich.console import Console
from rich.table import Table

from bench import live
from bench.catch_up import Result, measure
from bench.loading import load
from bench.machine import cores, environment, pin
from bench.progress import Done, Ledgers
from streams import topics
from streams.embedded import Stack
from streams.settings import Settings

SPREAD_PER_SECOND = 1100
"""What is pre-loaded arrived at this rate, until now: two million events are half an hour."""
STOCK_EVENTS = 200_000
FLOORCAST = str(Path(sys.executable).parent / "floorcast")
console = Console(width=120)


@click.command()
@click.option("--events", default=2_000_000, show_default=True, help="Events to pre-load.")
@click.option("--partitions", default=8, show_default=True, help="Partitions of each topic.")
@click.option("--repeats", default=3, show_default=True, help="Runs of each catch-up; all are shown.")
@click.option("--seconds", default=20.0, show_default=True, help="Length of each live measurement.")
@click.option("--only", type=click.Choice(["catch-up", "live"]), help="One half only.")
def main(events: int, partitions: int, repeats: int, seconds: float, only: str | None) -> None:
    """Measure and print; the first core runs what is measured, the last one Kafka, Redis and this program."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder), events, partitions, repeats, seconds, only))


async def _run(folder: Path, events: int, partitions: int, repeats: int, seconds: float, only: str | None) -> None:
    async with Stack(folder) as stack:
        bench = Bench(stack, partitions)
        await topics.create(bench.settings)
        if only != "live":
            console.print(f"pre-loading {events:,} events …")
            await load(stack.kafka, events, SPREAD_PER_SECOND)
            console.print(catch_up_table(await asyncio.to_thread(bench.catch_up, events, repeats)))
        if only != "catch-up":
            console.print(live_table([await bench.live(rate, seconds) for rate in (1_000, 10_000)]))


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
            results.append(self._floorcast(f"bench-{number}", events))
            results.append(self._other("hand_written", f"hand-{number}", events))
        results.append(self._other("stock_faust", "stock", min(STOCK_EVENTS, events)))
        return results

    def _floorcast(self, group: str, events: int) -> Result:
        progress = Ledgers(self._redis, group, self._partitions)
        return measure("floorcast", [FLOORCAST, "worker"], self._environment(group), progress, events, self._servers)

    def _other(self, system: str, run: str, events: int) -> Result:
        command = [sys.executable, "-m", f"bench.systems.{system}", self._stack.kafka, self._stack.redis, run]
        return measure(system, command, environment(), Done(self._redis, run), events, self._servers)

    async def live(self, rate: float, seconds: float) -> live.Latency:
        """Let a worker that has caught up follow a live load."""
        group = f"live-{rate:.0f}"
        ledgers = Ledgers(self._redis, group, self._partitions)
        command = ["taskset", "-c", str(cores()[0]), FLOORCAST, "worker"]
        worker = subprocess.Popen(  # noqa: ASYNC220  # nothing else runs here
            command, env=self._environment(group), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            return await live.measure(
                self._stack.kafka, ledgers, {"worker": worker.pid, **self._servers}, rate, seconds
            )
        finally:
            worker.terminate()
            worker.wait()

    def _environment(self, group: str) -> dict[str, str]:
        return environment(
            kafka=self._stack.kafka, redis=self._stack.redis, group=group, worker_port=0, log_level="warning"
        )


def catch_up_table(results: list[Result]) -> Table:
    """Return the catch-up figures, with each system's ratio to the first run of stock Faust."""
    stock = next((result.per_second for result in results if result.system == "stock_faust"), None)
    table = Table(title="Catch-up, one worker process on one core")
    for heading in ("system", "events", "events/s", "× stock", "worker µs", "Redis µs", "broker µs", "RSS MB"):
        table.add_column(heading, justify="left" if heading == "system" else "right")
    for result in results:
        table.add_row(
            result.system,
            f"{result.events:,}",
            f"{result.per_second:,.0f}",
            f"{result.per_second / stock:.1f}" if stock else "",
            *(f"{result.micros[name]:.2f}" for name in ("worker", "redis", "kafka")),
            f"{result.cost.rss_mb['worker']:.0f}",
        )
    return table


def live_table(latencies: list[live.Latency]) -> Table:
    """Return the live figures."""
    table = Table(title="Live: event → Redis (polled every 4 ms)")
    for heading in ("events/s", "worker, of a core", "Redis, of a core", "p50 ms", "p99 ms", "measured"):
        table.add_column(heading, justify="right")
    for found in latencies:
        table.add_row(
            f"{found.per_second:,.0f}",
            f"{found.worker_share:.1%}",
            f"{found.redis_share:.1%}",
            f"{found.p50_ms:.0f}",
            f"{found.p99_ms:.0f}",
            f"{found.events:,}",
        )
    return table


if __name__ == "__main__":
    main()
