"""The windows that end now: kept up to date by what changed, moved on when a minute begins."""

from collections.abc import Iterable

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.store.protocol import Partition
from streams.view.archive import Archive
from streams.view.blocks import Block, merged
from streams.view.columns import Columns
from streams.view.days import Days, Pane
from streams.view.instant import Instant
from streams.view.names import Names
from streams.view.spans import Parts, Spans
from streams.view.sums import Sums


class Live(Instant):
    """Running sums. All numbers are integers, so that adding and taking out leaves no trace.

    A pane that lies beyond the windows' end is only held; it enters when the windows reach it.
    """

    def __init__(self, columns: Columns, names: Names, days: Days, spans: Spans) -> None:
        super().__init__(columns, names, spans)
        self.archive = Archive(days)
        self._days = days

    def take(self, partition: Partition, pane: Pane, block: Block) -> None:
        """Replace what is known of a partition's pane."""
        older = self.archive.put(partition, pane, block)
        if self._reached(pane):
            self._count(pane, block.minus(older))
            self._note(partition.topic, pane, block, block.ids_beyond(older))

    def add(self, additions: Iterable[tuple[Partition, Pane, Block]]) -> None:
        """Add to what is known of partitions' panes."""
        together: dict[tuple[str, Pane], list[Block]] = {}
        for partition, pane, block in additions:
            self.archive.add(partition, pane, block)
            if self._reached(pane):
                together.setdefault((partition.topic, pane), []).append(block)
        for (topic, pane), blocks in together.items():
            block = merged(blocks)
            self._count(pane, block)
            self._note(topic, pane, block, block)

    def close(self, partition: Partition, quarter: int) -> None:
        """Let a quarter that has ended stand for its minutes, all of which are known."""
        pane = Pane("q", quarter)
        block = self.archive.quarter(partition, self._days.minutes(pane))
        self.archive.put(partition, pane, block)
        self._count(pane, block)

    def _reached(self, pane: Pane) -> bool:
        return self._days.minutes(pane).stop <= self.spans.to_minute

    def _count(self, pane: Pane, block: Block) -> None:
        for course, parts in self.spans.parts.items():
            if pane in parts:
                self.sums[course].add(block)

    def _note(self, topic: str, pane: Pane, block: Block, ids: Block) -> None:
        self.remember(block)
        self.feed(topic, ids, self._days.minutes(pane).start)

    def move(self, spans: Spans) -> None:
        """Let the windows end later, and shifts begin and end."""
        before, self.spans = self.spans, spans
        if spans.to_minute == before.to_minute:
            return
        self.fit()
        day_begins = spans.merged_before != before.merged_before
        if day_begins:
            self.archive.merge_before(spans.merged_before)
        for course in [course for course in before.parts if course not in spans.parts]:
            del self.sums[course]
        for course, parts in spans.parts.items():
            if day_begins or self._begins_anew(before.parts.get(course), parts):
                self.sums[course] = self._sum(parts)
            else:
                self._change(self.sums[course], before.parts[course], parts)
        self._enter(range(before.to_minute, spans.to_minute))
        self._forget(before)

    def _begins_anew(self, before: Parts | None, parts: Parts) -> bool:
        return before is None or before.days != parts.days or before.quarters.start > parts.quarters.start

    def _sum(self, parts: Iterable[Pane]) -> Sums:
        sums = Sums(self.columns, len(self.names))
        for pane in parts:
            for _, block in self.archive.blocks(pane):
                sums.add(block)
        return sums

    def _change(self, sums: Sums, before: Parts, parts: Parts) -> None:
        for pane in before:
            if pane not in parts:
                for _, block in self.archive.blocks(pane):
                    sums.subtract(block)
        for pane in parts:
            if pane not in before:
                for _, block in self.archive.blocks(pane):
                    sums.add(block)

    def _enter(self, minutes: range) -> None:
        """Take note of what was held for the minutes that the windows have now reached."""
        for minute in minutes:
            pane = Pane("m", minute)
            for partition, block in self.archive.blocks(pane):
                self._note(partition.topic, pane, block, block)

    def _forget(self, before: Spans) -> None:
        """Give up detail that no window asks for any more."""
        spans = self.spans
        for first in range(before.oldest_minute, spans.oldest_minute, MINUTES_A_QUARTER):
            self.last_seen.coarsen(range(first, first + MINUTES_A_QUARTER))
        if spans.merged_before != before.merged_before:
            for day in range(before.merged_before, spans.merged_before):
                self.last_seen.coarsen(self._days.minutes(Pane("d", day)))
            unmerged = self._days.minutes(Pane("d", spans.merged_before)).start  # where a longer shift may go on again
            self.last_seen.forget(min(unmerged, *spans.from_minutes.values()))
        self.archive.forget(spans.oldest_minute, self._days.of_quarter(spans.oldest_quarter))
