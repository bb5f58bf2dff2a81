"""The catalogue as a page for people: every KPI with its titles, formula, unit, kind and scopes, and every fact."""

from collections.abc import Iterable, Iterator, Mapping

from streams.kpis.catalogue import Catalogue
from streams.kpis.model import Fact, Kind, Kpi, Part

GROUPS = {"phone": "Phone", "activity": "Activity", "results": "Results and efficiency", "own": "The floor's own"}
ADDITIVE = {Kind.COUNT: "yes", Kind.SUM: "yes"}
HEAD = """# KPIs

For everyone who reads a board. This page follows from `streams/kpis/catalogue.yaml`, which the code reads too.

A KPI is made of *facts*: integers that events add to, kept by minute and by quarter of an hour for every team, queue,
campaign and rep, and summed for what is asked. Ratios are never averaged: numerators and denominators are summed first.
*Additive* says whether the values of teams or hours may be added up to that of the floor or the day. A ratio or average
whose denominator is 0 has no value; counts and sums are then 0.
"""
FACTS = """## Facts

What adds to each fact: events of the type whose fields are as said add 1, or the value of a field.
"""


def page(catalogue: Catalogue) -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines(catalogue))


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield HEAD
    groups = dict.fromkeys(kpi.group for kpi in catalogue.kpis.values())
    for group in groups:
        yield f"## {GROUPS[group]}\n"
        yield from _table(
            ("KPI", "English", "日本語", "formula", "unit", "kind", "additive", "better", "scopes", "what it is"),
            (_kpi(kpi) for kpi in catalogue.kpis.values() if kpi.group == group),
        )
    yield FACTS
    yield from _table(("fact", "event", "where", "adds"), map(_fact, catalogue.facts))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    heads = list(heads)
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _kpi(kpi: Kpi) -> tuple[str, ...]:
    scopes = ", ".join(scope.value for scope in kpi.scopes)
    additive = ADDITIVE.get(kpi.kind, "no")
    title = kpi.title
    what = (kpi.unit.value, kpi.kind.value, additive, kpi.better.value, scopes, kpi.definition)
    return (f"`{kpi.id}`", title["en"], title["ja"], formula(kpi), *what)


def formula(kpi: Kpi) -> str:
    """Return a KPI's formula over facts: `Σ a + b ÷ Σ c`."""
    if kpi.quantile is not None:
        return f"{kpi.quantile:.0%} quantile of {kpi.buckets}"
    if kpi.denominator is None:
        return _part(kpi.numerator)
    return f"{_part(kpi.numerator)} ÷ {_part(kpi.denominator)}"


def _part(part: Part) -> str:
    if part.distinct is not None:
        return f"different {part.distinct}"
    names = " + ".join(part.facts)
    return f"({names})" if len(part.facts) > 1 else names


def _fact(fact: Fact) -> tuple[str, str, str, str]:
    return f"`{fact.name}`", fact.event, conditions(fact), adds(fact)


def adds(fact: Fact) -> str:
    """Return what an event adds to a fact."""
    if fact.policy:
        return f"1 to {fact.policy}, by the policy of the call's queue"
    if fact.timed:
        return "ms until the rep's next change, 12 h at most; until the instant shown where none is known"
    return str(fact.add)


def conditions(fact: Fact) -> str:
    """Return what the fields of an event must be, so that it adds to a fact; empty where any will do."""
    return _where(fact.where)


def _where(where: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {_wanted(wanted)}" for name, wanted in where.items())


def _wanted(wanted: object) -> str:
    if isinstance(wanted, Mapping):
        words = {"at_least": "at least", "below": "below"}
        return " and ".join(f"{words[str(side)]} {bound}" for side, bound in wanted.items())
    if isinstance(wanted, list | tuple):
        return " or ".join(map(str, wanted))
    return str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
