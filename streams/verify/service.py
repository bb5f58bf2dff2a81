"""A verification from start to end: replays to where the live ledgers stand, and compares pane by pane.

The live workers go on meanwhile. So a few panes are read together with their ledger in one transaction, the replay
goes on to exactly that ledger's offset, and only then the two are compared.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field

from redis.asyncio import Redis

from streams.floor import Floor
from streams.kpis.panes import MINUTE_MS, QUARTER_MS
from streams.settings import Settings
from streams.store.keeping import expiry_s
from streams.store.protocol import LedgerRow, Partition
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader
from streams.topics import source_partitions
from streams.verify.compare import Difference, call_differences, pane_differences, rep_differences
from streams.verify.plan import NEVER, Start, start_of
from streams.verify.replay import STOP_S, Replay, stopped
from streams.verify.shadow import ShadowWriter, only_shadow, shadow_group
from streams.worker.log_offsets import LogOffsets

NEVER_CHANGED = 1 << 53
"""A sequence that no ledger reaches."""
PANES_AT_ONCE = 10
"""So few that a transaction does not hold up the live workers."""


class CannotVerify(Exception):
    """Nothing can be said; the message says why."""


class Stopped(Exception):
    """Somebody asked for the end."""


@dataclass(frozen=True, slots=True)
class Unverifiable:
    """Panes that cannot be counted again: no differences, and no praise either."""

    topic: str
    partition: int
    reason: str
    sound_ms: int | None
    """Event time (epoch ms) from which on panes are compared; None where none is."""


@dataclass(slots=True)
class Report:
    """What came out."""

    from_ms: int
    to_ms: int
    records: int = 0
    """Offsets that were read again."""
    panes: int = 0
    """Panes that were compared, the live state of a partition being one."""
    differences: list[Difference] = field(default_factory=list)
    unverifiable: list[Unverifiable] = field(default_factory=list)


Tell = Callable[[str, int], None]
"""Takes what is being done, and how much of it is left."""


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
        await _Comparison(live, settings.group, floor, replay, report, tell).run(planned)


async def _until(stop: asyncio.Event, work: Coroutine[object, object, None]) -> None:
    """Do some work. Raises Stopped when told to end before: then it has ended, though a driver may swallow a
    cancellation.
    """
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    while not working.done():
        working.cancel()
        await asyncio.wait([working], timeout=2 * STOP_S)
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


Planned = Mapping[Partition, tuple[Start, LedgerRow]]


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
            start = await start_of(offsets, partition, min(report.from_ms, row.arrival or report.from_ms), hours)
            if start.lost:
                sound = start.sound_ms if start.sound_ms < NEVER else None
                _cannot(report, partition, "Kafka no longer has all of the records before", sound)
            planned[partition] = Start(min(start.offset, row.next), start.sound_ms, start.lost), row
    report.records = sum(row.next - start.offset for start, row in planned.values())
    return planned


def _cannot(report: Report, partition: Partition, reason: str, sound_ms: int | None) -> None:
    report.unverifiable.append(Unverifiable(*partition, reason, sound_ms))


class _Comparison:
    def __init__(self, live: Redis, group: str, floor: Floor, replay: Replay, report: Report, tell: Tell) -> None:
        self._live, self._shadow = RedisReader(live, group), RedisReader(live, shadow_group(group))
        self._catalogue = floor.catalogue()
        self._replay, self._report, self._tell = replay, report, tell

    async def run(self, planned: Planned) -> None:
        names = {one: await self._names(one, start.sound_ms) for one, (start, _) in planned.items()}
        for low in range(0, max(map(len, names.values())), PANES_AT_ONCE):
            self._tell("panes", sum(len(found[low:]) for found in names.values()))
            await self._panes({one: part for one, found in names.items() if (part := found[low : low + PANES_AT_ONCE])})
        self._tell("panes", 0)
        await self._states([one for one, (start, row) in planned.items() if not start.lost and row.arrival])

    async def _names(self, partition: Partition, sound_ms: int) -> list[str]:
        """Return the panes of the range that either side has and that can be compared."""
        live, shadow = [(await reader.changed([(partition, 0)]))[0] for reader in (self._live, self._shadow)]
        since, until = max(sound_ms, self._report.from_ms), self._report.to_ms
        return sorted(pane for pane in {*live, *shadow} if since <= _begin_ms(pane) < until)

    async def _panes(self, wanted: Mapping[Partition, list[str]]) -> None:
        live = {one: await self._live.standing(one, NEVER_CHANGED, names) for one, names in wanted.items()}
        await self._reach({one: standing.row for one, standing in live.items()})
        for partition, names in wanted.items():
            shadow = await self._shadow.panes([(partition, name) for name in names])
            now_s = await self._live.now_ms() // 1000
            layout = self._catalogue.layout(partition.topic)
            for name, ours, theirs in zip(names, live[partition].panes, shadow, strict=True):
                if expiry_s(name) > now_s:  # else it may have left one side before the other
                    self._found(pane_differences(partition, name, ours, theirs, layout))

    async def _states(self, partitions: Iterable[Partition]) -> None:
        live = {one: await self._live.standing(one, NEVER_CHANGED, ()) for one in partitions}
        await self._reach({one: standing.row for one, standing in live.items()})
        for partition, ours in live.items():
            theirs = await self._shadow.standing(partition, NEVER_CHANGED, ())
            arrival = ours.row.arrival if ours.row else 0
            self._found(call_differences(partition, ours.calls, theirs.calls, arrival))
            self._found(rep_differences(partition, ours.reps, theirs.reps, arrival))

    async def _reach(self, live: Mapping[Partition, LedgerRow | None]) -> None:
        """Replay to exactly where the live ledgers stood. Raises CannotVerify where one has gone back."""
        for partition, row in live.items():
            if row is None or row.next < self._replay.applied(partition):
                raise CannotVerify(
                    f"the live ledger of {partition.topic}-{partition.number} went back meanwhile: start again"
                )
        await self._replay.reach({one: row.next for one, row in live.items() if row})

    def _found(self, differences: Iterable[Difference]) -> None:
        self._report.panes += 1
        self._report.differences.extend(differences)


def _begin_ms(pane: str) -> int:
    return int(pane[2:]) * (MINUTE_MS if pane[0] == "m" else QUARTER_MS)
