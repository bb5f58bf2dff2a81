"""The windows that ended at an earlier instant: the same sums, made in one go of what is held and what is still stored."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.kpis.shifts import Shifts
from streams.store.protocol import Partition, StoreUnavailable
from streams.view.blocks import Block
from streams.view.days import Days, Pane
from streams.view.instant import Instant
from streams.view.reading import Place
from streams.view.replica import Replica
from streams.view.spans import Spans, spans

REMEMBERED = 8

Held = Mapping[Pane, Mapping[Partition, Block]]


class Past:
    """Answers for earlier instants, a few of which are remembered until something in them changes."""

    def __init__(self, replica: Replica, partitions: Iterable[Partition], days: Days, shifts: Shifts) -> None:
        self._replica, self._days, self._shifts = replica, days, shifts
        self.partitions = list(partitions)
        self._made: OrderedDict[tuple[int, bool, int], asyncio.Task[Instant]] = OrderedDict()

    def forget(self, changed: Iterable[Place]) -> None:
        """Drop the answers that a change reaches, also those that are still being made."""
        first = min((self._days.minutes(pane).start for _, pane in changed), default=None)
        if first is not None:
            for key in [key for key in self._made if key[0] > first]:
                del self._made[key]

    def spans(self, t_ms: int, now_ms: int) -> Spans:
        """Return the windows that end with the pane of t."""
        return spans(t_ms, now_ms, self._days, self._shifts)

    async def at(self, wanted: Spans) -> Instant:
        """Return the sums of windows that end in the past. Raises StoreUnavailable."""
        key = (wanted.to_minute, wanted.whole_quarters, wanted.oldest_quarter)
        task = self._made.get(key)
        if task is None:
            task = self._made[key] = asyncio.create_task(self._make(wanted))
            while len(self._made) > REMEMBERED:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        try:
            return await asyncio.shield(task)
        except StoreUnavailable:
            self._made.pop(key, None)
            raise

    async def _make(self, wanted: Spans) -> Instant:
        live = self._replica.live
        panes = self._panes(wanted)
        missing = [pane for pane in panes if self._must_read(pane)]
        held = {pane: dict(live.archive.blocks(pane)) for pane in panes}
        held |= {pane: {} for pane in missing}
        places = [(partition, pane) for pane in missing for partition in self.partitions]
        async for partition, pane, block in self._replica.reading.blocks(places):
            held[pane][partition] = block
        made = Instant(live.columns, live.names, wanted)
        return await asyncio.to_thread(_filled, made, held, self._days)

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
    for pane, blocks in held.items():
        minute = days.minutes(pane).start
        for partition, block in blocks.items():
            for course, parts in made.spans.parts.items():
                if pane in parts:
                    made.sums[course].add(block)
            made.remember(block)
            made.feed(partition.topic, block, minute)
    made.settle()
    return made
