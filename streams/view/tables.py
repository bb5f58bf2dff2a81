"""From sums to figures, for all names of a scope at once: what `formulas.evaluate` says of each, in numpy.

Integers below 2^53 are exact as floats; the few sums that may be greater (amounts) go to `formulas` one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isnan

import numpy as np

from streams.kpis.buckets import representative
from streams.kpis.formulas import Figure, evaluate
from streams.kpis.model import HIGH_BITS, Kpi, Part
from streams.kpis.windows import Range
from streams.view.arrays import Flags, Floats, Ints
from streams.view.columns import BUCKETS, Columns
from streams.view.group import Group

EXACT_FLOAT = 1 << 53
REPRESENTATIVES = np.array([representative(bucket) for bucket in range(BUCKETS)], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Table:
    """The KPIs of one scope in one window: arrays of names × KPIs, NaN where there is none."""

    scope: str
    window: str
    names: tuple[str, ...]
    ranges: Sequence[Range | None]
    """What each row is about; None: the window has no values for it at this instant."""
    kpis: tuple[Kpi, ...]
    value: Floats
    numerator: Floats
    denominator: Floats
    exact: Mapping[tuple[int, int], Figure]
    """Figures that floats cannot hold, by place."""

    def figures(self, name: int) -> list[Figure]:
        """Return one name's figures, counts as integers."""
        columns = zip(
            self.kpis,
            self.value[name].tolist(),
            self.numerator[name].tolist(),
            self.denominator[name].tolist(),
            strict=True,
        )
        return [
            self.exact.get((name, place)) or _figure(kpi, value, numerator, denominator)
            for place, (kpi, value, numerator, denominator) in enumerate(columns)
        ]

    def figure(self, name: int, kpi: int) -> Figure:
        """Return one figure of one name."""
        numbers = (float(column[name, kpi]) for column in (self.value, self.numerator, self.denominator))
        return self.exact.get((name, kpi)) or _figure(self.kpis[kpi], *numbers)


def _figure(kpi: Kpi, value: float, numerator: float, denominator: float) -> Figure:
    if kpi.denominator is None:
        return Figure(_shown(value, kpi.numerator if kpi.buckets is None else None))
    return Figure(_shown(value, None), _shown(numerator, kpi.numerator), _shown(denominator, kpi.denominator))


def _shown(number: float, part: Part | None) -> float | None:
    """Return None for NaN, and an integer for a part that is a count."""
    if isnan(number):
        return None
    return int(number) if part is not None and part.divisor == 1 else number


def woven(parts: Sequence[tuple[Sequence[int], Table]]) -> Table:
    """Return one table of parts of it, each with the places that its rows take."""
    first = parts[0][1]
    shape = (sum(len(places) for places, _ in parts), len(first.kpis))
    value, numerator, denominator = np.empty(shape), np.empty(shape), np.empty(shape)
    exact: dict[tuple[int, int], Figure] = {}
    rows: dict[int, tuple[str, Range | None]] = {}
    for places, part in parts:
        value[places], numerator[places], denominator[places] = part.value, part.numerator, part.denominator
        exact |= {(places[row], kpi): figure for (row, kpi), figure in part.exact.items()}
        rows |= zip(places, zip(part.names, part.ranges, strict=True), strict=True)
    names, ranges = zip(*(rows[place] for place in range(len(rows))), strict=True)
    return replace(
        first, names=names, ranges=ranges, value=value, numerator=numerator, denominator=denominator, exact=exact
    )


