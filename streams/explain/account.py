"""The contributions of all panes, and what they come to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from streams.explain.contributions import NOTHING, Contributions, Gift
from streams.explain.still_open import StillOpen
from streams.kpis.model import Part
from streams.kpis.panes import pane_span
from streams.store.protocol import Partition, StoredPane
from streams.view.arrays import Hashes

K = TypeVar("K")


@dataclass(slots=True)
class Account:
    """What is known of a figure; a pane that is taken again replaces what was taken before."""

    contributions: Contributions
    open: list[StillOpen] = field(default_factory=list)
    _gifts: dict[tuple[str, Partition], Gift] = field(default_factory=dict)

    def take(self, partition: Partition, pane: str, content: StoredPane) -> None:
        """Note what a partition's pane gives."""
        self._gifts[pane, partition] = self.contributions.of(partition.topic, content)

    def facts(self) -> Counter[str]:
        """Return each fact's sum over the panes."""
        return _summed(gift.facts for gift in self._gifts.values())

    def still(self) -> Counter[str]:
        """Return the ms of states that still last, by fact."""
        return _summed({one.fact: one.ms} for one in self.open)

    def whole(self) -> Counter[str]:
        """Return each fact's sum, states that still last included."""
        return _summed((self.facts(), self.still()))

    def by_queue(self) -> Counter[tuple[str, str]]:
        """Return (queue, fact) → sum of the facts that policies decide."""
        return _summed(gift.by_queue for gift in self._gifts.values())

    def samples(self) -> Counter[int]:
        """Return bucket → values."""
        return _summed(gift.samples for gift in self._gifts.values())

    def ids(self, kind: str, topic: str | None = None) -> Hashes:
        """Return the different ids of a set, of all topics or one."""
        wanted = (gift for (_, partition), gift in self._gifts.items() if topic in (None, partition.topic))
        return _united(gift.ids.get(kind, NOTHING) for gift in wanted)

    def irregular(self) -> dict[str, Counter[str]]:
        """Return topic → kind → records."""
        found = {topic: Counter[str]() for topic in self.contributions.topics}
        for (_, partition), gift in self._gifts.items():
            found[partition.topic].update(gift.irregular)
        return found

    def panes(self) -> "list[Pane]":
        """Return the panes that give anything, in the order of time."""
        by_pane: dict[str, list[Gift]] = {}
        for (pane, _), gift in self._gifts.items():
            if gift.facts or gift.ids or gift.samples:
                by_pane.setdefault(pane, []).append(gift)
        found = [_pane(name, gifts) for name, gifts in sorted(by_pane.items(), key=lambda item: pane_span(item[0]))]
        for kind in self.contributions.sets:
            _mark_new(found, kind)
        return found


@dataclass(slots=True)
class Pane:
    """What a pane gives over all partitions."""

    name: str
    facts: Mapping[str, int]
    ids: Mapping[str, Hashes]
    values: int
    new: dict[str, int] = field(default_factory=dict)
    """Set → ids that are in no earlier pane."""

    def side(self, part: Part) -> int:
        """Return the pane's addend to a side that is a sum of facts."""
        return sum(self.facts.get(fact, 0) for fact in part.facts)


def _pane(name: str, gifts: Iterable[Gift]) -> Pane:
    gifts = list(gifts)
    kinds = {kind for gift in gifts for kind in gift.ids}
    ids = {kind: _united(gift.ids.get(kind, NOTHING) for gift in gifts) for kind in sorted(kinds)}
    return Pane(name, _summed(gift.facts for gift in gifts), ids, sum(_summed(g.samples for g in gifts).values()))


def _mark_new(panes: Iterable[Pane], kind: str) -> None:
    having = [pane for pane in panes if kind in pane.ids]
    if not having:
        return
    numbers = np.repeat(np.arange(len(having)), [len(pane.ids[kind]) for pane in having])
    _, first = np.unique(np.concatenate([pane.ids[kind] for pane in having]), return_index=True)
    for pane, count in zip(having, np.bincount(numbers[first], minlength=len(having)).tolist(), strict=True):
        pane.new[kind] = count


def _united(parts: Iterable[Hashes]) -> Hashes:
    found: Hashes = np.unique(np.concatenate([NOTHING, *parts]))
    return found


def _summed(counts: Iterable[Mapping[K, int]]) -> Counter[K]:
    total: Counter[K] = Counter()
    for one in counts:
        total.update(one)
    return total
