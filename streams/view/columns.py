"""Where each figure stands in the view's arrays: one numbering over the facts, bucket sets and id sets of all topics."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from streams.kpis.catalogue import SCOPES_OF_TOPIC, Catalogue
from streams.kpis.model import Kpi, Scope
from streams.kpis.time_in_state import places_of

SCOPES = tuple(Scope)
"""A scope's number is its place here."""
BUCKETS = 1536
"""Buckets that a distribution can have: three durations of a day fall into the 1468th."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbering of one catalogue."""

    facts: Mapping[str, int]
    """Place of a stored fact → its column."""
    dense: Mapping[str, tuple[int, int]]
    """Topic → first column of its rows of built-in facts, and how many there are."""
    states: Mapping[str, int]
    """State → place of its time in a row of the topic `reps`."""
    buckets: Mapping[str, int]
    distinct: Mapping[str, int]
    scopes: Mapping[str, tuple[int, ...]]
    """Topic → numbers of the scopes that its events belong to."""
    bucket_scopes: tuple[tuple[int, ...], ...]
    """By bucket set: the scopes in which a KPI asks for it."""
    distinct_scopes: tuple[tuple[int, ...], ...]

    @property
    def width(self) -> int:
        """How many columns a name's facts take."""
        return len(self.facts)

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Columns":
        """Number a catalogue."""
        facts: dict[str, int] = {}
        dense: dict[str, tuple[int, int]] = {}
        for topic in SCOPES_OF_TOPIC:
            layout = catalogue.layout(topic)
            dense[topic] = (len(facts), len(layout))
            _number(layout, facts)
        _number((place for fact in catalogue.facts if fact.own for place in fact.places), facts)
        kpis = [one for kpi in catalogue.kpis.values() for one in kpi.versions]
        return cls(
            facts=facts,
            dense=dense,
            states=places_of(catalogue),
            buckets={name: number for number, name in enumerate(catalogue.buckets)},
            distinct={name: number for number, name in enumerate(catalogue.distinct)},
            scopes={topic: _numbers(scopes) for topic, scopes in SCOPES_OF_TOPIC.items()},
            bucket_scopes=tuple(_asked(name, kpis, lambda kpi: [kpi.buckets]) for name in catalogue.buckets),
            distinct_scopes=tuple(_asked(name, kpis, _sets) for name in catalogue.distinct),
        )


def _number(names: Iterable[str], numbers: dict[str, int]) -> None:
    for name in names:
        numbers[name] = len(numbers)


def _numbers(scopes: Iterable[Scope]) -> tuple[int, ...]:
    return tuple(sorted(SCOPES.index(scope) for scope in scopes))


def _sets(kpi: Kpi) -> list[str | None]:
    return [part.distinct for part in kpi.parts]


def _asked(name: str, kpis: Iterable[Kpi], named: Callable[[Kpi], list[str | None]]) -> tuple[int, ...]:
    return _numbers({scope for kpi in kpis if name in named(kpi) for scope in kpi.scopes})
