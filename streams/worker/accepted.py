"""Events that count so far, as columns: a reader makes them, and a partition keeps those that it has not seen."""

from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.store.seen import Hashes
from streams.times import Times
from streams.transport import Record


@dataclass(slots=True)
class Accepted:
    """Columns, equally long, in the order of the log."""

    events: list[Any]
    records: list[Record]
    times: Times
    arrivals: Times
    ids: Hashes
    """Each event's (source, id), hashed."""
    sources: list[int]
    """Each event's source by its place in `names`."""
    names: list[str]
    """No column: the sources that have numbers."""

    def keep(self, stays: npt.NDArray[np.bool_]) -> None:
        """Keep what stays, in all columns."""
        self.times, self.arrivals, self.ids = self.times[stays], self.arrivals[stays], self.ids[stays]
        kept: list[bool] = stays.tolist()
        self.events, self.records = list(compress(self.events, kept)), list(compress(self.records, kept))
        self.sources = list(compress(self.sources, kept))

    def part(self, low: int, high: int) -> "Accepted":
        """Return the events in [low, high)."""
        return Accepted(
            self.events[low:high],
            self.records[low:high],
            self.times[low:high],
            self.arrivals[low:high],
            self.ids[low:high],
            self.sources[low:high],
            self.names,
        )
