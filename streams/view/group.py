"""The raw material of a table: the sums of some names in one window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streams.view.arrays import Ints, Numbers


@dataclass(frozen=True, slots=True)
class Group:
    """The raw material of a table's rows, one row a name."""

    facts: Ints
    distinct: Ints
    buckets: Sequence[Numbers]
    """By bucket set: names × BUCKETS."""

    def with_row(self, other: "Group") -> "Group":
        """Return this group with the rows of another after its own."""
        return Group(
            np.concatenate((self.facts, other.facts)),
            np.concatenate((self.distinct, other.distinct)),
            [np.concatenate(pair) for pair in zip(self.buckets, other.buckets, strict=True)],
        )
