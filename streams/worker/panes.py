"""From a batch's sums by minute to what its minute and quarter panes gain, packed: see `native/pack.c`."""

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from streams.events import RowKey
from streams.kpis.additions import Plan
from streams.kpis.counting import NUMBER, SAMPLE, SUM, Counted
from streams.kpis.time_in_state import Rows
from streams.native import Machine, table_size
from streams.store.entries import Entries
from streams.store.protocol import MINUTE_MS, PaneDelta

MINUTES_SENT_MS = (5 + 24) * 60 * MINUTE_MS
"""A day more than the store keeps minutes: its clock decides, ours only saves work in a back-fill."""
LEAST = 256
"""There is room for so many sums and samples from the beginning,"""
CONTENT = 1 << 16
"""and for so many bytes of what they become."""
_ENTRY = np.dtype([("row", "<u4"), ("section", "<u4"), ("bytes", "<u4")])
_RUN = np.dtype([("pane", "<i8"), ("batch", "<u4"), ("kind", "<u4"), ("bytes", "<u4"), ("entries", "<u4")])
_KINDS = ("facts", "own", "buckets", "distinct")
"""What of a `PaneDelta` the entries of a run are."""
NO_SAMPLES = np.zeros(0, dtype=SAMPLE)
_ASKED = Struct("<q26I")
_TOLD = Struct("<4I")

Panes = dict[int, PaneDelta]


class Sums(NamedTuple):
    """Sums of rows in minutes and batches; their rows are numbers of `names`."""

    names: list[str]
    sums: npt.NDArray[Any]
    numbers: npt.NDArray[np.int64]
    samples: npt.NDArray[Any]


class _Room(NamedTuple):
    """Where things are in the machine's memory, as `pack.c` wants to know it."""

    sums: int
    numbers: int
    samples: int
    groups: int
    totals: int
    table: int
    panes: int
    pane_table: int
    group_of: int
    begins: int
    ordered: int
    pane_of: int
    members_begin: int
    members: int
    entries: int
    runs: int


