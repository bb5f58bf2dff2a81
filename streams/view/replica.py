"""A copy of the store's figures that follows it: what changed is read, then all of it takes effect at once."""

from collections.abc import Iterable, Mapping, Sequence

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.kpis.shifts import Shifts
from streams.store.protocol import LedgerRow, Partition, Reader
from streams.view.blocks import Block
from streams.view.columns import Columns
from streams.view.days import Days, Pane
from streams.view.live import Live
from streams.view.names import Names
from streams.view.reading import Place, Reading
from streams.view.spans import Spans, spans
from streams.view.weave import Weaver

CLOCK_BACK_MS = 60_000
"""A store whose clock goes back by more is another store; by less, it is its standby, and time stands still until then."""


class Replica:
    """Follows partitions from their first pane on. While `follow` reads, the figures stay as they were."""

    def __init__(self, reader: Reader, columns: Columns, days: Days, now_ms: int, shifts: Shifts) -> None:
        self._reader, self._days, self._shifts = reader, days, shifts
        names = Names()
        self.reading = Reading(reader, days, Weaver(columns, names))
        self.live = Live(columns, names, days, spans(now_ms, now_ms, days, shifts))
        self.ledgers: dict[Partition, LedgerRow] = {}
        """Each partition's ledger as of the last `follow`."""
        self._waiting: set[tuple[Partition, int]] = set()
        """Quarters that have changed and are still running: until they end, their minutes stand for them."""

    def lost(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int, *, interrupted: bool) -> bool:
        """Say whether the store has lost what this copy was made of, so that it must be made anew.

        A new epoch alone is a new owner; after an interruption it may also be a store that was emptied and filled
        again while nobody looked. Windows never move back: where the clock does, all must be read again.
        """
        if now_ms <= self.live.spans.now_ms - CLOCK_BACK_MS:
            return True
        return any(_went_back(known, ledgers.get(partition), interrupted) for partition, known in self.ledgers.items())

    async def follow(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int) -> list[Place]:
        """Catch up with ledgers that were read just before; return the places that changed. Raises StoreUnavailable."""
        now_ms = max(now_ms, self.live.spans.now_ms)
        target = spans(now_ms, now_ms, self._days, self._shifts)
        moved = [(p, row, self._since(p)) for p, row in ledgers.items() if row and row.sequence > self._since(p)]
        changed = await self._reader.changed([(partition, since) for partition, _, since in moved])
        waiting = set(self._waiting)
        wanted = self._wanted(zip((partition for partition, *_ in moved), changed, strict=True), target, waiting)
        blocks = [found async for found in self.reading.blocks(wanted)]
        self._apply(blocks, target)
        self._waiting = waiting
        self.ledgers |= {partition: row for partition, row in ledgers.items() if row}
        return [(partition, pane) for partition, pane, _ in blocks]

    def _since(self, partition: Partition) -> int:
        known = self.ledgers.get(partition)
        return known.sequence if known else 0

    def _wanted(
        self, changed: Iterable[tuple[Partition, Sequence[str]]], target: Spans, waiting: set[tuple[Partition, int]]
    ) -> list[Place]:
        """Return what to read now, and note in `waiting` which running quarters to read when they have ended."""
        wanted: dict[Place, None] = {}
        for partition, panes in changed:
            for key in panes:
                kind, number = key[0], int(key[2:])
                if kind == "q":
                    waiting.add((partition, number))
                elif number >= target.oldest_minute:
                    wanted[partition, Pane("m", number)] = None
        for partition, quarter in sorted(waiting):
            if (quarter + 1) * MINUTES_A_QUARTER <= target.to_minute:
                waiting.discard((partition, quarter))
                if quarter >= target.oldest_quarter:
                    wanted[partition, self._held_as(quarter, target)] = None
        return list(wanted)

    def _held_as(self, quarter: int, target: Spans) -> Pane:
        day = self._days.of_quarter(quarter)
        return Pane("d", day) if day < target.merged_before else Pane("q", quarter)

    def _apply(self, blocks: Iterable[tuple[Partition, Pane, Block]], target: Spans) -> None:
        self.live.move(target)
        self.live.fit()
        for partition, pane, block in blocks:
            self.live.take(partition, pane, block)


def _went_back(known: LedgerRow, row: LedgerRow | None, interrupted: bool) -> bool:
    if row is None or row.sequence < known.sequence or row.epoch < known.epoch or row.next < known.next:
        return True
    return interrupted and row.epoch != known.epoch
