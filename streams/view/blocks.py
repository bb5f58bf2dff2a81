"""A block: what one pane of one partition adds, summed for every name of every scope that its events belong to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from streams.view.arrays import Hashes, Ints, Numbers, first_of_each, summed

_NO_INTS: Ints = np.zeros(0, dtype=np.int64)
_NO_NUMBERS: Numbers = np.zeros(0, dtype=np.int32)
_NO_HASHES: Hashes = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Block:
    """Sparse sums. Nothing in a block changes after it was made."""

    cells: Ints = field(default_factory=_NO_INTS.copy)
    """name · columns + column, ascending, each once."""
    values: Ints = field(default_factory=_NO_INTS.copy)
    marks: Ints = field(default_factory=_NO_INTS.copy)
    """(name · sets + set) · BUCKETS + bucket, ascending, each once."""
    counts: Ints = field(default_factory=_NO_INTS.copy)
    ids: Hashes = field(default_factory=_NO_HASHES.copy)
    """Ids as stored, by row and set and not yet by name; may repeat."""
    id_rows: Numbers = field(default_factory=_NO_NUMBERS.copy)
    id_sets: Numbers = field(default_factory=_NO_NUMBERS.copy)
    names: Numbers = field(default_factory=_NO_NUMBERS.copy)
    """The names that have a fact other than 0, ascending, each once …"""
    last: Numbers = field(default_factory=_NO_NUMBERS.copy)
    """… and the last quarter in which each has one."""

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.cells) + len(self.marks) + len(self.ids)

    def minus(self, older: "Block") -> "Block":
        """Return what must be added to sums that hold `older` to make them hold this block instead (sums only)."""
        cells, values = _difference(self.cells, self.values, older.cells, older.values)
        marks, counts = _difference(self.marks, self.counts, older.marks, older.counts)
        return Block(cells, values, marks, counts)

    def ids_beyond(self, older: "Block") -> "Block":
        """Return only the ids that `older`, an earlier state of the same pane, does not hold."""
        if not len(older.ids) or not len(self.ids):
            return self
        ids = np.concatenate((older.ids, self.ids))
        rows = np.concatenate((older.id_rows, self.id_rows))
        sets = np.concatenate((older.id_sets, self.id_sets))
        order = np.lexsort((ids, sets, rows))  # stable: of equal ones the older stands first
        ids, rows, sets = ids[order], rows[order], sets[order]
        fresh = order >= len(older.ids)
        fresh[1:] &= (ids[1:] != ids[:-1]) | (rows[1:] != rows[:-1]) | (sets[1:] != sets[:-1])
        return Block(ids=ids[fresh], id_rows=rows[fresh], id_sets=sets[fresh])


NOTHING = Block()


def merged(blocks: Sequence[Block]) -> Block:
    """Return one block for the panes of several, each id once."""
    if len(blocks) == 1:
        return blocks[0]
    cells, values = summed(_joined([b.cells for b in blocks]), _joined([b.values for b in blocks]))
    marks, counts = summed(_joined([b.marks for b in blocks]), _joined([b.counts for b in blocks]))
    names, last = latest(np.concatenate([b.names for b in blocks]), np.concatenate([b.last for b in blocks]))
    ids, rows, sets = each_once(
        np.concatenate([b.ids for b in blocks]),
        np.concatenate([b.id_rows for b in blocks]),
        np.concatenate([b.id_sets for b in blocks]),
    )
    return Block(cells, values, marks, counts, ids, rows, sets, names, last)


def latest(names: Numbers, quarters: Numbers) -> tuple[Numbers, Numbers]:
    """Return each name once, ascending, with the greatest of its quarters."""
    order = np.lexsort((quarters, names))
    ordered = names[order]
    ends = np.append(first_of_each(ordered)[1:], len(ordered)) - 1 if len(ordered) else np.zeros(0, dtype=np.intp)
    return ordered[ends], quarters[order][ends]


def each_once(ids: Hashes, rows: Numbers, sets: Numbers) -> tuple[Hashes, Numbers, Numbers]:
    """Return the different (id, row, set)."""
    if len(ids) < 2:
        return ids, rows, sets
    order = np.lexsort((ids, sets, rows))
    ids, rows, sets = ids[order], rows[order], sets[order]
    keep = np.ones(len(ids), dtype=np.bool_)
    keep[1:] = (ids[1:] != ids[:-1]) | (rows[1:] != rows[:-1]) | (sets[1:] != sets[:-1])
    return ids[keep], rows[keep], sets[keep]


def _difference(keys: Ints, values: Ints, old_keys: Ints, old_values: Ints) -> tuple[Ints, Ints]:
    if not len(old_keys):
        return keys, values
    keys, values = summed(np.concatenate((keys, old_keys)), np.concatenate((values, -old_values)))
    changed = values != 0
    return keys[changed], values[changed]


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts)
