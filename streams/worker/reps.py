"""The changes of state that reps report, in the order in which they happened."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import Any

import msgspec

from streams.store.protocol import HOUR_MS, Memory

KEPT_MS = 61 * HOUR_MS
"""A change may arrive 48 h late, a state lasts at most 12 h; an hour is for arrivals that go back."""

Change = tuple[int, int, str, str | None]
"""Event time (epoch ms), offset, state, team: sorted as they stand."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Change]).decode


class RepChanges:
    """Recent changes of each rep of one partition of `reps`, by event time, equal times by offset."""

    def __init__(self, memory: Memory) -> None:
        self._changes: dict[str, list[Change]] = {rep: _unpack(changes) for rep, changes in memory.reps.items()}
        self._touched: dict[str, None] = {}
        self._swept = 0

    def take(self, events: Sequence[Any], times: Sequence[int], offsets: Sequence[int]) -> None:
        """Follow one chunk of accepted `rep.state_changed` events."""
        for event, ms, offset in zip(events, times, offsets, strict=True):
            data = event.data
            insort(self._changes.setdefault(data.rep, []), (ms, offset, data.state, data.team))
            self._touched[data.rep] = None

    def changes(self, arrival: int) -> dict[str, bytes | None]:
        """Return the changes of each rep that has new ones, packed; None for a rep that is forgotten."""
        before = arrival - KEPT_MS
        if arrival // HOUR_MS > self._swept:
            self._swept = arrival // HOUR_MS
            for rep in [rep for rep, changes in self._changes.items() if changes[-1][0] < before]:
                del self._changes[rep]
                self._touched[rep] = None
        touched, self._touched = self._touched, {}
        return {rep: self._packed(rep, before) for rep in touched}

    def _packed(self, rep: str, before: int) -> bytes | None:
        changes = self._changes.get(rep)
        if changes is None:
            return None
        past = bisect_left(changes, (before,)) - 1
        if past > 0:
            del changes[:past]
        return _pack(changes)
