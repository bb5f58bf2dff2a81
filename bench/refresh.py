"""How long the exporter's refresh takes: reading what changed, sums, targets, and writing the page.

`python -m bench.refresh SECONDS` with the exporter's settings follows the store as the exporter does, and prints the
result as JSON.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
import psutil

from schemas import topics
from streams import settings
from streams.export.config_lines import config_lines
from streams.export.edition import Edition
from streams.export.floor_targets import FloorTargets
from streams.export.follow import pause_s
from streams.export.partitions import KnownPartitions
from streams.export.service import opener
from streams.floor.followed import FloorFile
from streams.settings import Settings
from streams.store.redis_client import connect

MOST_S = 30.0
"""A measurement takes at most so much longer than what of it is measured: it starts, and reads everything once."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Refreshes of one exporter while events arrive."""

    series: int
    megabytes: float
    """Of the page."""
    first_s: float
    """The first one, which reads everything."""
    refreshes: int
    reading_ms: float
    """Median."""
    writing_ms: float
    """Median of judging and writing the page."""
    p50_ms: float
    p99_ms: float
    most_ms: float
    """The longest, which is one at which a minute ends, if one did."""
    rss_mb: float


async def measure(wanted: Settings, seconds: float) -> Refresh:
    """Refresh and render for so long, with the exporter's own pauses. Raises StoreUnavailable."""
    client = connect(wanted.redis, **wanted.redis_arguments)
    partitions = KnownPartitions(topics.load(), dict, wanted.partitions)
    file = FloorFile(wanted.config, named=wanted.config_named)
    view, page = opener(wanted, client, partitions)(file.now.floor)
    edition = Edition.of(view, page, FloorTargets(file.now.floor), file.now)
    first_s = sum(await _timed(edition))
    took: list[tuple[float, float]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        used = time.thread_time()
        took.append(await _timed(edition))
        await asyncio.sleep(pause_s(sum(took[-1]), time.thread_time() - used))
    text = page.text(config_lines(file.now, edition.loaded_ms))
    await client.aclose()
    reading, writing = np.array(took).T * 1000
    p50, p99, most = np.percentile(reading + writing, [50, 99, 100]).tolist()
    return Refresh(
        series=sum(not line.startswith(b"#") for line in text.splitlines()),
        megabytes=len(text) / 1e6,
        first_s=first_s,
        refreshes=len(took),
        reading_ms=float(np.median(reading)),
        writing_ms=float(np.median(writing)),
        p50_ms=p50,
        p99_ms=p99,
        most_ms=most,
        rss_mb=psutil.Process().memory_info().rss / 1e6,
    )


async def _timed(edition: Edition) -> tuple[float, float]:
    """Do what `Edition.render` does; return the seconds of reading, and of judging and writing."""
    begun = time.perf_counter()
    snapshot = await edition.view.refresh()
    read = time.perf_counter()
    await edition.page.render(snapshot, edition.judge)
    return read - begun, time.perf_counter() - read


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(asyncio.run(measure(settings.load(), float(sys.argv[1]))))))
