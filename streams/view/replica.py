"""A copy of the store's figures that follows it: what changed is learnt, then all of it takes effect at once.

Most changes are told by the store, batch by batch. A partition of which a batch is missing is behind: what changed in
it is read whole. However it was learnt, a partition is afterwards known exactly up to one batch, so that the next one
can be added to it.
"""

from collections.abc import Iterable, Iterator, Mapping

from streams.kpis.shifts import Shifts
from streams.kpis.time_in_state import TOPIC as STATES
from streams.kpis.time_in_state import Change
from streams.store.protocol import LedgerRow, Partition, Reader, StoreUnavailable
from streams.view.columns import Columns
from streams.view.days import Days, Pane
from streams.view.found import CALLS, Found
from streams.view.inbox import Inbox
from streams.view.live import Live
from streams.view.names import Names
from streams.view.open_calls import OpenCalls
from streams.view.open_states import OpenStates
from streams.view.present import Unpacked, rep_of
from streams.view.reading import Place, Reading
from streams.view.spans import spans
from streams.view.weave import Weaver

CLOCK_BACK_MS = 60_000
"""A store whose clock goes back by more is another store; by less, it is its standby, and time stands still until then."""


ROUNDS = 50
"""What changed in one round is what may change in the next: more than a few are never needed."""


class Replica:
    """Follows partitions from their first pane on. While it looks what is new, the figures stay as they were."""

    def __init__(self, reader: Reader, columns: Columns, days: Days, now_ms: int, shifts: Shifts) -> None:
        self._reader, self._days, self._shifts = reader, days, shifts
        names = Names()
        self._weaver = Weaver(columns, names)
        self._inbox = Inbox(reader)
        self.reading = Reading(reader, days, self._weaver)
        self.live = Live(columns, names, days, spans(now_ms, now_ms, days, shifts))
        self.calls = OpenCalls()
        self._reps: dict[Partition, Unpacked] = {}
        """Each partition's reps with their changes, as of the same instant as its panes."""
        self.ledgers: dict[Partition, LedgerRow] = {}
        """Each partition's ledger as of what was found last."""
        self._running: set[tuple[Partition, int]] = set()
        """Quarters that have changed and are still running: until they end, their minutes stand for them."""

    def lost(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int, *, interrupted: bool) -> bool:
        """Say whether the store has lost what this copy was made of, so that it must be made anew.

        A new epoch alone is a new owner; after an interruption it may also be a store that was emptied and filled
        again while nobody looked. Windows never move back: where the clock does, all must be read again.
        """
        if now_ms <= self.live.spans.now_ms - CLOCK_BACK_MS:
            return True
        return any(_went_back(known, ledgers.get(partition), interrupted) for partition, known in self.ledgers.items())

    async def look(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int) -> Found:
        """Find what is new, at least up to ledgers that were read just before. Raises StoreUnavailable.

        A rep's time is in the panes up to the last change, and open from then on: a batch that came between the
        reading of the two would count it twice or not at all.
        """
        now_ms = max(now_ms, self.live.spans.now_ms)
        rows = {partition: row for partition, row in ledgers.items() if row}
        found = Found(spans(now_ms, now_ms, self._days, self._shifts), self._days, self.ledgers, self._running)
        behind = await self._hear(rows, found)
        await self._read(behind, found)
        for partition in behind:
            await self._settle(partition, found)
        return found

    def apply(self, found: Found) -> list[Place]:
        """Let everything that was found take effect, in one step; return the places that changed."""
        live = self.live
        for partition, packed in found.states.items():
            if partition.topic == CALLS:
                self.calls.take(partition, packed)
            else:
                self._reps.setdefault(partition, Unpacked(rep_of)).take(packed)
        for partition, changes in found.changes:
            if partition.topic == CALLS:
                self.calls.change(partition, changes)
            else:
                self._reps[partition].change(changes)
        live.move(found.target)
        if found.moves_reps:
            reps = (rep for unpacked in self._reps.values() for rep in unpacked.items())
            live.open = OpenStates.of(reps, live.columns, live.names)
        live.fit()
        for (partition, pane), block in found.blocks.items():
            live.take(partition, pane, block)
        live.add(found.additions)
        for partition, quarter in found.ended():
            live.close(partition, quarter)
        self._running, self.ledgers = found.running, found.ledgers
        return found.places

    def changes(self) -> Iterator[list[Change]]:
        """Yield each rep's changes."""
        for reps in self._reps.values():
            yield from (rep.changes for rep in reps.values())

    async def overtaken(self, panes: Iterable[Pane]) -> bool:
        """Say whether the store has changed one of these panes of `reps` since it was last looked at."""
        known = [(partition, row.sequence) for partition, row in self.ledgers.items() if partition.topic == STATES]
        keys = {pane.key for pane in panes}
        return any(not keys.isdisjoint(changed) for changed in await self._reader.changed(known))

    async def _hear(self, rows: Mapping[Partition, LedgerRow], found: Found) -> dict[Partition, LedgerRow]:
        """Learn the batches that lead to these ledgers as they were told; return the partitions that are behind."""
        known = {p: row for p, row in self.ledgers.items() if p in rows and not found.lacks(p)}
        told = await self._inbox.between(known, rows)
        for partition, batches in told.items():
            found.hear(partition, rows[partition], batches, self._weaver)
        return {partition: row for partition, row in rows.items() if partition not in told}

    async def _read(self, rows: Mapping[Partition, LedgerRow], found: Found) -> None:
        """Read what is new in these ledgers, many panes at a time: some of them may be newer than their ledger."""
        changed = await self._reader.changed([(partition, found.sequence(partition)) for partition in rows])
        wanted = [
            (partition, pane)
            for partition, keys in zip(rows, changed, strict=True)
            for pane in found.wanted(partition, keys)
        ]
        async for partition, pane, block in self.reading.blocks(wanted):
            found.blocks[partition, pane] = block
        found.ledgers.update(rows)

    async def _settle(self, partition: Partition, found: Found) -> None:
        """Read a partition's states, and again what has changed in it meanwhile, all as of one instant.

        A partition that has gone back stays as it was found: the next look at it tells.
        """
        since = found.sequence(partition)
        panes: list[Pane] = []
        for _ in range(ROUNDS):
            standing, blocks = await self.reading.standing(partition, since, panes)
            if standing.row is None or standing.row.sequence < since:
                return
            changed = found.wanted(partition, standing.changed)
            if set(changed) <= set(panes):
                found.settle(partition, standing, zip(panes, blocks, strict=True))
                return
            panes = changed
        raise StoreUnavailable(f"{partition.topic}-{partition.number} changes faster than it can be read")


def _went_back(known: LedgerRow, row: LedgerRow | None, interrupted: bool) -> bool:
    if row is None or row.sequence < known.sequence or row.epoch < known.epoch or row.next < known.next:
        return True
    return interrupted and row.epoch != known.epoch
