"""The calls that are waiting or being spoken, whatever the order in which their events arrive: see `native/calls.c`."""

from collections.abc import Mapping
from struct import Struct
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from streams.events import Events, Mask, Names
from streams.layout import Layout
from streams.native import SPAN, Buffer, Machine
from streams.scanner import NAMES_MOST
from streams.store.entries import States
from streams.store.protocol import HOUR_MS, Memory
from streams.store.seen import Hashes, SeenTable

TOPIC, NAME = "calls", "call_id"
READABLE = {"call.queued": NAME, "call.answered": NAME}
"""Event type → the text that is read here, beside its hash."""
FORGOTTEN_AFTER_MS = 25 * HOUR_MS
QUEUED_MS, QUEUE, QUEUED_TEAM, ANSWERED_MS, ANSWERED_TEAM, DIRECTION, LAST_MS = range(7)
"""Places of an open call's packed state, as the view reads it."""
MOST_ROWS = 1 << 16
"""When more pairs of queue and team have been met, or twice as many as open calls have, those of open calls are learnt anew."""
NO_NUMBER = 0xFFFFFFFF
_ASKED = Struct("<q12Iq")
_TOLD = Struct("<5I")
_STORED = Struct("<3q2I3BxI")

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Any]).decode


class OpenCalls:
    """Open calls of one partition of `calls`.

    An end closes a call for good: ended calls are remembered for a day, so that a `call.queued` which arrives after
    the end opens nothing. Among several reports of the same step the latest by event time counts, then by offset.
    What is silent for longer than boards show is as good as forgotten, whether it has been swept out yet or not: the
    state must not depend on where batches end, nor on when owners change.
    """

    def __init__(self, memory: Memory, layout: Layout, hours: int) -> None:
        steps = ("call.queued", "call.answered", "call.ended")
        self._id = layout.hashes[(NAME,)]
        self._queued, self._answered, self._end = map(layout.types.index, steps)
        self._fixed = (self._queued, self._end, self._id, layout.slots["direction"])
        self._directions = ("", *layout.choices["direction"])
        self._ended = SeenTable(hours)
        for hour, hashes in memory.ended.items():
            self._ended.load(hour, hashes)
        self._new_ended: dict[int, list[bytes]] = {}
        self._swept = 0
        self._begin(memory.calls)

    def take(self, events: Events) -> None:
        """Follow one chunk of accepted events."""
        table = events.table
        ids = table["slots"][:, self._id].astype(np.uint64)
        kinds = table["type"]
        is_end = kinds == self._end
        if is_end.any():
            self._close(ids[is_end], int(table["arrival"].max()) // HOUR_MS)
        followed = ((kinds == self._queued) | (kinds == self._answered)) & ~self._ended.contains(ids)
        rows = self._numbers_of(events.names, table["row"], followed)
        self._run("follow_calls", len(table), table.tobytes(), events.texts, followed.tobytes(), rows.tobytes())

    def changes(self, arrival: int) -> tuple[States, dict[int, bytes]]:
        """Return what changed since the last call: open calls (None = gone) and hashes of ended ones by hour."""
        if arrival // HOUR_MS > self._swept:
            self._swept = arrival // HOUR_MS
            self._run("sweep_calls", before=arrival - FORGOTTEN_AFTER_MS - HOUR_MS)  # arrivals may go back a little
        calls = self._told()
        if len(self._rows) > self._most_rows:
            self._run("tell_all_calls")
            self._begin(self._told())
        ended = {hour: b"".join(parts) for hour, parts in self._new_ended.items()}
        self._new_ended = {}
        return calls, ended

    def _close(self, hashes: Hashes, hour: int) -> None:
        fresh = hashes[self._ended.check_and_add(hashes, np.full(len(hashes), hour, dtype=np.int64))]
        self._new_ended.setdefault(hour, []).append(fresh.tobytes())

    def _begin(self, calls: Mapping[str, bytes | None]) -> None:
        """Begin with these states, which must be there."""
        self._machine = machine = Machine()
        self._at = machine.call("calls_at")
        self._given, self._texts, self._followed, self._event_rows = (Buffer(machine) for _ in range(4))
        self._spans, self._packed = Buffer(machine), Buffer(machine)
        self._rows: dict[tuple[str | None, str | None], int] = {}
        """Queue and team → number."""
        self._names, self._numbers = Names(), np.zeros(0, dtype="<u4")
        """Whose rows have which numbers, those that open calls have needed."""
        self._packed_directions = machine.keep_all(map(_pack, self._directions))
        names = [name.encode() for name in calls]
        stored = [
            self._stored(_unpack(state), len(name))
            for name, state in zip(names, calls.values(), strict=True)
            if state is not None
        ]
        self._run("load_calls", len(stored), b"".join(stored), b"".join(names))
        self._most_rows = max(MOST_ROWS, 2 * len(self._rows))

    def _stored(self, state: list[Any], size: int) -> bytes:
        queued_ms, queue, queued_team, answered_ms, answered_team, direction, last = state
        known = direction in self._directions
        return _STORED.pack(
            queued_ms or 0,
            answered_ms or 0,
            last,
            self._row(queue, queued_team),
            self._row(None, answered_team),
            queued_ms is not None,
            answered_ms is not None,
            self._directions.index(direction) if known else 0,
            size,
        )

    def _row(self, queue: str | None, team: str | None) -> int:
        """Return the number of a row."""
        number = self._rows.get((queue, team))
        if number is None:
            number = self._rows[queue, team] = len(self._rows)
            for packed in map(_pack, (queue, team)):
                self._spans.append(SPAN.pack(self._packed.used, len(packed)))
                self._packed.append(packed)
        return number

    def _numbers_of(self, names: Names, rows: npt.NDArray[np.uint32], needed: Mask) -> npt.NDArray[np.uint32]:
        """Return the numbers of events' rows, of those that are needed at least."""
        if names is not self._names:
            self._names, self._numbers = names, np.full(NAMES_MOST, NO_NUMBER, dtype="<u4")
        fresh = rows[needed & (self._numbers[rows] == NO_NUMBER)]
        for row in set(fresh.tolist()):
            team, queue, _, _ = names.rows[row]
            self._numbers[row] = self._row(queue, team)
        return self._numbers[rows]

    def _run(
        self,
        step: str,
        n: int = 0,
        given: bytes = b"",
        texts: bytes = b"",
        followed: bytes = b"",
        rows: bytes = b"",
        before: int = 0,
    ) -> None:
        """Take a step with so many of what is given."""
        held = (
            self._given.hold(given),
            self._texts.hold(texts),
            self._followed.hold(followed),
            self._event_rows.hold(rows),
        )
        asked = (self._spans.at, self._packed.at, self._packed_directions, n, *held, before)
        self._machine.write(self._at, _ASKED.pack(FORGOTTEN_AFTER_MS, *self._fixed, *asked))
        self._machine.run(step, grows=True)

    def _told(self) -> States:
        """Return what changed since the last time."""
        machine = self._machine
        machine.run("tell_calls", grows=True)
        at, *sizes = _TOLD.unpack(machine.read(self._at + _ASKED.size, _TOLD.size))
        states, lengths, kept, gone = machine.cut(at, sizes)
        return States(msgspec.Raw(kept), msgspec.Raw(lengths), msgspec.Raw(gone), states)
