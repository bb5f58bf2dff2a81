"""The results as tables for a terminal."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from bench import live
from bench.catch_up import Result
from bench.freshness import Freshness
from bench.own_facts import Cost
from bench.refresh import Refresh


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


def freshness_table(found: Sequence[tuple[float, list[Freshness]]]) -> Table:
    """Return how long events take until they are seen: the aims are a p99 of 500 ms on a board and 2 300 in Prometheus."""
    table = Table(title="Fresh: event → board (/api/stream), and event → Prometheus (1 s scrape)")
    for heading in ("events/s", "seen by", "p50 ms", "p99 ms", "measured"):
        table.add_column(heading, justify="right")
    for rate, readers in found:
        for one in readers:
            table.add_row(f"{rate:,.0f}", one.reader, f"{one.p50_ms:.0f}", f"{one.p99_ms:.0f}", f"{one.events:,}")
    return table


def facts_table(cost: Cost) -> Table:
    """Return what facts cost, and how own ones compare with built-in ones: the aim is at most 1.2."""
    table = Table(title=f"Counting an ended call and packing its rows, in memory, with {cost.facts} more facts")
    for heading in ("none, µs", "built in, µs", "own, µs", "own ÷ built in"):
        table.add_column(heading, justify="right")
    table.add_row(*(f"{us:.2f}" for us in (cost.none_us, cost.built_in_us, cost.own_us)), f"{cost.ratio:.2f}")
    return table


def refresh_table(found: Mapping[str, Refresh]) -> Table:
    """Return how long refreshes take: the aim is at most 250 ms."""
    table = Table(title="The exporter's refresh, full catalogue, all windows, 1 000 events/s")
    for heading in (
        "reps on /metrics",
        "series",
        "MB",
        "first, s",
        "read ms",
        "write ms",
        "p50 ms",
        "p99 ms",
        "longest ms",
        "refreshes",
        "RSS MB",
    ):
        table.add_column(heading, justify="right")
    for reps, one in found.items():
        table.add_row(
            reps,
            f"{one.series:,}",
            f"{one.megabytes:.1f}",
            f"{one.first_s:.2f}",
            *(f"{ms:.0f}" for ms in (one.reading_ms, one.writing_ms, one.p50_ms, one.p99_ms, one.most_ms)),
            f"{one.refreshes:,}",
            f"{one.rss_mb:.0f}",
        )
    return table
