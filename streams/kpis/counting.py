"""Events counted by a program, as tables: see `native/count.c`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from streams.events import EVENT, Events, Names, RowKey, joined
from streams.kpis.additions import additions_of
from streams.kpis.catalogue import Catalogue
from streams.kpis.compile import Policies, Program
from streams.layout import Layout
from streams.native import Machine, table_size

AT_ONCE_BYTES = 1 << 25
"""The sums of events that are counted at once may take so much memory,"""
LEAST = 256
"""but so many may always be."""
ROWS_MOST = 1 << 16
"""As many as the scanner numbers."""
SUM = np.dtype([("minute", "<i8"), ("row", "<u4"), ("batch", "<u4")])
"""Epoch minute, number of a row, place of a batch."""
SAMPLE = np.dtype([("value", "<u8"), ("sum", "<u4"), ("kind", "<u4")])
"""A bucket or an id, the place of its sum, the number of its kind: buckets come first, then distinct sets."""
NUMBER = np.dtype("<i8")
_ASKED = Struct("<12I")
_TOLD = Struct("<3I")


@dataclass(frozen=True, slots=True)
class Counted:
    """What some events add up to."""

    keys: Sequence[RowKey]
    """The rows by their numbers."""
    sums: npt.NDArray[Any]
    """Of SUM: rows in minutes and batches, each once."""
    numbers: npt.NDArray[np.int64]
    """The facts of each sum, built-in and own ones by their places."""
    samples: npt.NDArray[Any]
    """Of SAMPLE."""
    excluded: npt.NDArray[np.uint32]
    """The batches of events whose amounts are left out for their currency."""

    def rows(self) -> set[RowKey]:
        """Return the rows that are added to."""
        return {self.keys[row] for row in set(self.sums["row"].tolist())}


class _Room(NamedTuple):
    """Where things are in the machine's memory, as `count.c` wants to know it."""

    events: int
    sums: int
    numbers: int
    samples: int
    excluded: int
    table: int


class Counting:
    """Counts the events of one topic."""

    def __init__(self, catalogue: Catalogue, layout: Layout, policies: Policies) -> None:
        self.plan = plan = additions_of(catalogue, layout)
        self._machine = machine = Machine()
        self._program = Program(machine, plan, layout, policies)
        self._samples = max(map(len, plan.additions.values()))
        self._at = machine.call("counting_at")
        self._rows = machine.reserve(ROWS_MOST * self._program.row.itemsize)
        self._names, self._rows_told = Names(), 0
        self._most = max(LEAST, AT_ONCE_BYTES // (NUMBER.itemsize * max(1, plan.places)))
        self._events = LEAST
        self._room = self._make_room()

    def count(self, batches: Iterable[Iterable[Events]]) -> Iterator[Counted]:
        """Yield what the events of each batch add up to; of very many in several parts."""
        for events in joined(batches):
            for low in range(0, len(events), self._most):
                yield self._count(events.between(low, low + self._most))

    def _count(self, events: Events) -> Counted:
        machine, room, places = self._machine, self._room, self.plan.places
        if len(events) > self._events:
            self._events = min(2 * len(events), self._most)
            self._room = room = self._make_room()
        self._tell_rows(events.names)
        machine.write(room.events, events.table.tobytes())
        program = (self._program.address, self._rows, self._program.row.itemsize, places)
        machine.write(self._at, _ASKED.pack(*program, len(events), *room, table_size(len(events)) - 1))
        machine.run("count")
        n_sums, n_samples, n_excluded = _TOLD.unpack(machine.read(self._at + _ASKED.size, _TOLD.size))
        return Counted(
            events.names.rows,
            machine.table(room.sums, SUM, n_sums),
            machine.table(room.numbers, NUMBER, n_sums * places).reshape(n_sums, places),
            machine.table(room.samples, SAMPLE, n_samples),
            machine.table(room.excluded, np.dtype("<u4"), n_excluded),
        )

    def _make_room(self) -> _Room:
        """Take memory for events and all that they can add up to."""
        reserve, events = self._machine.reserve, self._events
        return _Room(
            events=reserve(events * EVENT.itemsize),
            sums=reserve(events * SUM.itemsize),
            numbers=reserve(events * NUMBER.itemsize * self.plan.places),
            samples=reserve(events * SAMPLE.itemsize * self._samples),
            excluded=reserve(4 * events),
            table=reserve(4 * table_size(events)),
        )

    def _tell_rows(self, names: Names) -> None:
        """Put what is to be known of new rows into memory."""
        if names is not self._names:
            self._names, self._rows_told = names, 0
        if fresh := names.rows[self._rows_told :]:
            told = np.array([self._program.row_of(key) for key in fresh], dtype=self._program.row)
            self._machine.write(self._rows + self._rows_told * told.itemsize, told.tobytes())
            self._rows_told += len(fresh)
