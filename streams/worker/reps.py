"""The changes of state that reps report, in the order in which they happened, and the time between them."""

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from schemas.events.fields import UNASSIGNED
from streams.events import Events, RowKey
from streams.kpis.time_in_state import Change, Rows, TimeInState
from streams.layout import Layout
from streams.store.names import row_name
from streams.store.protocol import HOUR_MS, Memory

KEPT_MS = 61 * HOUR_MS
"""A change may arrive 48 h late, a state lasts at most 12 h; an hour is for arrivals that go back."""
FORGOTTEN_AFTER_MS = 36 * 24 * HOUR_MS
"""A last change is kept until no window can hold its 12 h any more: readers count them, for no other change has
closed them."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Change | str]).decode


def changes_of(packed: bytes) -> list[Change]:
    """Return a rep's changes as they are stored, without the text after them: see `RepChanges.changes`."""
    return [change for change in _unpack(packed) if not isinstance(change, str)]


class RepChanges:
    """Recent changes of each rep of one partition of `reps`, by event time, equal times by offset.

    What is dropped depends on the records' arrival alone, not on where batches end nor on when owners change.
    """

    def __init__(self, memory: Memory, time: TimeInState, layout: Layout) -> None:
        self._changes: dict[str, list[Change]] = {rep: changes_of(packed) for rep, packed in memory.reps.items()}
        self._time = time
        self._slot, self._states = layout.slots["state"], ("", *layout.choices["state"])
        self._touched: dict[str, None] = {}
        self._swept = 0

    def take(self, events: Events, rows: Rows) -> None:
        """Follow accepted `rep.state_changed` events; add to `rows` the intervals that they close."""
        table, names = events.table, events.names.rows
        columns = (table["row"], table["ms"], table["offset"], table["slots"][:, self._slot], table["arrival"])
        for row, ms, offset, state, arrival in zip(*(column.tolist() for column in columns), strict=True):
            team, _, _, rep = names[row]
            assert rep is not None  # the model says so
            change = (ms, offset, self._states[state], team)
            changes = self._changes.setdefault(rep, [])
            place = len(changes) if changes and changes[-1] < change else bisect(changes, change)
            changes.insert(place, change)
            self._time.inserted(rep, changes, place, rows)
            _trim(changes, arrival)
            self._touched[rep] = None

    def lasting(self) -> Iterator[RowKey]:
        """Yield the keys of the states that still last of all reps that have new changes."""
        return (_key(rep, self._changes[rep]) for rep in self._touched)

    def changes(self, arrival: int, names: Mapping[RowKey, str]) -> dict[str, bytes | None]:
        """Return the changes of each rep that has new ones, packed; None for a rep that is forgotten.

        `names` holds the rows of `lasting`. Where names beyond the limit share a row, it is packed after the changes:
        readers count a state that still lasts where its time will be when it has ended.
        """
        if arrival // HOUR_MS > self._swept:
            self._swept = arrival // HOUR_MS
            oldest = _oldest(arrival)
            for rep in [rep for rep, changes in self._changes.items() if changes[-1][0] < oldest]:
                del self._changes[rep]
                self._touched[rep] = None
        touched, self._touched = self._touched, {}
        return {rep: _packed(rep, self._changes[rep], names) if rep in self._changes else None for rep in touched}


def _key(rep: str, changes: Sequence[Change]) -> RowKey:
    return (changes[-1][3], None, None, rep)


def _packed(rep: str, changes: Sequence[Change], names: Mapping[RowKey, str]) -> bytes:
    row = names[_key(rep, changes)]
    own = row_name(changes[-1][3] or UNASSIGNED, UNASSIGNED, UNASSIGNED, rep)
    return _pack(changes if row == own else [*changes, row])


def _trim(changes: list[Change], arrival: int) -> None:
    """Drop what no late change can reach, save the last of it: it may still be running when the next one begins."""
    while len(changes) > 1 and (changes[1][0] < arrival - KEPT_MS or changes[0][0] < _oldest(arrival)):
        del changes[0]


def _oldest(arrival: int) -> int:
    """Return before which a rep's last change is forgotten. It moves once an hour, so that few look for such reps."""
    return arrival // HOUR_MS * HOUR_MS - FORGOTTEN_AFTER_MS
