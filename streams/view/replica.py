"""A copy of the store's figures that follows it: what changed is read, then all of it takes effect at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.kpis.shifts import Shifts
from streams.kpis.time_in_state import TOPIC, Change
from streams.store.protocol import LedgerRow, Partition, Reader
from streams.view.blocks import Block
from streams.view.columns import Columns
from streams.view.days import Days, Pane
from streams.view.live import Live
from streams.view.names import Names
from streams.view.open_states import OpenStates
from streams.view.present import Unpacked, rep_of
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
        self.reps: dict[Partition, Unpacked] = {}
        """Each partition's reps with their changes, as of the same instant as its panes."""
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
        """Catch up with ledgers that were read just before; return the places that changed. Raises StoreUnavailable.

        A rep's time is in the panes up to the last change, and open from then on: a batch that comes between the
        reading of the two would count it twice or not at all. Partitions of `reps` are so read again until none does.
        """
        now_ms = max(now_ms, self.live.spans.now_ms)
        target = spans(now_ms, now_ms, self._days, self._shifts)
        found = _Found(dict(self.ledgers), set(self._waiting))
        await self._read({partition: row for partition, row in ledgers.items() if row}, target, found)
        while overtaken := await self._overtaken(found):
            await self._read(overtaken, target, found)
        self._apply(found, target)
        return list(found.blocks)

    def changes(self) -> Iterator[list[Change]]:
        """Yield each rep's changes."""
        for reps in self.reps.values():
            yield from (rep.changes for rep in reps.values())

    async def overtaken(self, panes: Iterable[Pane]) -> bool:
        """Say whether the store has changed one of these panes of `reps` since the last `follow`."""
        known = [(partition, row.sequence) for partition, row in self.ledgers.items() if partition.topic == TOPIC]
        keys = {pane.key for pane in panes}
        return any(not keys.isdisjoint(changed) for changed in await self._reader.changed(known))

    async def _read(self, rows: Mapping[Partition, LedgerRow], target: Spans, found: "_Found") -> None:
        """Read what is new in these ledgers."""
        moved = [(p, found.sequence(p)) for p, row in rows.items() if row.sequence > found.sequence(p)]
        changed = await self._reader.changed(moved)
        named = zip((partition for partition, _ in moved), changed, strict=True)
        async for partition, pane, block in self.reading.blocks(self._wanted(named, target, found.waiting)):
            found.blocks[partition, pane] = block
        for partition in [p for p, row in rows.items() if p.topic == TOPIC and found.moved(p, row)]:
            found.reps[partition] = await self._reader.reps(partition)
        found.ledgers.update(rows)

    async def _overtaken(self, found: "_Found") -> dict[Partition, LedgerRow]:
        """Return the ledgers of the partitions of `reps` that moved on while they were read.

        One that went back stays as it was found: the next look at it tells.
        """
        read = list({partition for partition, _ in found.blocks if partition.topic == TOPIC} | set(found.reps))
        rows = zip(read, await self._reader.ledgers(read) if read else (), strict=True)
        return {partition: row for partition, row in rows if row and row.sequence > found.sequence(partition)}

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

    def _apply(self, found: "_Found", target: Spans) -> None:
        """Let everything that was found take effect, in one step."""
        live = self.live
        for partition, packed in found.reps.items():
            self.reps.setdefault(partition, Unpacked(rep_of)).take(packed)
        live.move(target)
        if found.reps:
            reps = (rep for unpacked in self.reps.values() for rep in unpacked.items())
            live.open = OpenStates.of(reps, live.columns, live.names)
        live.fit()
        for (partition, pane), block in found.blocks.items():
            live.take(partition, pane, block)
        self._waiting, self.ledgers = found.waiting, found.ledgers


@dataclass(slots=True)
class _Found:
    """What a `follow` has found so far."""

    ledgers: dict[Partition, LedgerRow]
    waiting: set[tuple[Partition, int]]
    blocks: dict[Place, Block] = field(default_factory=dict)
    reps: dict[Partition, Mapping[str, bytes]] = field(default_factory=dict)

    def sequence(self, partition: Partition) -> int:
        known = self.ledgers.get(partition)
        return known.sequence if known else 0

    def moved(self, partition: Partition, row: LedgerRow) -> bool:
        known = self.ledgers.get(partition)
        return known is None or (known.epoch, known.sequence) != (row.epoch, row.sequence)


def _went_back(known: LedgerRow, row: LedgerRow | None, interrupted: bool) -> bool:
    if row is None or row.sequence < known.sequence or row.epoch < known.epoch or row.next < known.next:
        return True
    return interrupted and row.epoch != known.epoch
