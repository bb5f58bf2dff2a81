"""The calls that have not ended: who waits and who talks, counted as calls change and as time passes.

An instant costs what has happened since the last one, not what is open.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from typing import NamedTuple

import msgspec

from schemas.events.fields import UNASSIGNED
from streams.store.protocol import HOUR_MS, Partition

CALL_STALE_MS = 4 * HOUR_MS
CALL_GONE_MS = 24 * HOUR_MS
NEVER_MS = 1 << 62
FEW = 1000


class OpenCall(msgspec.Struct, array_like=True, frozen=True):
    """A call as the worker packs it: the latest `call.queued` and `call.answered` known, neither ended."""

    queued_ms: int | None
    queue: str | None
    team: str | None
    answered_ms: int | None
    active_team: str | None
    direction: str | None
    last_ms: int


call_of = msgspec.msgpack.Decoder(OpenCall).decode


@dataclass(frozen=True, slots=True)
class Waiting:
    """Calls that wait in a queue."""

    count: int
    longest_ms: int


class Calls(NamedTuple):
    """The calls at an instant. Nothing has an entry of 0."""

    waiting: Mapping[str, Waiting]
    """By queue."""
    active: Mapping[tuple[str, str], int]
    """(team, direction) → calls."""
    stale: int
    """Calls silent for 4 to 24 h."""


class _Placed:
    """A call, and what it counts as for how long."""

    __slots__ = ("active", "call", "known", "packed", "queue", "stale")

    def __init__(self, packed: bytes) -> None:
        self.packed, self.call, self.known = packed, call_of(packed), True
        self.leave()

    def leave(self) -> None:
        """Count as nothing."""
        self.queue: str | None = None
        self.active: tuple[str, str] | None = None
        self.stale = False

    def enter(self, now_ms: int) -> int:
        """Count as what it is at an instant; return until when. What is reported for later does not count yet."""
        call = self.call
        steps = [ms for ms in (call.queued_ms, call.answered_ms) if ms is not None]
        last_ms = max((ms for ms in steps if ms <= now_ms), default=-CALL_GONE_MS)  # nothing yet: gone long ago
        ends = [ms for ms in (*steps, last_ms + CALL_STALE_MS, last_ms + CALL_GONE_MS) if ms > now_ms]
        if now_ms >= last_ms + CALL_STALE_MS:
            self.stale = now_ms < last_ms + CALL_GONE_MS
        elif call.answered_ms is not None and call.answered_ms <= now_ms:
            self.active = call.active_team or UNASSIGNED, call.direction or UNASSIGNED
        else:
            self.queue = call.queue or UNASSIGNED
        return min(ends, default=NEVER_MS)


Entry = tuple[int, int, _Placed]
"""An instant, a number that tells equal ones apart, a call. In a heap there may be entries that hold no more."""


class OpenCalls:
    """Follows the open calls of all partitions; instants never go back."""

    def __init__(self) -> None:
        self._now_ms = 0
        self._placed: dict[Partition, dict[str, _Placed]] = {}
        self._ends: list[Entry] = []
        """When each call stops being what it counts as."""
        self._begins: dict[str, list[Entry]] = {}
        """Queue → since when each call waits."""
        self._waiting: Counter[str] = Counter()
        self._active: Counter[tuple[str, str]] = Counter()
        self._stale = 0
        self._numbers = count()

    def take(self, partition: Partition, packed: Mapping[str, bytes]) -> None:
        """Replace what is known of a partition by what is stored."""
        gone = self._placed.get(partition, {}).keys() - packed.keys()
        self.change(partition, {**dict.fromkeys(gone), **packed})

    def change(self, partition: Partition, changed: Mapping[str, bytes | None]) -> None:
        """Replace, add and take out some; None: it leaves."""
        placed = self._placed.setdefault(partition, {})
        for name, packed in changed.items():
            older = placed.get(name)
            if older is not None:
                if older.packed == packed:
                    continue
                self._count(older, -1)
                older.leave()
                older.known = False
                del placed[name]
            if packed is not None:
                placed[name] = newer = _Placed(packed)
                self._enter(newer)
        self._ends = _kept(self._ends, sum(map(len, self._placed.values())), lambda entry: entry[2].known)

    def at(self, now_ms: int) -> Calls:
        """Return what there is at an instant."""
        self._now_ms = max(now_ms, self._now_ms)
        while self._ends and self._ends[0][0] <= self._now_ms:
            placed = heappop(self._ends)[2]
            if placed.known:
                self._count(placed, -1)
                placed.leave()
                self._enter(placed)
        for queue in [queue for queue, n in self._waiting.items() if not n]:
            del self._waiting[queue], self._begins[queue]
        waiting = {queue: Waiting(n, self._now_ms - self._longest(queue)) for queue, n in self._waiting.items()}
        return Calls(waiting, {names: n for names, n in self._active.items() if n}, self._stale)

    def _enter(self, placed: _Placed) -> None:
        heappush(self._ends, (placed.enter(self._now_ms), next(self._numbers), placed))
        self._count(placed, 1)
        if placed.queue is not None:
            begins = self._begins.setdefault(placed.queue, [])
            heappush(begins, (placed.call.queued_ms or 0, next(self._numbers), placed))

    def _count(self, placed: _Placed, n: int) -> None:
        if placed.queue is not None:
            self._waiting[placed.queue] += n
        if placed.active is not None:
            self._active[placed.active] += n
        self._stale += n * placed.stale

    def _longest(self, queue: str) -> int:
        """Return since when the call waits that has waited longest."""
        begins = self._begins[queue] = _kept(
            self._begins[queue], self._waiting[queue], lambda entry: entry[2].queue is not None
        )
        while begins[0][2].queue is None:
            heappop(begins)
        return begins[0][0]


def _kept(entries: list[Entry], holding: int, holds: Callable[[Entry], bool]) -> list[Entry]:
    """Return a heap, without the entries that hold no more as soon as they are the greater part."""
    if len(entries) <= 2 * holding + FEW:
        return entries
    kept = list(filter(holds, entries))
    heapify(kept)
    return kept
