"""From panes as stored to blocks."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from streams.store.protocol import IRREGULAR, StoredPane
from streams.view.arrays import Hashes, Ints, Numbers, summed
from streams.view.blocks import NOTHING, Block, each_once, latest
from streams.view.columns import BUCKETS, Columns
from streams.view.names import Names

T = TypeVar("T")


class Weaver:
    """Makes blocks; new rows get numbers on the way. What the catalogue does not know is left out."""

    def __init__(self, columns: Columns, names: Names) -> None:
        self._columns, self._names = columns, names

    def block(self, topic: str, panes: Sequence[tuple[int, StoredPane]]) -> Block:
        """Return one block for (quarter that the pane lies in, pane) of one partition."""
        several = len(panes) > 1
        panes = [(quarter, pane) for quarter, pane in panes if pane.facts or pane.own or pane.distinct]
        if not panes:
            return NOTHING
        rows, columns, values, quarters = (
            np.concatenate(parts) for parts in zip(*self._facts(topic, panes), strict=True)
        )
        cells, spread, names, last = self._by_name(topic, rows, columns, values, quarters)
        marks, counts = self._marks([pane for _, pane in panes])
        ids, id_rows, id_sets = self._ids([pane for _, pane in panes])
        if several:
            ids, id_rows, id_sets = each_once(ids, id_rows, id_sets)
        return Block(cells, spread, marks, counts, ids, id_rows, id_sets, names, last)

    def _facts(
        self, topic: str, panes: Sequence[tuple[int, StoredPane]]
    ) -> Iterable[tuple[npt.NDArray[np.int64], ...]]:
        """Yield (rows, columns, values other than 0, quarters) of the built-in facts, then of the floor's own."""
        first, width = self._columns.dense[topic]
        rows = self._names.rows(chain.from_iterable(pane.facts for _, pane in panes))
        matrix = _matrix(list(chain.from_iterable(pane.facts.values() for _, pane in panes)), width)
        quarters = np.repeat(
            np.array([quarter for quarter, _ in panes], dtype=np.int64), [len(pane.facts) for _, pane in panes]
        )
        row, column = matrix.nonzero()
        yield rows[row].astype(np.int64), column + first, matrix[row, column], quarters[row]
        known = self._columns.facts
        own = [
            (field[:-2], known[name], value, quarter)
            for quarter, pane in panes
            for field, facts in pane.own.items()
            if field != IRREGULAR
            for name, value in facts.items()
            if name in known and value
        ]
        yield (
            self._names.rows(field for field, *_ in own).astype(np.int64),
            *(np.array([entry[place] for entry in own], dtype=np.int64) for place in (1, 2, 3)),
        )

    def _by_name(
        self, topic: str, rows: Ints, columns: Ints, values: Ints, quarters: Ints
    ) -> tuple[Ints, Ints, Numbers, Numbers]:
        """Add each row's values to the row's name in every scope of the topic."""
        scopes = list(self._columns.scopes[topic])
        names = self._names.of_rows[rows][:, scopes].astype(np.int64)
        cells, spread = summed((names * self._columns.width + columns[:, None]).ravel(), np.repeat(values, len(scopes)))
        seen, last = latest(names.ravel().astype(np.int32), np.repeat(quarters, len(scopes)).astype(np.int32))
        return cells, spread, seen, last

    def _marks(self, panes: Sequence[StoredPane]) -> tuple[Ints, Ints]:
        fields, sets = _fields([pane.buckets for pane in panes], self._columns.buckets)
        if not fields:
            return NOTHING.marks, NOTHING.counts
        pairs = np.array(list(chain.from_iterable(pairs for _, pairs in fields)), dtype=np.int64).reshape(-1, 2)
        lengths = [len(pairs) // 2 for _, pairs in fields]
        rows, kinds = np.repeat(self._names.rows(row for row, _ in fields), lengths), np.repeat(sets, lengths)
        marks, counts = [], []
        for kind, scopes in enumerate(self._columns.bucket_scopes):
            of_kind = kinds == kind
            names = self._names.of_rows[rows[of_kind]][:, list(scopes)].astype(np.int64)
            places = (names * len(self._columns.buckets) + kind) * BUCKETS + pairs[of_kind, :1]
            marks.append(places.ravel())
            counts.append(np.repeat(pairs[of_kind, 1], len(scopes)))
        return summed(np.concatenate(marks), np.concatenate(counts))

    def _ids(self, panes: Sequence[StoredPane]) -> tuple[Hashes, Numbers, Numbers]:
        fields, sets = _fields([pane.distinct for pane in panes], self._columns.distinct)
        lengths = [len(ids) // 8 for _, ids in fields]
        ids = np.frombuffer(b"".join(ids for _, ids in fields), dtype="<u8").astype(np.uint64)
        rows = np.repeat(self._names.rows(row for row, _ in fields), lengths).astype(np.int32)
        return ids, rows, np.repeat(np.array(sets, dtype=np.int32), lengths)


def _fields(panes: Sequence[Mapping[str, T]], known: Mapping[str, int]) -> tuple[list[tuple[str, T]], list[int]]:
    """Return (row, content) of every field `row|set` with a known set, and the sets' numbers."""
    fields: list[tuple[str, T]] = []
    sets: list[int] = []
    for pane in panes:
        for field, content in pane.items():
            row, _, kind = field.rpartition("|")
            if kind in known:
                fields.append((row, content))
                sets.append(known[kind])
    return fields, sets


def _matrix(rows: Sequence[Sequence[int]], width: int) -> Ints:
    """Return rows of integers as a matrix: shorter rows are 0 at their end, longer ones cut."""
    if all(len(row) == width for row in rows):
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)
        return flat.reshape(len(rows), width)
    matrix = np.zeros((len(rows), width), dtype=np.int64)
    for number, row in enumerate(rows):
        cut = row[:width]
        matrix[number, : len(cut)] = cut
    return matrix
