"""The catalogue as the code reads it: built-in facts and KPIs from catalogue.yaml, a floor's own ones beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from schemas.events import TOPIC_OF
from streams.kpis.algebra import MS_A_SECOND, Formula, Words, quotient, total
from streams.kpis.currencies import EXPONENTS
from streams.kpis.model import Better, BucketSet, DistinctSource, Fact, Kind, Kpi, Part, Scope, Unit, versioned
from streams.kpis.versions import Versions

CONVERSATION_MS = Versions(60_000)
CURRENCY = "USD"
_NO_QUEUE = frozenset(Scope) - {Scope.QUEUE}
SCOPES_OF_TOPIC: Mapping[str, frozenset[Scope]] = {
    "calls": frozenset(Scope),
    "emails": _NO_QUEUE,
    "links": _NO_QUEUE,
    "crm": _NO_QUEUE,
    "reps": frozenset({Scope.FLOOR, Scope.TEAM, Scope.REP}),
}
"""The scopes that a topic's events belong to."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is counted, and every KPI, for one floor."""

    facts: tuple[Fact, ...]
    """Built-in ones in the order in which they are stored, then the floor's own."""
    buckets: Mapping[str, BucketSet]
    distinct: Mapping[str, tuple[DistinctSource, ...]]
    kpis: Mapping[str, Kpi]
    """By id, in the order in which people read them."""
    exponent: int
    """Digits of the floor currency's minor unit."""

    def layout(self, topic: str) -> tuple[str, ...]:
        """Return the places of a stored row of built-in facts: append-only, the same for every floor."""
        return tuple(place for fact in self.facts if not fact.own and fact.topic == topic for place in fact.places)

    def words(self) -> Words:
        """Return what own KPIs can be made of."""
        return Words({fact.name: fact for fact in self.facts}, self.kpis, self.exponent)

    def topics(self, kpi: Kpi) -> frozenset[str]:
        """Return the topics whose events make the KPI."""
        facts = {fact.name: fact for fact in self.facts}
        return frozenset(TOPIC_OF[event] for event in _events(kpi, facts, self))

    def with_facts(self, facts: Iterable[Fact]) -> "Catalogue":
        """Return the catalogue with further facts, which are a floor's own."""
        return replace(self, facts=(*self.facts, *facts))

    def with_kpis(self, kpis: Iterable[Kpi]) -> "Catalogue":
        """Return the catalogue with further KPIs; their scopes become those that all their events have."""
        added = {kpi.id: versioned([self._scoped(one) for one in kpi.versions]) for kpi in kpis}
        return replace(self, kpis={**self.kpis, **added})

    def _scoped(self, kpi: Kpi) -> Kpi:
        return replace(kpi, scopes=scopes_of(self.topics(kpi)))


def scopes_of(topics: Iterable[str]) -> tuple[Scope, ...]:
    """Return the scopes that all the topics share."""
    shared = frozenset(Scope).intersection(*(SCOPES_OF_TOPIC[topic] for topic in topics))
    return tuple(scope for scope in Scope if scope in shared)


@cache
def load(conversation_ms: Versions[int] = CONVERSATION_MS, currency: str = CURRENCY) -> Catalogue:
    """Return the built-in catalogue under a floor's settings. `currency` is one of `currencies.EXPONENTS`."""
    content = yaml.safe_load(resources.files("streams.kpis").joinpath("catalogue.yaml").read_text(encoding="utf-8"))
    settings = [(since, {"$conversation_ms": ms, "$currency": currency}) for since, ms in conversation_ms]
    catalogue = Catalogue(
        facts=tuple(_facts(content["facts"], settings)),
        buckets={
            name: BucketSet(kind["event"], kind["where"], kind["of"]) for name, kind in content["buckets"].items()
        },
        distinct={name: tuple(map(_source, sources)) for name, sources in content["distinct"].items()},
        kpis={},
        exponent=EXPONENTS[currency],
    )
    for group, kpis in content["kpis"].items():
        for name, kpi in kpis.items():
            catalogue = catalogue.with_kpis([_kpi(name, group, kpi, catalogue)])
    return catalogue


def _events(kpi: Kpi, facts: Mapping[str, Fact], catalogue: Catalogue) -> Iterator[str]:
    for part in kpi.parts:
        yield from (facts[name].event for name in part.facts)
        if part.distinct is not None:
            yield from (source.event for source in catalogue.distinct[part.distinct])
    if kpi.buckets is not None:
        yield catalogue.buckets[kpi.buckets].event


Settings = Sequence[tuple[int | None, Mapping[str, object]]]
"""(since, the floor's settings from then on), oldest first."""


def _facts(topics: Mapping[str, Mapping[str, Any]], settings: Settings) -> Iterator[Fact]:
    for facts in topics.values():
        for name, fact in facts.items():
            yield versioned(list(_fact(name, fact, settings)))


def _fact(name: str, fact: Mapping[str, Any], settings: Settings) -> Iterator[Fact]:
    """Yield a fact's versions: a new one where the settings make it another."""
    before: object = None
    for since, held in settings:
        where = {"state": fact["time_in"]} if "time_in" in fact else _settled(fact.get("where", {}), held)
        if where != before:
            yield Fact(name, fact["event"], where, fact.get("add"), policy=fact.get("policy"), since_ms=since)
        before = where


def _settled(where: Mapping[str, Any], settings: Mapping[str, object]) -> dict[str, object]:
    """Return `where` with the floor's settings. A lower bound of 0 from a setting asks for nothing: absent is 0 too."""
    settled: dict[str, object] = {}
    for name, wanted in where.items():
        if isinstance(wanted, dict):
            bounds = {side: settings.get(bound, bound) for side, bound in wanted.items()}
            if bounds != wanted and bounds == {"at_least": 0}:
                continue
            settled[name] = bounds
        else:
            settled[name] = settings.get(wanted, wanted) if isinstance(wanted, str) else wanted
    return settled


def _source(source: Mapping[str, Any]) -> DistinctSource:
    return DistinctSource(source["event"], source.get("where", {}), tuple(source["of"]))


def _kpi(name: str, group: str, kpi: Mapping[str, Any], catalogue: Catalogue) -> Kpi:
    quantile = kpi.get("quantile", {"of": None, "q": None})
    formula = _formula(kpi, Unit(kpi["unit"]), catalogue.words())
    return Kpi(
        id=name,
        group=group,
        kind=formula.kind,
        unit=formula.unit,
        better=Better(kpi["better"]),
        title=kpi["title"],
        definition=kpi["definition"],
        scopes=(),
        numerator=formula.numerator,
        denominator=formula.denominator,
        buckets=quantile["of"],
        quantile=quantile["q"],
    )


def _formula(kpi: Mapping[str, Any], unit: Unit, words: Words) -> Formula:
    if "facts" in kpi:
        return total(kpi["facts"], words, unit)
    if "numerator" in kpi:
        return quotient(kpi["numerator"], kpi["denominator"], words, unit)
    if "distinct" in kpi:
        return Formula(Kind.DISTINCT, unit, Part(distinct=kpi["distinct"]))
    return Formula(Kind.QUANTILE, unit, Part(divisor=MS_A_SECOND))
