"""A chunk's events that count so far."""

from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from streams.times import Times


@dataclass(slots=True)
class Accepted:
    """Columns, equally long, in the order of the log."""

    events: list[Any]
    times: Times
    arrivals: Times
    offsets: list[int]

    def keep(self, stays: npt.NDArray[np.bool_]) -> None:
        """Keep what stays, in all columns."""
        self.times, self.arrivals = self.times[stays], self.arrivals[stays]
        kept: list[bool] = stays.tolist()
        self.events, self.offsets = list(compress(self.events, kept)), list(compress(self.offsets, kept))
