"""What a pane gives to one figure: the sums of its facts, its ids and samples, out of all rows of all partitions."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from streams.kpis.catalogue import Catalogue
from streams.kpis.model import HIGH_BITS, Kpi, Scope
from streams.store.names import split_row
from streams.store.protocol import IRREGULAR, StoredPane
from streams.view.arrays import Hashes

NOTHING = np.zeros(0, dtype=np.uint64)
SCOPES = (Scope.TEAM, Scope.QUEUE, Scope.CAMPAIGN, Scope.REP)
"""In the order of a row's names."""
QUEUE = SCOPES.index(Scope.QUEUE)


@dataclass(slots=True)
class Gift:
    """What one pane of one partition gives."""

    facts: Counter[str] = field(default_factory=Counter)
    by_queue: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(queue, fact) → sum, of the facts that a queue's policy decides."""
    ids: dict[str, Hashes] = field(default_factory=dict)
    """Distinct set → ids, each once."""
    samples: Counter[int] = field(default_factory=Counter)
    """Bucket → values."""
    irregular: Mapping[str, int] = field(default_factory=dict)
    """`late`, `duplicate`, `parked:<reason>` → records of the whole partition: not of the figure's name alone."""


class Contributions:
    """Knows what of a pane is a figure's."""

    def __init__(self, catalogue: Catalogue, kpi: Kpi, belongs: Callable[[str], bool]) -> None:
        """`belongs` says whether a row is the figure's."""
        self._belongs, self._buckets = belongs, kpi.buckets
        known = {fact.name: fact for fact in catalogue.facts}
        self.facts = tuple(known[name] for name in dict.fromkeys(name for part in kpi.parts for name in part.facts))
        self.sets = tuple(dict.fromkeys(part.distinct for part in kpi.parts if part.distinct))
        self._judged = {fact.name for fact in self.facts if fact.policy}
        self._own = {
            place: (fact.name, shift) for fact in self.facts if fact.own for place, shift in _places(fact.places)
        }
        self._places = {
            topic: [
                (layout.index(place), fact.name, shift)
                for fact in self.facts
                if fact.topic == topic and not fact.own
                for place, shift in _places(fact.places)
            ]
            for topic in sorted(catalogue.topics(kpi))
            for layout in (catalogue.layout(topic),)
        }

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics whose events make the figure."""
        return tuple(self._places)

    def of(self, topic: str, pane: StoredPane) -> Gift:
        """Return what a pane gives."""
        gift = Gift(irregular=pane.own.get(IRREGULAR, {}))
        if self._places[topic]:
            self._take_facts(gift, topic, pane)
        if self._own:
            self._take_own(gift, pane)
        if self._buckets:
            self._take_samples(gift, pane)
        if self.sets:
            self._take_ids(gift, pane)
        return gift

    def _take_facts(self, gift: Gift, topic: str, pane: StoredPane) -> None:
        places = self._places[topic]
        for row, sums in pane.facts.items():
            if self._belongs(row):
                for place, fact, shift in places:
                    if place < len(sums) and sums[place]:
                        self._add(gift, row, fact, sums[place] << shift)

    def _take_own(self, gift: Gift, pane: StoredPane) -> None:
        for name, facts in pane.own.items():
            if name != IRREGULAR and self._belongs(row := name.rpartition("|")[0]):
                for stored, (fact, shift) in self._own.items():
                    if value := facts.get(stored):
                        self._add(gift, row, fact, value << shift)

    def _add(self, gift: Gift, row: str, fact: str, value: int) -> None:
        gift.facts[fact] += value
        if fact in self._judged:
            gift.by_queue[split_row(row)[QUEUE], fact] += value

    def _take_samples(self, gift: Gift, pane: StoredPane) -> None:
        for name, pairs in pane.buckets.items():
            row, _, kind = name.rpartition("|")
            if kind == self._buckets and self._belongs(row):
                for bucket, count in zip(pairs[::2], pairs[1::2], strict=True):
                    gift.samples[bucket] += count

    def _take_ids(self, gift: Gift, pane: StoredPane) -> None:
        found: dict[str, list[bytes]] = {}
        for name, ids in pane.distinct.items():
            row, _, kind = name.rpartition("|")
            if kind in self.sets and self._belongs(row):
                found.setdefault(kind, []).append(ids)
        gift.ids = {kind: np.unique(np.frombuffer(b"".join(parts), dtype="<u8")) for kind, parts in found.items()}


def _places(places: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Yield a fact's places with the bits by which each is shifted."""
    return zip(places, (0, HIGH_BITS), strict=False)


def rows_of(scope: str, name: str) -> Callable[[str], bool]:
    """Return what says whether a row belongs to a name of a scope; rows repeat, so answers are kept."""
    if scope == Scope.FLOOR:
        return lambda _: True
    place, known = SCOPES.index(Scope(scope)), dict[str, bool]()

    def belongs(row: str) -> bool:
        found = known.get(row)
        if found is None:
            found = known[row] = split_row(row)[place] == name
        return found

    return belongs
