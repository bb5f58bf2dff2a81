"""Compares the live panes and states with those of a replay that is brought to exactly the same offsets."""

from collections.abc import Iterable, Mapping

from redis.asyncio import Redis

from streams.floor import Floor
from streams.kpis.panes import pane_span
from streams.progress import Tell
from streams.store.keeping import expiry_s
from streams.store.protocol import LedgerRow, Partition
from streams.store.redis_reader import RedisReader
from streams.verify.compare import Difference, call_differences, pane_differences, rep_differences
from streams.verify.plan import Planned
from streams.verify.replay import Replay
from streams.verify.report import CannotVerify, Report
from streams.verify.shadow import shadow_group

NEVER_CHANGED = 1 << 53
"""A sequence that no ledger reaches."""
PANES_AT_ONCE = 10
"""So few that a transaction does not hold up the live workers."""


class Comparison:
    """Looks at a few panes at a time. Raises CannotVerify, StoreUnavailable."""

    def __init__(self, live: Redis, group: str, floor: Floor, replay: Replay, report: Report, tell: Tell) -> None:
        self._live, self._shadow = RedisReader(live, group), RedisReader(live, shadow_group(group))
        self._catalogue = floor.catalogue()
        self._replay, self._report, self._tell = replay, report, tell

    async def run(self, planned: Planned) -> None:
        """Compare all panes of the report's range, then the states."""
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
        return sorted(pane for pane in {*live, *shadow} if since <= pane_span(pane)[0] < until)

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
