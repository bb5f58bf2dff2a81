"""Which figures can be made of which: sums of facts, ratios of sums, and never a sum of anything else.

Ratios are not averaged and different ids are not added up: such figures look right and are wrong, so that the
grammar of the catalogue and of floor.yaml cannot say them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.kpis.model import Fact, Kind, Kpi, Measure, Part, Unit

MS_A_SECOND = 1000
MS_AN_HOUR = 3_600_000

UNIT_OF_SUM = {Measure.COUNT: Unit.COUNT, Measure.TIME: Unit.SECONDS, Measure.AMOUNT: Unit.CURRENCY}
UNITS_OF_RATIO = {
    (Measure.COUNT, Measure.COUNT): (Unit.RATIO, Unit.COUNT),
    (Measure.TIME, Measure.TIME): (Unit.RATIO, Unit.COUNT),
    (Measure.AMOUNT, Measure.AMOUNT): (Unit.RATIO, Unit.COUNT),
    (Measure.TIME, Measure.COUNT): (Unit.SECONDS,),
    (Measure.AMOUNT, Measure.COUNT): (Unit.CURRENCY,),
    (Measure.COUNT, Measure.TIME): (Unit.PER_HOUR,),
    (Measure.AMOUNT, Measure.TIME): (Unit.PER_HOUR,),
}
"""(numerator, denominator) → the units that the quotient may have, the usual one first."""


class CannotCombine(ValueError):
    """The names do not make a figure; `name` is the culprit, if it is one name."""

    def __init__(self, reason: str, name: str | None = None) -> None:
        super().__init__(reason)
        self.name = name


class UnknownName(CannotCombine):
    """There is neither a fact nor a KPI of that name."""


@dataclass(frozen=True, slots=True)
class Words:
    """What figures may be made of. A name that is both a fact and a KPI is the fact."""

    facts: Mapping[str, Fact]
    kpis: Mapping[str, Kpi]
    exponent: int
    """Digits of the floor currency's minor unit."""


@dataclass(frozen=True, slots=True)
class Formula:
    """How a figure comes from facts."""

    kind: Kind
    unit: Unit
    numerator: Part
    denominator: Part | None = None


def total(names: Sequence[str], words: Words, unit: Unit | None = None) -> Formula:
    """Return the sum of `names`, or the distinct count that a single name stands for. Raises CannotCombine."""
    part, measure = _part(names, words)
    shown = _unit(unit, (UNIT_OF_SUM[measure],))
    if part.distinct is not None:
        return Formula(Kind.DISTINCT, shown, part)
    return Formula(Kind.COUNT if shown is Unit.COUNT else Kind.SUM, shown, part)


def quotient(numerator: Sequence[str], denominator: Sequence[str], words: Words, unit: Unit | None = None) -> Formula:
    """Return Σ numerator ÷ Σ denominator. Raises CannotCombine."""
    above, above_measure = _part(numerator, words)
    below, below_measure = _part(denominator, words)
    units = UNITS_OF_RATIO.get((above_measure, below_measure))
    if units is None:
        raise CannotCombine(f"no unit for {_shown(above_measure)} divided by {_shown(below_measure)}")
    shown = _unit(unit, units)
    if shown is Unit.PER_HOUR:
        below = Part(below.facts, divisor=MS_AN_HOUR)
    return Formula(Kind.AVERAGE if shown is Unit.SECONDS else Kind.RATIO, shown, above, below)


def _part(names: Sequence[str], words: Words) -> tuple[Part, Measure]:
    if not names:
        raise CannotCombine("an empty list adds up to nothing")
    if len(names) == 1 and (distinct := _distinct(names[0], words)):
        return Part(distinct=distinct), Measure.COUNT
    facts = tuple(fact for name in names for fact in _addends(name, words))
    measures = dict.fromkeys(words.facts[fact].measure for fact in facts)
    if len(measures) > 1:
        raise CannotCombine(f"a sum of {' and '.join(map(_shown, measures))} has no unit")
    (measure,) = measures
    return Part(facts, divisor=_divisor(measure, words)), measure


def _distinct(name: str, words: Words) -> str | None:
    kpi = None if name in words.facts else words.kpis.get(name)
    return kpi.numerator.distinct if kpi and kpi.kind is Kind.DISTINCT and not kpi.earlier else None


def _addends(name: str, words: Words) -> tuple[str, ...]:
    if name in words.facts:
        return (name,)
    kpi = words.kpis.get(name)
    if kpi is None:
        raise UnknownName(f"there is no fact or KPI {name!r}", name)
    if kpi.earlier:
        raise CannotCombine(f"{name!r} has versions: name the facts of the one that is meant", name)
    if kpi.kind is Kind.DISTINCT:
        raise CannotCombine(f"a sum of distinct counts cannot be expressed: {name!r} counts different ids", name)
    if kpi.kind is Kind.QUANTILE:
        raise CannotCombine(f"quantiles cannot be added up or divided: {name!r} is one", name)
    if kpi.denominator is not None:
        raise CannotCombine(f"a ratio of ratios cannot be expressed: {name!r} is a ratio, name its facts", name)
    return kpi.numerator.facts


def _divisor(measure: Measure, words: Words) -> int:
    if measure is Measure.AMOUNT:
        return int(10**words.exponent)
    return MS_A_SECOND if measure is Measure.TIME else 1


def _unit(wanted: Unit | None, possible: Sequence[Unit]) -> Unit:
    if wanted is None:
        return possible[0]
    if wanted not in possible:
        raise CannotCombine(f"unit {wanted.value} does not fit: the figure is in {' or '.join(possible)}")
    return wanted


def _shown(measure: Measure) -> str:
    return {Measure.COUNT: "counts", Measure.TIME: "seconds", Measure.AMOUNT: "amounts"}[measure]
