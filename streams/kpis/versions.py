"""Definitions that change at an instant: the new one takes effect then, and the old one keeps its past."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Versions(Generic[T]):
    """A definition and what it became."""

    first: T
    later: tuple[tuple[int, T], ...] = ()
    """(since, epoch ms; definition), ascending."""

    @property
    def latest(self) -> T:
        """The last one, also if it is yet to take effect."""
        return self.later[-1][1] if self.later else self.first

    def at(self, ms: int) -> T:
        """Return the definition in force at an epoch time in ms."""
        for since, definition in reversed(self.later):
            if ms >= since:
                return definition
        return self.first

    def __iter__(self) -> Iterator[tuple[int | None, T]]:
        """Yield (since, definition), oldest first; the first has no since."""
        yield None, self.first
        yield from self.later
