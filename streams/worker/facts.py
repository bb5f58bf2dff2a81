"""The facts of one topic: tallies counted and packed, as many at a time as are read together."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from streams.events import RowKey
from streams.floor import Floor
from streams.kpis.additions import OTHER_CURRENCY
from streams.kpis.counting import Counted, Counting
from streams.worker.panes import Packer, named
from streams.worker.reading import Readers
from streams.worker.tally import Tally


class TopicFacts:
    """Counts and packs what one topic's events add: what that costs beside the events is shared by all batches."""

    def __init__(self, counting: Counting) -> None:
        self.plan = counting.plan
        self._counting, self._packer = counting, Packer(counting.plan)

    def count(self, tallies: Sequence[Tally]) -> list[Counted]:
        """Add up what tallies have taken."""
        counted = list(self._counting.count(tally.events for tally in tallies))
        for one in counted:
            for batch in one.excluded.tolist():
                tallies[batch].count(OTHER_CURRENCY, 1)
        return counted

    def pack(self, tallies: Sequence[Tally], counted: Sequence[Counted], names: Mapping[RowKey, str]) -> None:
        """Give tallies their panes. `names` holds the row of every key that is added to."""
        now_ms = int(time.time() * 1000)
        sums = named(counted, [tally.timed for tally in tallies], names, self.plan.places)
        for tally, panes in zip(tallies, self._packer.panes_of(sums, len(tallies), now_ms), strict=True):
            tally.panes = panes


Facts = Callable[[str], TopicFacts]


def topic_facts(readers: Readers, floor: Floor) -> Facts:
    """Return the facts of all topics, by name; a topic's partitions share them."""
    catalogue = floor.catalogue()
    return cache(lambda topic: TopicFacts(Counting(catalogue, readers(topic).layout, floor.queue_policies)))


def rows_of(tallies: Sequence[Tally], counted: Sequence[Counted]) -> set[RowKey]:
    """Return the keys of the rows that are added to or named."""
    return set[RowKey]().union(
        *(tally.lasting.union(*tally.timed.values()) for tally in tallies), *(one.rows() for one in counted)
    )
