"""Which names share one row, so that the page stays within its limit. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Weight(NamedTuple):
    """A name of a scope: how much happened there, and how many series it takes."""

    size: int
    scope: str
    name: int
    series: int


@dataclass(frozen=True, slots=True)
class Folding:
    """What does not stand on the page by itself."""

    names: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Scope → the names that share its row `__other__`."""
    dropped: frozenset[str] = frozenset()
    """Scopes of which not even that row has room."""
    series: int = 0
    """How many series of single names the page so lacks."""


NOTHING_FOLDED = Folding()


def fold(weights: Iterable[Weight], other: Mapping[str, int], budget: int) -> Folding:
    """Return the smallest names to fold so that the page has at most `budget` series.

    `other` says for each scope how many series its row `__other__` may take, and what cannot be folded is not among
    the weights. When all of them do not help, scopes go as a whole, those with the least in them first.
    """
    ordered = sorted(weights)
    total = sum(weight.series for weight in ordered)
    if total <= budget:
        return NOTHING_FOLDED
    folded: dict[str, set[int]] = {}
    sizes: dict[str, int] = {}
    for weight in ordered:
        if total <= budget:
            break
        if weight.scope not in folded:
            total += other[weight.scope]
        folded.setdefault(weight.scope, set()).add(weight.name)
        total -= weight.series
    for weight in ordered:
        sizes[weight.scope] = sizes.get(weight.scope, 0) + weight.size
    dropped = set()
    for scope in sorted(folded, key=lambda scope: (sizes[scope], scope)):
        if total > budget:
            dropped.add(scope)
            total -= other[scope]
    gone = {(scope, name) for scope, names in folded.items() for name in names}
    series = sum(weight.series for weight in ordered if (weight.scope, weight.name) in gone)
    return Folding({scope: frozenset(names) for scope, names in folded.items()}, frozenset(dropped), series)
