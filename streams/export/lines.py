"""Families of a few series, written one by one."""

from collections.abc import Iterable
from dataclasses import dataclass

from streams.export.labels import series
from streams.export.names import Family

Sample = tuple[tuple[str, ...], float]
"""The values of the family's labels, and the number."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A part of the page and how many series are in it."""

    text: str
    series: int


def written(family: Family, samples: Iterable[Sample]) -> Lines:
    """Return a family with its header; without series it is left out."""
    found = [f"{series(family, values)} {number!r}\n" for values, number in samples]
    return Lines(family.header + "".join(found), len(found)) if found else Lines("", 0)


def together(parts: Iterable[Lines]) -> Lines:
    """Return parts one after the other."""
    parts = list(parts)
    return Lines("".join(part.text for part in parts), sum(part.series for part in parts))
