"""A store in memory whose clock the test sets, and a plain recount of what was put into it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from streams.kpis.catalogue import SCOPES_OF_TOPIC, Catalogue
from streams.kpis.model import Scope
from streams.store.names import row_name
from streams.store.packing import pack_pane
from streams.store.protocol import (
    MINUTE_MS,
    QUARTER_MS,
    Delta,
    LedgerRow,
    Partition,
    Standing,
    StoredPane,
    StoreUnavailable,
    Told,
)

MINUTES_KEPT_MS = 5 * 3_600_000
QUARTERS_KEPT_MS = 35 * 86_400_000 + 3_600_000


@dataclass(frozen=True)
class Happening:
    """What one event adds: facts, at most one sample a bucket set, and ids by set."""

    topic: str
    ms: int
    team: str
    queue: str
    campaign: str
    rep: str
    facts: dict[str, int]
    samples: dict[str, int] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def name(self, scope: Scope) -> str | None:
        """Return the name that it adds to in a scope, None if its topic lacks the scope."""
        if scope not in SCOPES_OF_TOPIC[self.topic]:
            return None
        return "all" if scope is Scope.FLOOR else str(getattr(self, scope.value))


class MemoryReader:
    """Keeps the promises of `Reader`; a test writes with `add`."""

    telling = True
    """Whether batches are told as they are added: any store may fail to."""

    def __init__(self, catalogue: Catalogue, now_ms: int) -> None:
        self.clock_ms = now_ms
        self.away = False
        self.reads: list[tuple[Partition, str]] = []
        """Every pane that was asked for."""
        self.rows: dict[Partition, LedgerRow] = {}
        self.packed_calls: dict[Partition, dict[str, bytes]] = {}
        self.packed_reps: dict[Partition, dict[str, bytes]] = {}
        self.latest: dict[Partition, dict[str, int]] = {}
        self._layouts = {topic: catalogue.layout(topic) for topic in SCOPES_OF_TOPIC}
        self._own = {place for fact in catalogue.facts if fact.own for place in fact.places}
        self._panes: dict[tuple[Partition, str], StoredPane] = {}
        self._changes: dict[Partition, dict[str, int]] = {}
        self._told: list[Told] = []

    def claim(self, partition: Partition, lease_ms: int = 10_000) -> None:
        """Give a partition an owner."""
        now = self.clock_ms
        old = self.rows.get(partition) or LedgerRow(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {})
        self.rows[partition] = replace(old, epoch=old.epoch + 1, lease=now + lease_ms, verified=now)

    def verify(self) -> None:
        """Let every owner renew its lease."""
        now = self.clock_ms
        self.rows = {p: replace(row, lease=now + 10_000, verified=now) for p, row in self.rows.items()}

    def empty(self) -> None:
        """Lose everything."""
        self.rows, self._panes, self._changes = {}, {}, {}

    def add(
        self,
        partition: Partition,
        batch: Sequence[Happening],
        *,
        calls: Mapping[str, bytes | None] | None = None,
        reps: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """Apply a batch."""
        row = self.rows.get(partition)
        if row is None:
            self.claim(partition)
            row = self.rows[partition]
        sequence = row.sequence + 1
        delta = Delta(row.next, row.next + len(batch), calls=dict(calls or {}), reps=dict(reps or {}))
        for letter, length, group in (("m", MINUTE_MS, delta.minutes), ("q", QUARTER_MS, delta.quarters)):
            gained: dict[int, StoredPane] = {}
            for happening in batch:
                number = happening.ms // length
                self._add(self._panes.setdefault((partition, f"{letter}:{number}"), StoredPane()), happening)
                self._add(gained.setdefault(number, StoredPane()), happening)
                self._changes.setdefault(partition, {})[f"{letter}:{number}"] = sequence
            group.update((number, pack_pane(pane)) for number, pane in gained.items())
        for states, changes in ((self.packed_calls, delta.calls), (self.packed_reps, delta.reps)):
            held = {**states.get(partition, {}), **changes}
            states[partition] = {name: state for name, state in held.items() if state is not None}
        if self.telling:
            self._told.append(Told.of(partition, sequence, delta))
        counters = dict(row.counters)
        counters["applied"] = counters.get("applied", 0) + len(batch)
        self.rows[partition] = replace(
            row,
            sequence=sequence,
            next=row.next + len(batch),
            applied=self.clock_ms,
            watermark=max([row.watermark, *(h.ms for h in batch)]),
            counters=counters,
        )

    def _add(self, pane: StoredPane, happening: Happening) -> None:
        row = row_name(happening.team, happening.queue, happening.campaign, happening.rep)
        layout = self._layouts[happening.topic]
        facts = pane.facts.setdefault(row, [0] * len(layout))
        for name, value in happening.facts.items():
            if name in self._own:
                own = pane.own.setdefault(f"{row}|+", {})
                own[name] = own.get(name, 0) + value
            else:
                facts[layout.index(name)] += value
        for kind, bucket in happening.samples.items():
            pairs = pane.buckets.get(f"{row}|{kind}", [])
            counts = dict(zip(pairs[::2], pairs[1::2], strict=True))
            counts[bucket] = counts.get(bucket, 0) + 1
            pane.buckets[f"{row}|{kind}"] = [part for pair in sorted(counts.items()) for part in pair]
        for kind, value in happening.ids.items():
            old = pane.distinct.get(f"{row}|{kind}", b"")
            pane.distinct[f"{row}|{kind}"] = old + value.to_bytes(8, "little")

    def _ask(self) -> None:
        if self.away:
            raise StoreUnavailable("away")

    async def now_ms(self) -> int:
        self._ask()
        return self.clock_ms

    async def ledgers(self, partitions: Sequence[Partition]) -> list[LedgerRow | None]:
        self._ask()
        return [self.rows.get(partition) for partition in partitions]

    async def changed(self, since: Sequence[tuple[Partition, int]]) -> list[list[str]]:
        self._ask()
        return [[p for p, at in self._changes.get(part, {}).items() if at > sequence] for part, sequence in since]

    async def panes(self, wanted: Sequence[tuple[Partition, str]]) -> list[StoredPane]:
        self._ask()
        self.reads.extend(wanted)
        return [self._pane(partition, key) for partition, key in wanted]

    def _pane(self, partition: Partition, key: str) -> StoredPane:
        length, kept = (MINUTE_MS, MINUTES_KEPT_MS) if key[0] == "m" else (QUARTER_MS, QUARTERS_KEPT_MS)
        if (int(key[2:]) + 1) * length + kept <= self.clock_ms:
            return StoredPane()
        pane = self._panes.get((partition, key), StoredPane())
        return StoredPane(
            {row: list(facts) for row, facts in pane.facts.items()},
            {row: list(pairs) for row, pairs in pane.buckets.items()},
            {row: dict(facts) for row, facts in pane.own.items()},
            dict(pane.distinct),
        )

    async def standing(self, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        (row,), (changed,) = await self.ledgers([partition]), await self.changed([(partition, since)])
        contents = await self.panes([(partition, pane) for pane in panes])
        return Standing(row, changed, contents, dict(await self.calls(partition)), dict(await self.reps(partition)))

    async def told(self, partitions: Sequence[Partition], wait_s: float = 0) -> list[Told]:
        told, self._told = self._told, []
        return [one for one in told if one.partition in partitions]

    async def calls(self, partition: Partition) -> dict[str, bytes]:
        self._ask()
        return self.packed_calls.get(partition, {})

    async def reps(self, partition: Partition) -> dict[str, bytes]:
        self._ask()
        return self.packed_reps.get(partition, {})

    async def sources(self, partition: Partition) -> dict[str, int]:
        self._ask()
        return self.latest.get(partition, {})


@dataclass
class Recount:
    """The sums of one scope and name over [from, to), counted one happening after the other."""

    happenings: Iterable[Happening]
    scope: Scope
    named: str
    from_ms: int
    to_ms: int

    def _inside(self) -> Iterator[Happening]:
        for happening in self.happenings:
            if self.from_ms <= happening.ms < self.to_ms and happening.name(self.scope) == self.named:
                yield happening

    def fact(self, name: str) -> int:
        low = sum(happening.facts.get(name, 0) for happening in self._inside())
        return low + (sum(happening.facts.get(f"{name}.high", 0) for happening in self._inside()) << 24)

    def distinct(self, name: str) -> int:
        return len({happening.ids[name] for happening in self._inside() if name in happening.ids})

    def buckets(self, name: str) -> list[tuple[int, int]]:
        return [(happening.samples[name], 1) for happening in self._inside() if name in happening.samples]
