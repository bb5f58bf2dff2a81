"""A chunk's events that count so far."""

from collections.abc import Sequence
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

    def drop(self, places: Sequence[int] | npt.NDArray[np.intp]) -> None:
        """Take places out of all columns."""
        stays = np.ones(len(self.events), dtype=np.bool_)
        stays[places] = False
        self.times, self.arrivals = self.times[stays], self.arrivals[stays]
        kept: list[bool] = stays.tolist()
        self.events, self.offsets = list(compress(self.events, kept)), list(compress(self.offsets, kept))
