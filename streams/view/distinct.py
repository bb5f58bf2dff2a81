"""Different ids in every window at once: for each id the last minute it was seen in, and how many ids have which.

All windows that are shown together end at the same instant. An id is therefore in a window if and only if the last
time it was seen is not before the window's begin, and the size of a set in a window is the number of ids whose last
minute lies in it. One table so serves all windows, nothing has to be taken out when time moves on, and every number
is the size of a true union over rows, partitions and topics.

A slot is one set of one name: name · sets + set. The table is open-addressing over (slot, id), both compared in full.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from streams.view.arrays import Flags, Hashes, Ints, Numbers

SMALLEST = 1 << 12
FULL = 0.6
FREE = -1
SPREAD = np.uint64(0x9E3779B97F4A7C15)


class LastSeen:
    """The last minute of every (slot, id).

    Minutes may be fed in any order. `coarsen` makes one bin of many minutes; what is fed into such a stretch
    afterwards must be fed as the stretch's first minute.
    """

    def __init__(self) -> None:
        self._make(SMALLEST)
        self._bins: list[int] = []
        """First minutes of the bins, ascending."""
        self._counts: dict[int, Numbers] = {}
        """Bin → how many ids of each slot were seen last in it."""

    def _make(self, size: int) -> None:
        self._ids = np.zeros(size, dtype=np.uint64)
        self._slots = np.full(size, FREE, dtype=np.int32)
        self._minutes = np.zeros(size, dtype=np.int32)
        self._used = 0

    def feed(self, slots: Numbers, ids: Hashes, minute: int) -> None:
        """Say that these (slot, id) were seen in a minute; pairs may repeat."""
        if not len(ids):
            return
        slots, ids = _each_once(slots, ids)
        if self._used + len(ids) > len(self._ids) * FULL:
            self._grow(len(ids))
        places, found = self._find(slots, ids)
        later = found.copy()
        later[found] = self._minutes[places[found]] < minute
        self._leave(places[later])
        self._minutes[places[later]] = minute
        self._insert(slots[~found], ids[~found], np.full(int((~found).sum()), minute, dtype=np.int32))
        self._count(minute, np.concatenate((slots[later], slots[~found])))

    def since(self, minutes: Iterable[int], slots: int) -> dict[int, Ints]:
        """Return for each given minute how many ids each of the first `slots` slots has seen in it or after it."""
        sizes = np.zeros(slots, dtype=np.int64)
        found = {}
        bins = len(self._bins)
        for minute in sorted(set(minutes), reverse=True):
            first = bisect_left(self._bins, minute)
            for bin_ in self._bins[first:bins]:
                counts = self._counts[bin_][:slots]
                sizes[: len(counts)] += counts
            bins = first
            found[minute] = sizes.copy()
        return found

    def union_since(self, minute: int, slots: Flags) -> int:
        """Return how many different ids any of the chosen slots has seen in the minute or after it."""
        chosen = (self._slots != FREE) & (self._minutes >= minute)
        chosen[chosen] = slots[self._slots[chosen]]
        return len(np.unique(self._ids[chosen]))

    def coarsen(self, minutes: range) -> None:
        """Make one bin of a stretch of minutes that no window will begin in any more, except at its first."""
        low, high = bisect_left(self._bins, minutes.start), bisect_left(self._bins, minutes.stop)
        inside = self._bins[low:high]
        if inside and inside != [minutes.start]:
            parts = [self._counts.pop(first) for first in inside]
            total = np.zeros(max(map(len, parts)), dtype=np.int32)
            for part in parts:
                total[: len(part)] += part
            self._counts[minutes.start] = total
            self._bins[low:high] = [minutes.start]

    def forget(self, before: int) -> None:
        """Drop what was last seen before a minute: no window goes back so far. `before` begins a bin."""
        for first in self._bins[: bisect_left(self._bins, before)]:
            del self._counts[first]
        del self._bins[: bisect_left(self._bins, before)]
        self._rehash(len(self._ids), self._minutes >= before)

    def _count(self, minute: int, slots: Numbers) -> None:
        if not len(slots):
            return
        added = np.bincount(slots).astype(np.int32)
        held = self._counts.get(minute)
        if held is None:
            insort(self._bins, minute)
            self._counts[minute] = added
        elif len(held) >= len(added):
            held[: len(added)] += added
        else:
            added[: len(held)] += held
            self._counts[minute] = added

    def _leave(self, places: npt.NDArray[np.intp]) -> None:
        """Take ids out of the bins that they were seen in last."""
        if not len(places):
            return
        bins = np.searchsorted(np.array(self._bins), self._minutes[places], side="right") - 1
        for bin_ in np.unique(bins).tolist():
            leaving = np.bincount(self._slots[places[bins == bin_]]).astype(np.int32)
            self._counts[self._bins[bin_]][: len(leaving)] -= leaving

    def _home(self, slots: Numbers, ids: Hashes) -> npt.NDArray[np.intp]:
        mixed = (ids + slots.astype(np.uint64) * SPREAD) ^ (ids >> np.uint64(32))
        places: npt.NDArray[np.intp] = (mixed & np.uint64(len(self._ids) - 1)).astype(np.intp)
        return places

    def _find(self, slots: Numbers, ids: Hashes) -> tuple[npt.NDArray[np.intp], Flags]:
        """Return each pair's place and whether it is there (else the place is where its probe ended)."""
        places = self._home(slots, ids)
        found = (self._ids[places] == ids) & (self._slots[places] == slots)
        going = np.flatnonzero(~found & (self._slots[places] != FREE))
        mask = len(self._ids) - 1
        while len(going):
            places[going] = (places[going] + 1) & mask
            at = places[going]
            hit = (self._ids[at] == ids[going]) & (self._slots[at] == slots[going])
            found[going[hit]] = True
            going = going[~hit & (self._slots[at] != FREE)]
        return places, found

    def _insert(self, slots: Numbers, ids: Hashes, minutes: Numbers) -> None:
        """Insert pairs that are not there and differ from one another."""
        self._used += len(ids)
        places, mask = self._home(slots, ids), len(self._ids) - 1
        while len(ids):
            free = np.flatnonzero(self._slots[places] == FREE)
            _, winners = np.unique(places[free], return_index=True)
            won = free[winners]
            at = places[won]
            self._ids[at], self._slots[at], self._minutes[at] = ids[won], slots[won], minutes[won]
            left = np.ones(len(ids), dtype=np.bool_)
            left[won] = False
            slots, ids, minutes, places = slots[left], ids[left], minutes[left], (places[left] + 1) & mask

    def _grow(self, more: int) -> None:
        size = len(self._ids)
        while (self._used + more) * 1.5 > size * FULL:
            size *= 2
        self._rehash(size, np.ones(len(self._ids), dtype=np.bool_))

    def _rehash(self, size: int, keep: Flags) -> None:
        keep &= self._slots != FREE
        slots, ids, minutes = self._slots[keep], self._ids[keep], self._minutes[keep]
        self._make(size)
        self._insert(slots, ids, minutes)


def _each_once(slots: Numbers, ids: Hashes) -> tuple[Numbers, Hashes]:
    order = np.lexsort((ids, slots))
    slots, ids = slots[order], ids[order]
    keep = np.ones(len(ids), dtype=np.bool_)
    keep[1:] = (ids[1:] != ids[:-1]) | (slots[1:] != slots[:-1])
    return slots[keep], ids[keep]
