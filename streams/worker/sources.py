"""Who sends events: each source by a number, so that a chunk's sources are a column of numbers."""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import xxhash

from streams.times import Times

MOST = 10_000
"""So many sources have numbers at once: an id that changes from event to event, sent as the source, fills no memory."""

MANY = 50
"""So many events are looked through at once: for fewer it does not pay."""

_source_of = attrgetter("source")


class Sources:
    """The sources that a topic's events came from."""

    def __init__(self) -> None:
        self._numbers = _Numbered()

    def of(self, events: Iterable[Any]) -> list[int]:
        """Return the number of each event's source, its place in `names`. Once there are too many, all begin anew."""
        if len(self._numbers) >= MOST:
            self._numbers = _Numbered()
        return [*map(self._numbers.__getitem__, map(_source_of, events))]

    def seeds(self, numbers: Iterable[int]) -> Iterator[int]:
        """Yield what the ids of each source are hashed with: so (source, id) is hashed without joining the two."""
        return map(self._numbers.seeds.__getitem__, numbers)

    @property
    def names(self) -> list[str]:
        """The sources that have numbers, each at its number's place; it grows, and is never changed otherwise."""
        return self._numbers.names


def latest(numbers: Sequence[int], names: Sequence[str], times: Times) -> Iterator[tuple[str, int]]:
    """Yield sources with times of their events, among them the latest of each."""
    if len(numbers) < MANY:
        yield from zip(map(names.__getitem__, numbers), times.tolist(), strict=True)
        return
    found = np.zeros(len(names), dtype=np.int64)
    np.maximum.at(found, numbers, times)
    for number in np.flatnonzero(found).tolist():
        yield names[number], int(found[number])


class _Numbered(dict[str, int]):
    """Source → its number."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.seeds: list[int] = []

    def __missing__(self, source: str) -> int:
        number = self[source] = len(self.names)
        self.names.append(source)
        self.seeds.append(xxhash.xxh3_64_intdigest(source.encode()))
        return number
