"""From sums to figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from streams.kpis.buckets import quantile
from streams.kpis.model import Kind, Kpi, Part


class Sums(Protocol):
    """The sums of one scope and name in one window; 0 and empty where nothing happened."""

    def fact(self, name: str) -> int:
        """Return a fact's sum, of a wide fact both places together."""

    def distinct(self, name: str) -> int:
        """Return the size of a distinct set."""

    def buckets(self, name: str) -> Iterable[tuple[int, int]]:
        """Return a bucket set as (bucket, count) pairs in any order; buckets may repeat."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI's value, in its unit; None when there is none."""

    value: float | None
    numerator: float | None = None
    """Of ratios and averages, also of those without a value; value = numerator ÷ denominator."""
    denominator: float | None = None


def evaluate(kpi: Kpi, sums: Sums) -> Figure:
    """Return the figure of a KPI.

    A ratio or average whose denominator is 0 has no value, nor has the quantile of nothing; counts and sums are then 0.
    """
    if kpi.kind is Kind.QUANTILE:
        return _quantile(kpi, sums)
    numerator = _side(kpi.numerator, sums)
    if kpi.denominator is None:
        return Figure(numerator)
    denominator = _side(kpi.denominator, sums)
    return Figure(numerator / denominator if denominator else None, numerator, denominator)


def _side(part: Part, sums: Sums) -> float:
    count = sum(map(sums.fact, part.facts)) if part.distinct is None else sums.distinct(part.distinct)
    return count if part.divisor == 1 else count / part.divisor


def _quantile(kpi: Kpi, sums: Sums) -> Figure:
    assert kpi.buckets is not None and kpi.quantile is not None
    value = quantile(sums.buckets(kpi.buckets), kpi.quantile)
    return Figure(None if value is None else value / kpi.numerator.divisor)
