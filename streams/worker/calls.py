"""The calls that are waiting or being spoken, whatever the order in which their events arrive."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import xxhash

from streams.events import Events
from streams.layout import Layout
from streams.store.protocol import HOUR_MS, Memory
from streams.store.seen import Hashes, SeenTable

TOPIC, NAME = "calls", "call_id"
READABLE = {"call.queued": NAME, "call.answered": NAME}
"""Event type → the text that is read here, beside its hash."""
FORGOTTEN_AFTER_MS = 25 * HOUR_MS
QUEUED_MS, QUEUE, QUEUED_TEAM, ANSWERED_MS, ANSWERED_TEAM, DIRECTION, LAST_MS = range(7)
"""Places of an open call's packed state, as the view reads it."""

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
        self._queued, self._answered, self._end = map(
            layout.types.index, ("call.queued", "call.answered", "call.ended")
        )
        self._id = layout.hashes[(NAME,)]
        self._direction, self._directions = layout.slots["direction"], ("", *layout.choices["direction"])
        self._open: dict[int, tuple[str, list[Any]]] = {
            hash_of(name): (name, _unpack(state)) for name, state in memory.calls.items()
        }
        """Hash of the call's id → id, state."""
        self._ended = SeenTable(hours)
        for hour, hashes in memory.ended.items():
            self._ended.load(hour, hashes)
        self._touched: dict[str, int] = {}
        self._new_ended: dict[int, list[bytes]] = {}
        self._swept = 0

    def take(self, events: Events) -> None:
        """Follow one chunk of accepted events."""
        table = events.table
        kinds, ids = table["type"].tolist(), table["slots"][:, self._id].astype(np.uint64)
        ended = [place for place, kind in enumerate(kinds) if kind == self._end]
        if ended:
            self._close(ids[ended], max(table["arrival"].tolist()) // HOUR_MS)
        followed = [place for place, kind in enumerate(kinds) if kind in (self._queued, self._answered)]
        if followed:
            over = self._ended.contains(ids[followed]).tolist()
            self._follow_all(events, [place for place, is_over in zip(followed, over, strict=True) if not is_over])

    def changes(self, arrival: int) -> tuple[dict[str, bytes | None], dict[int, bytes]]:
        """Return what changed since the last call: open calls (None = gone) and hashes of ended ones by hour."""
        if arrival // HOUR_MS > self._swept:
            self._swept = arrival // HOUR_MS
            self._sweep(arrival - FORGOTTEN_AFTER_MS - HOUR_MS)  # arrivals may go back a little
        calls = {name: _pack(self._open[key][1]) if key in self._open else None for name, key in self._touched.items()}
        ended = {hour: b"".join(parts) for hour, parts in self._new_ended.items()}
        self._touched, self._new_ended = {}, {}
        return calls, ended

    def _close(self, hashes: Hashes, hour: int) -> None:
        fresh = hashes[self._ended.check_and_add(hashes, np.full(len(hashes), hour, dtype=np.int64))]
        self._new_ended.setdefault(hour, []).append(fresh.tobytes())
        if self._open:
            for key in hashes.tolist():
                if call := self._open.pop(key, None):
                    self._touched[call[0]] = key

    def _follow_all(self, events: Events, places: Sequence[int]) -> None:
        table = events.table[places]
        columns = (table["type"], table["ms"], table["arrival"], table["row"])
        keys, directions = (table["slots"][:, slot] for slot in (self._id, self._direction))
        steps = (keys.astype(np.uint64), *columns, directions)
        for key, kind, ms, arrival, row, direction in zip(*(column.tolist() for column in steps), strict=True):
            oldest = arrival - FORGOTTEN_AFTER_MS
            if ms < oldest:
                continue
            call = self._open.get(key)
            if call is None or call[1][LAST_MS] < oldest:
                call = self._open[key] = (events.texts[key], [None, None, None, None, None, None, ms])
            name, state = call
            team, queue, _, _ = events.names.rows[row]
            if kind == self._queued:
                if state[QUEUED_MS] is None or ms >= state[QUEUED_MS]:
                    state[QUEUED_MS : QUEUED_TEAM + 1] = [ms, queue, team]
            elif state[ANSWERED_MS] is None or ms >= state[ANSWERED_MS]:
                state[ANSWERED_MS : DIRECTION + 1] = [ms, team, self._directions[direction]]
            state[LAST_MS] = max(state[LAST_MS], ms)
            self._touched[name] = key

    def _sweep(self, before: int) -> None:
        for key in [key for key, (_, state) in self._open.items() if state[LAST_MS] < before]:
            name, _ = self._open.pop(key)
            self._touched[name] = key


def hash_of(name: str) -> int:
    """Return the hash of a call's id, as the scanner tells it."""
    return xxhash.xxh3_64_intdigest(name.encode())