class Tables:
    """Evaluates the KPIs of one scope."""

    def __init__(self, columns: Columns, scope: str, kpis: Iterable[Kpi]) -> None:
        self.scope = scope
        self.kpis = tuple(kpi for kpi in kpis if scope in kpi.scopes)
        self._columns = columns
        self._numerators = _Side([kpi.numerator for kpi in self.kpis], columns)
        self._denominators = _Side([kpi.denominator or Part() for kpi in self.kpis], columns)
        self._ratio = np.array([kpi.denominator is not None for kpi in self.kpis], dtype=np.bool_)
        self._quantiles = [place for place, kpi in enumerate(self.kpis) if kpi.buckets is not None]

    def empty(self, window: str, names: Sequence[str]) -> Table:
        """Return the table of a window that has no values."""
        none = np.full((len(names), len(self.kpis)), np.nan)
        return Table(self.scope, window, tuple(names), (None,) * len(names), self.kpis, none, none, none, {})

    def table(self, window: str, span: Range, names: Sequence[str], group: Group) -> Table:
        """Return the figures of names."""
        sums = np.concatenate((group.facts, group.distinct), axis=1)
        numerator, greater = self._numerators.of(sums)
        denominator, greater_below = self._denominators.of(sums)
        with np.errstate(divide="ignore", invalid="ignore"):
            quotient = np.where(denominator != 0, numerator / denominator, np.nan)
        value = np.where(self._ratio, quotient, numerator)
        numerator = np.where(self._ratio, numerator, np.nan)
        denominator = np.where(self._ratio, denominator, np.nan)
        for place in self._quantiles:
            value[:, place] = self._quantile(self.kpis[place], group)
        exact = {
            (name, place): evaluate(self.kpis[place], _Row(self._columns, group, name))
            for name, place in np.argwhere(greater | greater_below).tolist()
        }
        for (name, place), figure in exact.items():
            value[name, place] = np.nan if figure.value is None else figure.value
            if figure.numerator is not None and figure.denominator is not None:
                numerator[name, place], denominator[name, place] = figure.numerator, figure.denominator
        ranges = (span,) * len(names)
        return Table(self.scope, window, tuple(names), ranges, self.kpis, value, numerator, denominator, exact)

    def _quantile(self, kpi: Kpi, group: Group) -> Floats:
        """Return the nearest-rank quantile of every name, as `buckets.quantile` does of one."""
        assert kpi.buckets is not None and kpi.quantile is not None
        upto = np.cumsum(group.buckets[self._columns.buckets[kpi.buckets]], axis=1, dtype=np.int64)
        q = Fraction(str(kpi.quantile))
        rank = -(-upto[:, -1] * q.numerator // q.denominator)
        bucket = (upto < rank[:, None]).sum(axis=1)
        shown = REPRESENTATIVES[np.minimum(bucket, BUCKETS - 1)] / kpi.numerator.divisor
        return np.where(rank > 0, shown, np.nan)


class _Side:
    """The numerators or denominators of all KPIs as two matrices: sums · low + sums · high · 2^24."""

    def __init__(self, parts: Sequence[Part], columns: Columns) -> None:
        rows = columns.width + len(columns.distinct)
        self._low: Ints = np.zeros((rows, len(parts)), dtype=np.int64)
        self._high = np.zeros_like(self._low)
        self._divisors = np.array([part.divisor for part in parts], dtype=np.int64)
        for place, part in enumerate(parts):
            for fact in part.facts:
                self._low[columns.facts[fact], place] += 1
                if (high := columns.facts.get(f"{fact}.high")) is not None:
                    self._high[high, place] += 1
            if part.distinct is not None:
                self._low[columns.width + columns.distinct[part.distinct], place] = 1
        self._wide = np.flatnonzero(self._high.any(axis=0))

    def of(self, sums: Ints) -> tuple[Floats, Flags]:
        """Return names × KPIs in shown units, and where the sum may be too great for a float."""
        low = sums @ self._low
        greater = np.abs(low) >= EXACT_FLOAT >> 1
        if len(self._wide):
            high = sums @ self._high[:, self._wide]
            greater[:, self._wide] |= np.abs(high) >= EXACT_FLOAT >> (HIGH_BITS + 1)
            low[:, self._wide] += high << HIGH_BITS
        return low / self._divisors, greater


@dataclass(frozen=True, slots=True)
class _Row:
    """One name's sums, as `formulas` wants them."""

    columns: Columns
    group: Group
    name: int

    def fact(self, name: str) -> int:
        sums, columns = self.group.facts[self.name], self.columns.facts
        high = columns.get(f"{name}.high")
        return int(sums[columns[name]]) + (int(sums[high]) << HIGH_BITS if high is not None else 0)

    def distinct(self, name: str) -> int:
        return int(self.group.distinct[self.name, self.columns.distinct[name]])

    def buckets(self, name: str) -> Iterable[tuple[int, int]]:
        counts = self.group.buckets[self.columns.buckets[name]][self.name]
        return [(bucket, int(counts[bucket])) for bucket in np.flatnonzero(counts).tolist()]
