"""One source partition in memory: its position, its figures and its memory of ids, which change together."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.store.keeping import MOST_SOURCES, expiry_s, forgotten_hour
from streams.store.packing import IDS, pack_ids, unpack_pane
from streams.store.protocol import Delta, LedgerRow, PaneDelta, StoredPane


@dataclass(slots=True)
class Unit:
    """What Redis holds under one partition's prefix."""

    epoch: int = 0
    owner: str = ""
    generation: int = 0
    next: int | None = None
    prev: int | None = None
    """Where the batch that ended at `next` began; None when no batch did."""
    sequence: int = 0
    lease: int = 0
    verified: int = 0
    applied: int = 0
    arrival: int = 0
    watermark: int = 0
    gap: int = 0
    end: int | None = None
    counters: dict[str, int] = field(default_factory=dict)
    panes: dict[str, StoredPane] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    """Pane → sequence of the batch that changed it last."""
    seen: dict[int, bytes] = field(default_factory=dict)
    ended: dict[int, bytes] = field(default_factory=dict)
    calls: dict[str, bytes] = field(default_factory=dict)
    reps: dict[str, bytes] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)

    def row(self) -> LedgerRow | None:
        """Return the ledger; None until it has been pinned."""
        if self.next is None:
            return None
        return LedgerRow(
            epoch=self.epoch,
            sequence=self.sequence,
            next=self.next,
            lease=self.lease,
            verified=self.verified,
            applied=self.applied,
            arrival=self.arrival,
            watermark=self.watermark,
            gap=self.gap,
            end=self.end,
            counters=dict(self.counters),
        )

    def take(self, delta: Delta, horizon_hours: int, now_ms: int) -> None:
        """Apply a batch that begins at `next`."""
        self.sequence += 1
        self.prev, self.next, self.applied = delta.start, delta.end, now_ms
        self.arrival, self.watermark = max(self.arrival, delta.arrival), max(self.watermark, delta.watermark)
        for letter, group in (("m", delta.minutes), ("q", delta.quarters)):
            for number, pane in group.items():
                self._take_pane(f"{letter}:{number}", pane, now_ms)
        self._take_ids(delta, forgotten_hour(self.arrival, horizon_hours))
        _keep(self.calls, delta.calls)
        _keep(self.reps, delta.reps)
        for source, ms in delta.sources.items():
            if source in self.sources or len(self.sources) < MOST_SOURCES:
                self.sources[source] = max(ms, self.sources.get(source, 0))
        for name, count in delta.counters.items():
            self.counters[name] = self.counters.get(name, 0) + count

    def _take_pane(self, name: str, new: PaneDelta, now_ms: int) -> None:
        if any((new.facts, new.buckets, new.own, new.distinct)) and not expired(name, now_ms):
            add_pane(self.panes.setdefault(name, StoredPane()), unpack_pane(new))
            self.changes[name] = self.sequence

    def _take_ids(self, delta: Delta, forgotten: int) -> None:
        for kept, new in ((self.seen, delta.seen), (self.ended, delta.ended)):
            for hour, ids in new.items():
                if ids:
                    kept[hour] = kept.get(hour, b"") + ids
            for hour in [hour for hour in kept if hour <= forgotten]:
                del kept[hour]

    def prune(self, now_ms: int) -> None:
        """Forget the panes that have expired."""
        for name in [name for name in self.changes if expired(name, now_ms)]:
            del self.changes[name]
            del self.panes[name]


def expired(pane: str, now_ms: int) -> bool:
    """Say whether a pane is forgotten by now."""
    return expiry_s(pane) * 1000 <= now_ms


def add_pane(pane: StoredPane, new: StoredPane) -> None:
    """Add what a batch adds to a pane."""
    for row, addends in new.facts.items():
        pane.facts[row] = _sum(pane.facts.get(row, []), addends)
    for row, pairs in new.buckets.items():
        pane.buckets[row] = _sum_pairs(pane.buckets.get(row, []), pairs)
    for row, facts in new.own.items():
        own = pane.own.setdefault(row, {})
        own.update({name: own.get(name, 0) + value for name, value in facts.items()})
    for row, ids in new.distinct.items():
        pane.distinct[row] = pack_ids(array(IDS, pane.distinct.get(row, b"") + ids))


def copy_of(pane: StoredPane) -> StoredPane:
    """Return a pane that shares nothing with the given one."""
    return StoredPane(
        facts={row: list(sums) for row, sums in pane.facts.items()},
        buckets={row: list(pairs) for row, pairs in pane.buckets.items()},
        own={row: dict(facts) for row, facts in pane.own.items()},
        distinct=dict(pane.distinct),
    )


def _sum(old: list[int], new: list[int]) -> list[int]:
    longer, shorter = (old, new) if len(old) >= len(new) else (new, old)
    return [a + b for a, b in zip(longer, shorter, strict=False)] + longer[len(shorter) :]


def _sum_pairs(old: list[int], new: list[int]) -> list[int]:
    counts = dict(zip(old[::2], old[1::2], strict=True))
    for bucket, count in zip(new[::2], new[1::2], strict=True):
        counts[bucket] = counts.get(bucket, 0) + count
    return [part for pair in sorted(counts.items()) for part in pair]


def _keep(held: dict[str, bytes], changed: Mapping[str, bytes | None]) -> None:
    for name, state in changed.items():
        if state is None:
            held.pop(name, None)
        else:
            held[name] = state
