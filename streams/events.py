"""Events that have been scanned: a table of numbers, of fixed width, and the texts that some of the numbers stand for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from streams.layout import SLOTS

EVENT = np.dtype(
    [
        ("ms", "<i8"),
        ("arrival", "<i8"),
        ("offset", "<i8"),
        ("id", "<u8"),
        ("source", "<u4"),
        ("row", "<u4"),
        ("present", "<u4"),
        ("text_at", "<u4"),
        ("text_bytes", "<u4"),
        ("taken", "u1"),
        ("type", "u1"),
        ("batch", "<u2"),
        ("slots", "<i8", (SLOTS,)),
    ]
)
"""`ms`: the event's time, epoch ms. `arrival`, `offset`: of the record that brought it. `id`: hash of (source, id).
`source`, `row`: numbers in `Names`. `present`: bit by slot. `text_…`: where in the texts its own is, if it has one. `taken`:
1 unless it is refused. `type`, `slots`: see `Layout`. `batch`: its place among those that are counted together. The same as
`native/event.h` says.
"""
Table = npt.NDArray[np.void]
"""Of EVENT."""
Mask = npt.NDArray[np.bool_]

RowKey = tuple[str | None, str | None, str | None, str | None]
"""Team, queue, campaign and rep as an event gives them."""


@dataclass(slots=True, eq=False)
class Names:
    """What the numbers stand for; it grows, and is never changed otherwise."""

    texts: list[str | None] = field(default_factory=lambda: [None])
    """Sources and names; 0 is nobody's number."""
    rows: list[RowKey] = field(default_factory=list)


@dataclass(slots=True)
class Events:
    """Events of one topic, in the order of their log."""

    table: Table
    names: Names
    texts: bytes = b""
    """UTF-8, of the texts that come with events."""

    def __len__(self) -> int:
        return len(self.table)

    def where(self, stays: Mask) -> "Events":
        """Return the events that stay."""
        # not `table[stays]`, which copies such a table field by field
        return Events(self.table.compress(stays), self.names, self.texts)

    def between(self, low: int, high: int) -> "Events":
        """Return the events in [low, high)."""
        return Events(self.table[low:high], self.names, self.texts)


def joined(batches: Iterable[Iterable[Events]]) -> list[Events]:
    """Return the events of several batches, each with the place of its batch, in as few tables as there are sets of names:
    nearly always one.
    """
    by_names: dict[int, list[Events]] = {}
    for place, parts in enumerate(batches):
        for part in parts:
            part.table["batch"] = place
            by_names.setdefault(id(part.names), []).append(part)
    # as bytes: numpy would compare the fields of each table with those of the next one
    return [
        Events(np.frombuffer(b"".join(part.table.tobytes() for part in found), dtype=EVENT), found[0].names)
        for found in by_names.values()
    ]
