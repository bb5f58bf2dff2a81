"""Blocks of long ago that were read for one answer and serve the next, as long as nothing in them changes."""

import sys
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from streams.store.protocol import Partition
from streams.view.blocks import Block
from streams.view.days import Days, Pane

Blocks = Sequence[tuple[Partition, Block]]
"""A pane's block of every partition."""
NEVER = sys.maxsize
MOST_ENTRIES = 4_000_000
"""Of the blocks that are kept, the latest used: some 64 MB. The instants of a day are made of the same quarters."""


class Kept:
    """What is known of single panes that are not held for good."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._blocks: OrderedDict[Pane, Blocks] = OrderedDict()
        self._entries = 0
        self._changed: dict[object, int] = {}
        """Of each reading under way: the first minute in which something has changed meanwhile."""

    def of(self, panes: Iterable[Pane]) -> dict[Pane, Blocks]:
        """Return what is known of these panes."""
        found = {pane: self._blocks[pane] for pane in panes if pane in self._blocks}
        for pane in found:
            self._blocks.move_to_end(pane)
        return found

    @contextmanager
    def keeping(self, read: Mapping[Pane, Blocks]) -> Iterator[None]:
        """Keep what is read within the block, save what changes before it ends."""
        reading = object()
        self._changed[reading] = NEVER
        try:
            yield
        finally:
            first = self._changed.pop(reading)
        for pane, blocks in read.items():
            if not self._reaches(pane, first):
                self._drop(pane)
                self._blocks[pane] = blocks
                self._entries += _entries(blocks)
        while self._entries > MOST_ENTRIES:
            self._drop(next(iter(self._blocks)))

    def forget(self, minute: int) -> None:
        """Drop what ends after a minute, the first one in which something has changed."""
        self._changed = {reading: min(first, minute) for reading, first in self._changed.items()}
        for pane in [pane for pane in self._blocks if self._reaches(pane, minute)]:
            self._drop(pane)

    def _drop(self, pane: Pane) -> None:
        self._entries -= _entries(self._blocks.pop(pane, ()))

    def _reaches(self, pane: Pane, minute: int) -> bool:
        return self._days.minutes(pane).stop > minute


def _entries(blocks: Blocks) -> int:
    return sum(1 + block.size for _, block in blocks)
