"""The calls that are waiting or being spoken, whatever the order in which their events arrive."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import xxhash

from streams.store.protocol import HOUR_MS, Memory
from streams.store.seen import Hashes, SeenTable

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

    def __init__(self, memory: Memory, structs: Mapping[str, Any], hours: int) -> None:
        self._queued, self._answered = structs["call.queued"], structs["call.answered"]
        self._end = structs["call.ended"]
        self._open: dict[str, list[Any]] = {name: _unpack(state) for name, state in memory.calls.items()}
        self._ended = SeenTable(hours)
        for hour, hashes in memory.ended.items():
            self._ended.load(hour, hashes)
        self._touched: dict[str, None] = {}
        self._new_ended: dict[int, list[bytes]] = {}
        self._swept = 0

    def take(self, events: Sequence[Any], times: Sequence[int], arrivals: Sequence[int]) -> None:
        """Follow one chunk of accepted events; times and arrivals are in epoch ms."""
        queued, answered, end = self._queued, self._answered, self._end
        ended = [event.data.call_id for event in events if event.__class__ is end]
        if ended:
            self._close(ended, max(arrivals) // HOUR_MS)
        followed = [
            (event, ms, arrival - FORGOTTEN_AFTER_MS)
            for event, ms, arrival in zip(events, times, arrivals, strict=True)
            if (kind := event.__class__) is queued or kind is answered
        ]
        if followed:
            over = self._ended.contains(_hashes([event.data.call_id for event, _, _ in followed]))
            for step, is_over in zip(followed, over.tolist(), strict=True):
                if not is_over:
                    self._follow(*step)

    def changes(self, arrival: int) -> tuple[dict[str, bytes | None], dict[int, bytes]]:
        """Return what changed since the last call: open calls (None = gone) and hashes of ended ones by hour."""
        if arrival // HOUR_MS > self._swept:
            self._swept = arrival // HOUR_MS
            self._sweep(arrival - FORGOTTEN_AFTER_MS - HOUR_MS)  # arrivals may go back a little
        calls = {name: _pack(state) if (state := self._open.get(name)) else None for name in self._touched}
        ended = {hour: b"".join(parts) for hour, parts in self._new_ended.items()}
        self._touched, self._new_ended = {}, {}
        return calls, ended

    def _close(self, names: list[str], hour: int) -> None:
        hashes = _hashes(names)
        fresh = hashes[self._ended.check_and_add(hashes, np.full(len(hashes), hour, dtype=np.int64))]
        self._new_ended.setdefault(hour, []).append(fresh.tobytes())
        if self._open:
            for name in names:
                if self._open.pop(name, None) is not None:
                    self._touched[name] = None

    def _follow(self, event: Any, ms: int, oldest: int) -> None:
        if ms < oldest:
            return
        data = event.data
        name = data.call_id
        state = self._open.get(name)
        if state is None or state[LAST_MS] < oldest:
            state = self._open[name] = [None, None, None, None, None, None, ms]
        if event.__class__ is self._queued:
            if state[QUEUED_MS] is None or ms >= state[QUEUED_MS]:
                state[QUEUED_MS : QUEUED_TEAM + 1] = [ms, data.queue, data.team]
        elif state[ANSWERED_MS] is None or ms >= state[ANSWERED_MS]:
            state[ANSWERED_MS : DIRECTION + 1] = [ms, data.team, data.direction]
        state[LAST_MS] = max(state[LAST_MS], ms)
        self._touched[name] = None

    def _sweep(self, before: int) -> None:
        for name in [name for name, state in self._open.items() if state[LAST_MS] < before]:
            del self._open[name]
            self._touched[name] = None


def _hashes(names: Sequence[str]) -> Hashes:
    return np.fromiter(map(xxhash.xxh3_64_intdigest, map(str.encode, names)), dtype=np.uint64, count=len(names))
