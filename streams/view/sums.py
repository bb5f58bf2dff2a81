"""The running sums of one window: a row of facts and rows of bucket counts for every name."""

import numpy as np

from streams.view.arrays import Ints, Numbers, grown
from streams.view.blocks import Block
from streams.view.columns import BUCKETS, Columns


class Sums:
    """Dense sums, so that a block is added in one step. Rows that nothing was added to take no memory."""

    def __init__(self, columns: Columns, names: int) -> None:
        self._width = columns.width
        self._sets = len(columns.buckets)
        self._facts: Ints = np.zeros(names * self._width, dtype=np.int64)
        self._marks: Numbers = np.zeros(names * self._sets * BUCKETS, dtype=np.int32)
        self.version = 0
        """Grows with every change."""

    def fit(self, names: int) -> None:
        """Make room for so many names."""
        self._facts = grown(self._facts, names * self._width)
        self._marks = grown(self._marks, names * self._sets * BUCKETS)

    def add(self, block: Block) -> None:
        """Add what a block holds."""
        if len(block.cells):
            self._facts[block.cells] += block.values
        if len(block.marks):
            self._marks[block.marks] += block.counts.astype(np.int32)
        self.version += bool(len(block.cells) or len(block.marks))

    def subtract(self, block: Block) -> None:
        """Take out what a block holds."""
        if len(block.cells):
            self._facts[block.cells] -= block.values
        if len(block.marks):
            self._marks[block.marks] -= block.counts.astype(np.int32)
        self.version += bool(len(block.cells) or len(block.marks))

    def facts(self, names: Numbers) -> Ints:
        """Return names × columns."""
        return self._facts.reshape(-1, self._width)[names]

    def buckets(self, names: Numbers, set_: int) -> Numbers:
        """Return names × BUCKETS: the counts of one bucket set."""
        return self._marks.reshape(-1, BUCKETS)[names * self._sets + set_]
