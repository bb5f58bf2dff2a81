"""The ids that an owner has seen: an open-addressing table of hashes, asked a chunk at a time.

A slot holds a 64-bit hash (0 = free) and the arrival hour in which the id counted last. Probing is linear; slots are
never freed between rehashes, so a probe ends at the first free slot. What has expired goes at the next rehash. A slot
takes 12 bytes, and of a large table 20 to 60 % of the slots are taken: 20 to 60 bytes an id.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Hours = npt.NDArray[np.int64]
Slots = npt.NDArray[np.intp]

SMALLEST = 1 << 12
STAND_IN_FOR_ZERO = 0x9E3779B97F4A7C15
FULL = 0.6
FEW = 200
"""So few ids are looked up one by one: numpy's calls would cost more than they save."""
LAST = 16
"""So few of many ids, which have not been found yet, are looked for one by one."""


class SeenTable:
    """Remembers for `hours`: an id is known while at most so many hours lie between its hour and the asked one.

    Hours are whole, so an id is known for at least `hours`, and never for more than one hour longer.
    """

    def __init__(self, hours: int = 24) -> None:
        self._horizon = hours
        self._make(SMALLEST)

    def _make(self, size: int) -> None:
        self._hashes = np.zeros(size, dtype=np.uint64)
        self._hours = np.zeros(size, dtype=np.int32)
        self._used = 0
        self._mask = size - 1
        self._hash_at, self._hour_at = self._hashes.data, self._hours.data
        """The same, for single slots: an array would make an object of numpy's for each."""

    def load(self, hour: int, ids: bytes) -> None:
        """Take over the stored ids of one arrival hour."""
        hashes = np.frombuffer(ids, dtype=np.uint64)
        self.check_and_add(hashes, np.full(len(hashes), hour, dtype=np.int64))

    def contains(self, ids: Hashes) -> npt.NDArray[np.bool_]:
        """Say for each id whether it is in the table, whatever its age."""
        if len(ids) <= FEW:
            return np.array([bool(self._hash_at[self._slot(one, one)]) for one in _each(ids)], dtype=np.bool_)
        return self._find(_all(ids))[1]

    def _slot(self, wanted: int, start: int) -> int:
        """Return the slot that holds an id, or else the free one that ends the search for it from `start` on."""
        hash_at, mask = self._hash_at, self._mask
        slot = start & mask
        while (held := hash_at[slot]) and held != wanted:
            slot = (slot + 1) & mask
        return slot

    def check_and_add(self, ids: Hashes, hours: Hours) -> npt.NDArray[np.bool_]:
        """Return for each id, in order, whether it counts (True) or is known already; what counts is remembered."""
        if not len(ids):
            return np.zeros(0, dtype=np.bool_)
        if (self._used + len(ids)) > len(self._hashes) * FULL:
            self._grow(len(ids), int(hours.max()))
        if len(ids) <= FEW:
            return np.array([*map(self._check_one, _each(ids), hours.tolist())], dtype=np.bool_)
        wanted = _all(ids)
        slots, found = self._find(wanted)
        aged = found & (hours - self._hours[slots] > self._horizon)
        counts = ~found
        new = np.flatnonzero(counts)
        repeats = self._add(slots[new], wanted[new], hours[new])
        for place in np.sort(np.concatenate((np.flatnonzero(aged), new[repeats]))).tolist():
            counts[place] = self._check_one(int(wanted[place]), int(hours[place]))
        return counts

    def _add(self, slots: Slots, ids: Hashes, hours: Hours) -> npt.NDArray[np.bool_]:
        """Add ids that were not in the table; say of each whether it stood before it among them. The first one's hour
        is kept: where a slot is assigned to several times, the last assignment stays.
        """
        slots = self._place(slots, ids)
        order = np.arange(len(ids), dtype=np.int32)
        self._hours[slots[::-1]] = order[::-1]
        repeats: npt.NDArray[np.bool_] = self._hours[slots] != order
        self._hours[slots[::-1]] = hours[::-1]
        self._used += len(ids) - int(np.count_nonzero(repeats))
        return repeats

    def _check_one(self, wanted: int, hour: int) -> bool:
        slot = self._slot(wanted, wanted)
        if self._hash_at[slot]:
            if hour - self._hour_at[slot] <= self._horizon:
                return False
        else:
            self._hash_at[slot] = wanted
            self._used += 1
        self._hour_at[slot] = hour
        return True

    def _begin(self, ids: Hashes) -> Slots:
        """Return where the search for each id begins."""
        return (ids & np.uint64(self._mask)).astype(np.intp)

    def _find(self, ids: Hashes) -> tuple[Slots, npt.NDArray[np.bool_]]:
        """Return each id's slot and whether it holds the id (else it is the free slot that ended the probe)."""
        slots = self._begin(ids)
        held = self._hashes[slots]
        found = held == ids
        going = np.flatnonzero((held != 0) & ~found)
        while len(going) > LAST:
            slots[going] = (slots[going] + 1) & self._mask
            held = self._hashes[slots[going]]
            hit = held == ids[going]
            found[going[hit]] = True
            going = going[(held != 0) & ~hit]
        for place in going.tolist():
            wanted = int(ids[place])
            slots[place] = slot = self._slot(wanted, int(slots[place]) + 1)
            found[place] = self._hash_at[slot] != 0
        return slots, found

    def _place(self, slots: Slots, ids: Hashes) -> Slots:
        """Put ids that are not in the table into free slots, which are looked for from `slots` on; return each one's."""
        going = np.arange(len(ids))
        while len(going) > LAST:
            at, some = slots[going], ids[going]
            free = self._hashes[at] == 0
            self._hashes[at[free]] = some[free]
            going = going[self._hashes[at] != some]
            slots[going] = (slots[going] + 1) & self._mask
        for place in going.tolist():
            wanted = int(ids[place])
            slots[place] = slot = self._slot(wanted, int(slots[place]))
            self._hash_at[slot] = wanted
        return slots

    def _grow(self, more: int, hour: int) -> None:
        """Make room: drop what has expired, and double as often as needed. Arrivals may go back a little."""
        keep = (self._hashes != 0) & (self._hours >= hour - self._horizon - 1)
        ids, hours = self._hashes[keep], self._hours[keep].astype(np.int64)
        size = SMALLEST
        while (len(ids) + more) > size * FULL / 1.5:
            size *= 2
        self._make(size)
        self._add(self._begin(ids), ids, hours)


def _each(ids: Hashes) -> Iterator[int]:
    """Yield ids as they stand in the table, where 0 is a free slot."""
    return (one or STAND_IN_FOR_ZERO for one in ids.tolist())


def _all(ids: Hashes) -> Hashes:
    """Return ids as they stand in the table."""
    return np.where(ids == 0, np.uint64(STAND_IN_FOR_ZERO), ids)