class Packer:
    """Packs the sums of one topic."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._machine = plan, Machine()
        self._ends = ["", "|+", *(f"|{kind}" for kind in (*plan.buckets, *plan.distinct))]
        """The end of the names in each section."""
        self._at = self._machine.call("packing_at")
        own = self._machine.keep_all(map(msgspec.msgpack.encode, plan.own))
        self._fixed = (plan.facts, len(plan.own), own, len(self._ends) - 2, len(plan.buckets))
        self._most = (LEAST, LEAST)
        self._room = self._make_room()
        self._content_room = CONTENT
        self._content = self._machine.reserve(CONTENT)

    def panes_of(self, sums: Sums, batches: int, now_ms: int) -> list[tuple[Panes, Panes]]:
        """Return what minute and quarter panes gain by each of so many batches. Minutes that the store has forgotten long
        ago are left out.
        """
        panes: list[tuple[Panes, Panes]] = [({}, {}) for _ in range(batches)]
        if not len(sums.sums):
            return panes
        n_minutes, runs, entries, content = self._packed(sums, oldest_sent(now_ms))
        rows, sections, lengths = (entries[column].tolist() for column in ("row", "section", "bytes"))
        names, ends = sums.names, self._ends
        fields = [names[row] + ends[section] for row, section in zip(rows, sections, strict=True)]
        columns = (runs[column].tolist() for column in ("pane", "batch", "kind", "bytes", "entries"))
        begin = at = 0
        for run, (number, batch, kind, size, count) in enumerate(zip(*columns, strict=True)):
            pane = panes[batch][run >= n_minutes].setdefault(number, PaneDelta())
            found = Entries(fields[begin : begin + count], lengths[begin : begin + count], content[at : at + size])
            setattr(pane, _KINDS[kind], found)
            begin, at = begin + count, at + size
        return panes

    def _packed(self, sums: Sums, oldest: int) -> tuple[int, npt.NDArray[Any], npt.NDArray[Any], bytes]:
        """Return how many runs are of minutes, all runs, their entries, and the bytes that these cut up."""
        machine, sizes = self._machine, (len(sums.sums), len(sums.samples))
        if sizes[0] > self._most[0] or sizes[1] > self._most[1]:
            self._most = (max(self._most[0], 2 * sizes[0]), max(self._most[1], 2 * sizes[1]))
            self._room = self._make_room()
        room, mask = self._room, table_size(sizes[0]) - 1
        machine.write(room.sums, sums.sums.tobytes())
        machine.write(room.numbers, sums.numbers.tobytes())
        machine.write(room.samples, sums.samples.tobytes())
        while True:
            asked = _ASKED.pack(oldest, *self._fixed, *sizes, *room, mask, self._content, self._content_room)
            machine.write(self._at, asked)
            machine.run("pack")
            n_minutes, n_runs, n_entries, used = _TOLD.unpack(machine.read(self._at + _ASKED.size, _TOLD.size))
            if used <= self._content_room:
                break
            self._content_room = 2 * used
            self._content = machine.reserve(self._content_room)
        runs, entries = machine.table(room.runs, _RUN, n_runs), machine.table(room.entries, _ENTRY, n_entries)
        return n_minutes, runs, entries, machine.read(self._content, used)

    def _make_room(self) -> _Room:
        """Take memory for sums and samples and all that they can become."""
        sums, samples = self._most
        reserve, kinds = self._machine.reserve, len(self._ends) - 2
        numbers = NUMBER.itemsize * self._plan.places
        return _Room(
            sums=reserve(sums * SUM.itemsize),
            numbers=reserve(sums * numbers),
            samples=reserve(samples * SAMPLE.itemsize),
            groups=reserve(sums * SUM.itemsize),
            totals=reserve(sums * numbers),
            table=reserve(4 * table_size(sums)),
            panes=reserve(sums * SUM.itemsize),
            pane_table=reserve(4 * table_size(sums)),
            group_of=reserve(4 * sums),
            begins=reserve(4 * (sums * kinds + 2)),
            ordered=reserve(8 * samples),
            pane_of=reserve(4 * sums),
            members_begin=reserve(4 * (sums + 2)),
            members=reserve(4 * sums),
            entries=reserve(2 * (2 * sums + samples) * _ENTRY.itemsize),
            runs=reserve(2 * len(_KINDS) * sums * _RUN.itemsize),
        )


def named(counted: Sequence[Counted], timed: Sequence[Rows], names: Mapping[RowKey, str], places: int) -> Sums:
    """Return all sums, each of `places` numbers, `timed` by batch. `names` holds the row of every key: names beyond the
    limit share one.
    """
    known: dict[str, int] = {}
    parts: list[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]] = []
    before = 0
    for one in counted:
        sums, samples = one.sums.copy(), one.samples.copy()
        keys = map(one.keys.__getitem__, sums["row"].tolist())
        sums["row"] = [known.setdefault(names[key], len(known)) for key in keys]
        samples["sum"] += before
        before += len(sums)
        parts.append((sums, one.numbers, samples))
    if any(timed):
        parts.append(_timed(timed, names, known, places))
    if len(parts) == 1:
        return Sums(list(known), *parts[0])
    columns = zip(*parts, strict=True) if parts else ([np.zeros(0, SUM)], [np.zeros((0, places), NUMBER)], [NO_SAMPLES])
    return Sums(list(known), *map(np.concatenate, columns))


def _timed(
    timed: Sequence[Rows], names: Mapping[RowKey, str], known: dict[str, int], places: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    rows = [
        ((minute, known.setdefault(names[key], len(known)), batch), row)
        for batch, minutes in enumerate(timed)
        for minute, keyed in minutes.items()
        for key, row in keyed.items()
    ]
    numbers = np.array([row for _, row in rows], dtype=NUMBER).reshape(len(rows), places)
    return np.array([sum_ for sum_, _ in rows], dtype=SUM), numbers, NO_SAMPLES


def oldest_sent(now_ms: int) -> int:
    """Return the first minute that the store may still keep."""
    return (now_ms - MINUTES_SENT_MS) // MINUTE_MS
