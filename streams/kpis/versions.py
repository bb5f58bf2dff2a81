"""Definitions that change at an instant: the new one takes effect then, and the old one keeps its past."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Versions(Generic[T]):
    """A definition and what it became."""

    first: T
    later: tuple[tuple[int, T], ...] = ()
    """(since, epoch ms; definition), ascending."""

    @classmethod
    def of(cls, dated: Sequence[tuple[int | None, T]]) -> "Versions[T]":
        """Return the versions of (since, definition), oldest first: at least the first one, which has no since."""
        (_, first), *later = dated
        return cls(first, tuple((since, definition) for since, definition in later if since is not None))

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
