"""What following the store has found so far: nothing of it is shown before all of it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.kpis.time_in_state import TOPIC as STATES
from streams.store.packing import unpack_pane
from streams.store.protocol import LedgerRow, Partition, Standing, StoredPane, Told
from streams.view.blocks import Block
from streams.view.days import Days, Pane
from streams.view.reading import Place, quarter_in
from streams.view.spans import Spans
from streams.view.weave import Weaver

CALLS = "calls"


class Found:
    """What leads from the ledgers that were known to newer ones."""

    def __init__(
        self,
        target: Spans,
        days: Days,
        known: Mapping[Partition, LedgerRow],
        running: Iterable[tuple[Partition, int]],
    ) -> None:
        self.target, self._days = target, days
        self.ledgers = dict(known)
        self.running: set[tuple[Partition, int]] = set()
        """Quarters that have changed and whose minutes stand for them."""
        self._unheld: dict[Partition, list[int]] = {}
        for partition, quarter in running:
            if quarter * MINUTES_A_QUARTER >= target.oldest_minute:
                self.running.add((partition, quarter))
            else:
                self._unheld.setdefault(partition, []).append(quarter)
        self.blocks: dict[Place, Block] = {}
        """Panes that were read whole."""
        self.additions: list[tuple[Partition, Pane, Block]] = []
        """What batches add to panes."""
        self.states: dict[Partition, Mapping[str, bytes]] = {}
        """Open calls, or reps, that were read whole."""
        self.changes: list[tuple[Partition, Mapping[str, bytes | None]]] = []
        """Calls, or reps, that batches change; None: they leave."""

    @property
    def places(self) -> list[Place]:
        """The places that change."""
        return [*self.blocks, *((partition, pane) for partition, pane, _ in self.additions)]

    @property
    def moves_reps(self) -> bool:
        """Whether any rep's state may have changed."""
        return any(partition.topic == STATES for partition in (*self.states, *(changed for changed, _ in self.changes)))

    def sequence(self, partition: Partition) -> int:
        """Return up to which batch a partition is known by now."""
        known = self.ledgers.get(partition)
        return known.sequence if known else 0

    def hear(self, partition: Partition, row: LedgerRow, batches: Sequence[Told], weaver: Weaver) -> None:
        """Add the batches that lead to a ledger."""
        panes: dict[Pane, list[tuple[int, StoredPane]]] = {}
        for batch in batches:
            for pane, stored in self._heard(batch):
                panes.setdefault(self._held_as(pane), []).append((quarter_in(pane), stored))
            if changes := batch.calls or batch.reps:
                self.changes.append((partition, changes))
        self.additions += [(partition, pane, weaver.block(partition.topic, stored)) for pane, stored in panes.items()]
        self.ledgers[partition] = row

    def settle(self, partition: Partition, standing: Standing, panes: Iterable[tuple[Pane, Block]]) -> None:
        """Take a partition as it stands, with all panes that have changed since it was read."""
        self.blocks.update(((partition, pane), block) for pane, block in panes)
        if standing.row is not None:
            self.ledgers[partition] = standing.row
        if partition.topic in (CALLS, STATES):
            self.states[partition] = standing.calls if partition.topic == CALLS else standing.reps

    def wanted(self, partition: Partition, changed: Iterable[str]) -> list[Pane]:
        """Return the panes to read of a partition in which these keys have changed."""
        panes = (_pane(key[0], int(key[2:])) for key in changed)
        unheld = [Pane("q", quarter) for quarter in self._unheld.pop(partition, ())]
        stand = [pane for pane in (*panes, *unheld) if self._stands(partition, pane)]
        return list(dict.fromkeys(map(self._held_as, stand)))

    def lacks(self, partition: Partition) -> bool:
        """Say whether a quarter of a partition has ended of which not all minutes are held."""
        return partition in self._unheld

    def ended(self) -> list[tuple[Partition, int]]:
        """Take out the quarters that have ended: their minutes are known, and they stand for themselves from now on."""
        ended = [(partition, quarter) for partition, quarter in self.running if self._has_ended(quarter)]
        self.running.difference_update(ended)
        return sorted(ended)

    def _heard(self, batch: Told) -> Iterator[tuple[Pane, StoredPane]]:
        for letter, group in (("m", batch.minutes), ("q", batch.quarters)):
            for number in group:
                pane = _pane(letter, number)
                if self._stands(batch.partition, pane):
                    yield pane, unpack_pane(group[number])

    def _stands(self, partition: Partition, pane: Pane) -> bool:
        """Say whether a pane stands for itself; note a quarter for which its minutes do until it has ended."""
        if pane.kind == "m":
            return pane.number >= self.target.oldest_minute
        if self._has_ended(pane.number) and (partition, pane.number) not in self.running:
            return pane.number >= self.target.oldest_quarter
        self.running.add((partition, pane.number))
        return False

    def _has_ended(self, quarter: int) -> bool:
        return (quarter + 1) * MINUTES_A_QUARTER <= self.target.to_minute

    def _held_as(self, pane: Pane) -> Pane:
        if pane.kind == "m":
            return pane
        day = self._days.of_quarter(pane.number)
        return Pane("d", day) if day < self.target.merged_before else pane


def _pane(letter: str, number: int) -> Pane:
    return Pane("m" if letter == "m" else "q", number)
