"""The store in memory, for unit tests: the same promises as on Redis, with a clock that stands until it is set."""

import copy
from collections import defaultdict
from collections.abc import Callable, Sequence

from streams.store.keeping import SILENT_DAYS
from streams.store.memory_unit import Unit, copy_of, expired
from streams.store.protocol import (
    HOUR_MS,
    Claim,
    Delta,
    Fenced,
    LedgerRow,
    Memory,
    Outcome,
    Partition,
    Standing,
    StoredPane,
    StoreUnavailable,
    Told,
)

Snapshot = tuple[dict[Partition, Unit], dict[str, dict[str, int]]]


class MemoryStore:
    """Keeps the promises of `Writer` and of `Reader`. Several workers may share one: a claim names its owner."""

    def __init__(
        self,
        *,
        clock_ms: int = 1_700_000_000_000,
        lease_ms: int = 10_000,
        horizon_hours: Callable[[str], int] = lambda _: 24,
    ) -> None:
        self.clock_ms = clock_ms
        """The store's clock, epoch ms."""
        self.away = False
        """While True every method raises StoreUnavailable."""
        self.policy: str | None = None
        """What `unsafe_policy` returns."""
        self._lease_ms = lease_ms
        self._horizon_hours = horizon_hours
        self._units: dict[Partition, Unit] = defaultdict(Unit)
        self._names: dict[str, dict[str, int]] = defaultdict(dict)
        self._told: dict[Partition, list[Told]] = {}
        """By partition that somebody has asked for."""

    def snapshot(self) -> Snapshot:
        """Return a copy of all content."""
        return copy.deepcopy((self._units, self._names))

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a copy, as a server does that lost its latest writes."""
        units, names = copy.deepcopy(snapshot)
        self.lose()
        self._units.update(units)
        self._names.update(names)

    def lose(self) -> None:
        """Forget everything."""
        self._units.clear()
        self._names.clear()

    async def claim(self, partition: Partition, owner: str, generation: int) -> Claim:
        self._ask()
        unit = self._units[partition]
        if unit.lease > self.clock_ms and unit.generation > generation:
            raise Fenced(f"a newer owner of {partition} is alive")
        unit.epoch, unit.owner, unit.generation, unit.end = unit.epoch + 1, owner, generation, None
        self._renew(unit)
        return Claim(unit.epoch, owner, generation, unit.next, unit.arrival)

    async def pin(
        self, partition: Partition, claim: Claim, next_offset: int, gap: int = 0, end: int | None = None
    ) -> None:
        self._ask()
        unit = self._units[partition]
        if not _holds(unit, claim):
            raise Fenced(f"the claim of {partition} is void")
        if unit.next != next_offset:
            unit.next, unit.prev, unit.gap = next_offset, None, unit.gap + gap
        unit.end = next_offset if end is None else end

    async def load(self, partition: Partition, hours: int) -> Memory:
        self._ask()
        unit = self._units[partition]
        oldest = unit.arrival // HOUR_MS - hours
        return Memory(
            seen={hour: ids for hour, ids in unit.seen.items() if hour >= oldest},
            ended={hour: ids for hour, ids in unit.ended.items() if hour >= oldest},
            calls=dict(unit.calls),
            reps=dict(unit.reps),
        )

    async def apply(self, work: Sequence[tuple[Partition, Claim, Delta]]) -> list[Outcome]:
        for _, _, delta in work:
            if delta.end <= delta.start:
                raise ValueError(f"a batch from {delta.start} to {delta.end} spans no offset")
        self._ask()
        return [self._apply(*one) for one in work]

    def _apply(self, partition: Partition, claim: Claim, delta: Delta) -> Outcome:
        unit = self._units[partition]
        if not _holds(unit, claim):
            return Outcome.FENCED
        if unit.next != delta.start:
            again = (unit.prev, unit.next) == (delta.start, delta.end)
            return Outcome.ALREADY if again else Outcome.FENCED
        unit.take(delta, self._horizon_hours(partition.topic), self.clock_ms)
        self._renew(unit)
        if partition in self._told:
            self._told[partition].append(Told.of(partition, unit.sequence, delta))
        return Outcome.APPLIED

    async def verify(self, held: Sequence[tuple[Partition, Claim, int]]) -> list[bool]:
        self._ask()
        return [self._verify(*one) for one in held]

    def _verify(self, partition: Partition, claim: Claim, next_offset: int) -> bool:
        unit = self._units[partition]
        if not _holds(unit, claim) or unit.next != next_offset:
            return False
        self._renew(unit)
        unit.prune(self.clock_ms)
        return True

    async def release(self, partition: Partition, claim: Claim) -> None:
        self._ask()
        unit = self._units[partition]
        if _holds(unit, claim):
            unit.lease = 0

    async def admit(self, scope: str, names: Sequence[str], day: int, limit: int) -> set[str]:
        self._ask()
        known, admitted, swept = self._names[scope], set(), False
        for name in names:
            if name not in known and len(known) >= limit and not swept:
                swept = True
                for silent in [other for other, last in known.items() if last < day - SILENT_DAYS]:
                    del known[silent]
            if name in known or len(known) < limit:
                known[name] = max(day, known.get(name, day))
                admitted.add(name)
        return admitted

    async def unsafe_policy(self) -> str | None:
        self._ask()
        return self.policy

    async def now_ms(self) -> int:
        self._ask()
        return self.clock_ms

    async def ledgers(self, partitions: Sequence[Partition]) -> list[LedgerRow | None]:
        self._ask()
        return [self._units[partition].row() for partition in partitions]

    async def changed(self, since: Sequence[tuple[Partition, int]]) -> list[list[str]]:
        self._ask()
        return [
            [
                pane
                for at, pane in sorted((at, pane) for pane, at in self._units[partition].changes.items())
                if at > last
            ]
            for partition, last in since
        ]

    async def panes(self, wanted: Sequence[tuple[Partition, str]]) -> list[StoredPane]:
        self._ask()
        return [self._pane(partition, pane) for partition, pane in wanted]

    def _pane(self, partition: Partition, name: str) -> StoredPane:
        pane = self._units[partition].panes.get(name)
        return StoredPane() if pane is None or expired(name, self.clock_ms) else copy_of(pane)

    async def standing(self, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        (row,), (changed,) = await self.ledgers([partition]), await self.changed([(partition, since)])
        contents = await self.panes([(partition, pane) for pane in panes])
        unit = self._units[partition]
        return Standing(row, changed, contents, dict(unit.calls), dict(unit.reps))

    async def told(self, partitions: Sequence[Partition], wait_s: float = 0) -> list[Told]:
        found = [told for partition in partitions for told in self._told.get(partition, ())]
        self._told.update({partition: [] for partition in partitions})
        return found

    async def sources(self, partition: Partition) -> dict[str, int]:
        self._ask()
        return dict(self._units[partition].sources)

    def _ask(self) -> None:
        if self.away:
            raise StoreUnavailable("away")

    def _renew(self, unit: Unit) -> None:
        unit.lease, unit.verified = self.clock_ms + self._lease_ms, self.clock_ms


def _holds(unit: Unit, claim: Claim) -> bool:
    return (unit.epoch, unit.owner) == (claim.epoch, claim.owner)
