"""The windows that ended at an earlier instant: the same sums, made in one go of what is held and what is still stored."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.kpis.shifts import Shifts
from streams.store.protocol import Partition, StoreUnavailable
from streams.view.blocks import Block
from streams.view.days import Days, Pane
from streams.view.instant import Instant
from streams.view.kept import Blocks, Kept
from streams.view.reading import Place
from streams.view.replica import Replica
from streams.view.spans import Spans, spans

REMEMBERED = 8
TRIES = 5
"""How often an answer is made anew that was overtaken while it was made."""
FOLLOWED_S = 1.0
"""So long is waited for the replica to see what the store already holds."""

Held = Mapping[Pane, Blocks]
Key = tuple[int, bool, int, frozenset[tuple[str, int]]]
"""The end of the windows, whether they are whole quarters, the first quarter of the 35 days, and where windows begin."""


class Past:
    """Answers for earlier instants, a few of which are remembered until something in them changes."""

    def __init__(self, replica: Replica, partitions: Iterable[Partition], days: Days, shifts: Shifts) -> None:
        self._replica, self._days, self._shifts = replica, days, shifts
        self._partitions = list(partitions)
        self._kept = Kept(days)
        self._made: OrderedDict[Key, asyncio.Task[Instant]] = OrderedDict()
        self._names = len(replica.live.names)
        self._followed = asyncio.Event()

    def follow(self, changed: Iterable[Place], partitions: Iterable[Partition]) -> None:
        """Drop the answers that a change reaches, also those that are still being made; all of them for a new name. All that
        a new partition holds is a change.
        """
        first = min((self._days.minutes(pane).start for _, pane in changed), default=None)
        if first is not None:
            self._kept.forget(first)
        self._partitions = list(partitions)
        self._followed.set()
        self._followed.clear()
        names = len(self._replica.live.names)
        if names != self._names:
            self._names = names
            self._made.clear()
        elif first is not None:
            for key in [key for key in self._made if key[0] > first]:
                del self._made[key]

    def spans(self, t_ms: int, now_ms: int) -> Spans:
        """Return the windows that end with the pane of t."""
        return spans(t_ms, now_ms, self._days, self._shifts)

    async def at(self, wanted: Spans) -> Instant:
        """Return the sums of windows that end in the past. Raises StoreUnavailable.

        What is still remembered no change of state has reached: to it the states that last now are those that lasted.
        """
        begins = frozenset(wanted.from_minutes.items())
        key = (wanted.to_minute, wanted.whole_quarters, wanted.oldest_quarter, begins)
        for _ in range(TRIES):
            task = self._making(key, wanted)
            try:
                made = await asyncio.shield(task)
            except StoreUnavailable:
                self._made.pop(key, None)
                raise
            if self._made.get(key) is task:
                made.open = self._replica.live.open
                break
        return made

    def _making(self, key: Key, wanted: Spans) -> asyncio.Task[Instant]:
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = asyncio.create_task(self._make(wanted))
            while len(self._made) > REMEMBERED:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return task

    async def _make(self, wanted: Spans) -> Instant:
        live = self._replica.live
        for _ in range(TRIES):
            still = live.open
            panes = self._panes(wanted)
            missing = [pane for pane in panes if self._must_read(pane)]
            known = self._kept.of(missing)
            held: dict[Pane, Blocks] = {pane: list(live.archive.blocks(pane)) for pane in panes}
            held |= known
            read: dict[Pane, list[tuple[Partition, Block]]] = {pane: [] for pane in missing if pane not in known}
            with self._kept.keeping(read):
                async for partition, pane, block in self._replica.reading.blocks(self._places(read)):
                    read[pane].append((partition, block))
                overtaken = bool(missing) and await self._replica.overtaken(missing)
            held |= read
            if not overtaken:
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FOLLOWED_S):
                    await self._followed.wait()
        made = Instant(live.columns, live.names, wanted)
        made.open = still
        return await asyncio.to_thread(_filled, made, held, self._days)

    def _places(self, panes: Iterable[Pane]) -> list[Place]:
        return [(partition, pane) for pane in panes for partition in self._partitions]

    def _panes(self, wanted: Spans) -> list[Pane]:
        """Return every pane that the instant is made of: its windows', and those that tell who was active before."""
        panes = {pane for parts in wanted.parts.values() for pane in parts}
        panes |= {pane for pane in self._replica.live.archive.panes() if self._before(pane, wanted)}
        today = self._days.of_quarter(wanted.to_minute // MINUTES_A_QUARTER)
        ended = range(self._days.quarters(today).start, wanted.to_minute // MINUTES_A_QUARTER)
        return sorted(panes | {Pane("q", quarter) for quarter in ended})

    def _before(self, pane: Pane, wanted: Spans) -> bool:
        return pane.kind != "m" and self._days.minutes(pane).stop <= wanted.to_minute

    def _must_read(self, pane: Pane) -> bool:
        """Say whether a pane is not held (what is held is complete: it holds nothing for a silent partition)."""
        spans_now = self._replica.live.spans
        if pane.kind == "m":
            return pane.number < spans_now.oldest_minute
        if pane.kind == "d":
            return False
        if (pane.number + 1) * MINUTES_A_QUARTER > spans_now.to_minute:
            return True
        return self._days.of_quarter(pane.number) < spans_now.merged_before


def _filled(made: Instant, held: Held, days: Days) -> Instant:
    first = min(made.spans.from_minutes.values(), default=made.spans.to_minute)
    for pane, blocks in held.items():
        minutes = days.minutes(pane)
        sums = [made.sums[course] for course, parts in made.spans.parts.items() if pane in parts]
        for partition, block in blocks:
            for one in sums:
                one.add(block)
            made.remember(block)
            if minutes.stop > first:
                made.feed(partition.topic, block, minutes.start)
    made.settle()
    return made
