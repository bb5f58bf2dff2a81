"""A verification from start to end: replays to where the live ledgers stand, and compares pane by pane.

The live workers go on meanwhile. So a few panes are read together with their ledger in one transaction, the replay
goes on to exactly that ledger's offset, and only then the two are compared.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine

from redis.asyncio import Redis

from streams.floor import Floor
from streams.kpis.panes import QUARTER_MS
from streams.progress import Tell
from streams.settings import Settings
from streams.store.protocol import Partition
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader
from streams.tasks import end
from streams.topics import source_partitions
from streams.verify.comparison import Comparison
from streams.verify.plan import NEVER, Planned, Start, start_of
from streams.verify.replay import STOP_S, Replay, stopped
from streams.verify.report import CannotVerify, Report, Unverifiable
from streams.verify.shadow import ShadowWriter, only_shadow
from streams.worker.log_offsets import LogOffsets


class Stopped(Exception):
    """Somebody asked for the end."""


async def verify(settings: Settings, floor: Floor, from_ms: int, to_ms: int, tell: Tell, stop: asyncio.Event) -> Report:
    """Compare the panes that [from, to) touches, epoch ms, and the live state, until `stop` is set.

    Raises CannotVerify, ShadowTaken, StoreUnavailable, KafkaAway, KafkaError; Stopped, when the shadow is gone.
    """
    report = Report(from_ms // QUARTER_MS * QUARTER_MS, -(-to_ms // QUARTER_MS) * QUARTER_MS)
    async with _connected(settings) as (live, offsets):
        await _has_room(live)
        async with only_shadow(live, settings.group, settings.lease_ms):
            await _until(stop, _verify(settings, floor, live, offsets, report, tell))
    return report


async def _verify(
    settings: Settings, floor: Floor, live: Redis, offsets: LogOffsets, report: Report, tell: Tell
) -> None:
    planned = await _plan(settings, RedisReader(live, settings.group), offsets, report)
    if not planned:
        return
    store = ShadowWriter(live, live, settings.group, lease_ms=settings.lease_ms, horizon_hours=settings.horizon_hours)
    replay = Replay(settings, floor, store, offsets)
    async with replay.from_offsets({one: start.offset for one, (start, _) in planned.items()}):
        await replay.reach({one: row.next for one, (_, row) in planned.items()}, lambda n: tell("records", n))
        await Comparison(live, settings.group, floor, replay, report, tell).run(planned)


async def _until(stop: asyncio.Event, work: Coroutine[object, object, None]) -> None:
    """Do some work. Raises Stopped when told to end before: then it has ended."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    await end([working], again_s=2 * STOP_S)
    raise Stopped


@contextlib.asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[tuple[Redis, LogOffsets]]:
    live = connect(settings.redis, **settings.redis_arguments)
    offsets = LogOffsets(settings.kafka, **settings.kafka_security)
    await offsets.start()
    try:
        yield live, offsets
    finally:
        await stopped(offsets)
        await live.aclose()


async def _has_room(live: Redis) -> None:
    """Refuse to fill a server up: the live workers would have to wait. Raises CannotVerify."""
    memory = await live.info("memory")
    limit, used = int(memory.get("maxmemory", 0)), int(memory["used_memory"])
    if limit and 2 * used > limit:
        raise CannotVerify(
            f"Redis uses {used >> 20} of {limit >> 20} MiB: a replay may need as much again, and live workers must not wait"
        )


async def _plan(settings: Settings, reader: RedisReader, offsets: LogOffsets, report: Report) -> Planned:
    """Return where each partition's replay begins and its ledger; report what cannot be verified."""
    partitions = await source_partitions(settings)
    if not partitions:
        raise CannotVerify(f"Kafka at {settings.kafka} has none of the topics")
    planned = {}
    for partition, row in zip(partitions, await reader.ledgers(partitions), strict=True):
        _, end = await offsets.bounds(partition)
        if row is None:
            if end:
                _cannot(report, partition, "no worker has counted it yet", None)
        elif row.next > end:
            _cannot(report, partition, f"Kafka ends at {end}, before the ledger's {row.next}: it lost records", None)
        else:
            hours = settings.horizon_hours(partition.topic)
            start = await start_of(offsets, partition, row, report.from_ms, hours)
            if start.lost:
                sound = start.sound_ms if start.sound_ms < NEVER else None
                _cannot(report, partition, "Kafka no longer has all of the records before", sound)
            planned[partition] = Start(min(start.offset, row.next), start.sound_ms, start.lost), row
    report.records = sum(row.next - start.offset for start, row in planned.values())
    return planned


def _cannot(report: Report, partition: Partition, reason: str, sound_ms: int | None) -> None:
    report.unverifiable.append(Unverifiable(*partition, reason, sound_ms))
