"""Makes the figures fit on the page: counts what their names would take, and folds the smallest when it is too much."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from streams.export.folding import NOTHING_FOLDED, Folding, Weight, fold
from streams.export.judgement import NOT_JUDGED, Judge
from streams.kpis.catalogue import Catalogue
from streams.kpis.model import Measure, Scope
from streams.kpis.panes import quarter_of
from streams.kpis.windows import WINDOWS
from streams.view.arrays import Ints
from streams.view.figures import OTHER, Figures, Rows
from streams.view.tables import Table

SIZED_BY = ("week", "month")
"""The windows whose counts say how large a name is."""
WORKED_SERIES = 1
"""Series of working time of whoever has a target, and of the floor always."""


class Fit:
    """Decides again when names come or go, when the page becomes too large, and each quarter of an hour."""

    def __init__(self, catalogue: Catalogue, scopes: Sequence[str]) -> None:
        self._counted = [fact.name for fact in catalogue.facts if fact.measure is Measure.COUNT and not fact.timed]
        self._scopes = scopes
        self._decided_for: tuple[object, ...] = ()
        self.folding: Folding = NOTHING_FOLDED

    async def rows(self, figures: Figures, judge: Judge, budget: int, *, exceeded: bool) -> Mapping[str, Rows]:
        """Return the rows of each scope that has room."""
        active = {scope: figures.rows(scope) for scope in self._scopes}
        spans = figures.instant.spans
        time = spans.to_minute if exceeded else quarter_of(spans.now_ms)
        occasion = (*active.values(), judge, budget, exceeded, time)
        if occasion != self._decided_for:
            self.folding = await self._decide(figures, judge, active, budget)
            self._decided_for = occasion
        return {scope: self._folded(figures, scope) for scope in self._scopes if scope not in self.folding.dropped}

    def _folded(self, figures: Figures, scope: str) -> Rows:
        names = self.folding.names.get(scope)
        if not names:
            return figures.rows(scope)
        return figures.rows(scope, np.array(sorted(names), dtype=np.int32))

    async def _decide(self, figures: Figures, judge: Judge, active: Mapping[str, Rows], budget: int) -> Folding:
        most = {scope: most_series(figures, scope) for scope in active}
        if sum((most[scope] + most_judged(judge, scope)) * len(active[scope].names) for scope in active) <= budget:
            return NOTHING_FOLDED
        weights: list[Weight] = []
        spent = WORKED_SERIES
        for scope, rows in active.items():
            series, judged = await _series(figures, judge, scope, len(rows.names))
            if scope == Scope.FLOOR:
                spent += int(series.sum() + judged.sum())
            else:
                series += judged + WORKED_SERIES * (judged > 0)
                sizes = self._sizes(figures, rows)
                weights += map(Weight, sizes.tolist(), [scope] * len(series), rows.names.tolist(), series.tolist())
        return self._with_other(fold(weights, most, budget - spent), active)

    def _sizes(self, figures: Figures, rows: Rows) -> Ints:
        instant = figures.instant
        columns = [instant.columns.facts[name] for name in self._counted]
        sizes: Ints = np.zeros(len(rows.names), dtype=np.int64)
        for window in SIZED_BY:
            if window in instant.sums:
                sizes += instant.sums[window].facts(rows.names)[:, columns].sum(axis=1)
        return sizes

    def _with_other(self, folding: Folding, active: Mapping[str, Rows]) -> Folding:
        """Fold a name `__other__` that the worker already made with those that share the row of that name."""
        return Folding(
            {scope: names | frozenset(_other(active[scope])) for scope, names in folding.names.items()},
            folding.dropped,
            folding.series,
        )


def _other(rows: Rows) -> Iterable[int]:
    return (int(rows.names[place]) for place, text in enumerate(rows.texts) if text == OTHER)


async def _series(figures: Figures, judge: Judge, scope: str, names: int) -> tuple[Ints, Ints]:
    """Return how many series each name of a scope has by its figures, and how many by the targets of them."""
    series: Ints = np.zeros(names, dtype=np.int64)
    judged: Ints = np.zeros(names, dtype=np.int64)
    for window in WINDOWS:
        table = figures.table(scope, window)
        series += series_by_name(table)
        for (name, _), one in judge(table, figures.instant.spans.now_ms).items():
            judged[name] += sum(number is not None for number in one.numbers)
        await asyncio.sleep(0)
    return series, judged


def series_by_name(table: Table) -> Ints:
    """Return how many series each name of a table has."""
    numbers = (table.value, table.numerator, table.denominator)
    counts: Ints = np.sum([(~np.isnan(array)).sum(axis=1) for array in numbers], axis=0, dtype=np.int64)
    return counts


def most_series(figures: Figures, scope: str) -> int:
    """Return how many series one name of a scope has at most."""
    kpis = figures.evaluators[scope].kpis
    windows = sum(figures.has_values(scope, window) for window in WINDOWS)
    return windows * (len(kpis) + 2 * sum(kpi.denominator is not None for kpi in kpis))


def most_judged(judge: Judge, scope: str) -> int:
    """Return how many series are said of the targets of one name of a scope at most."""
    return len(NOT_JUDGED.numbers) * sum(judge.most(scope, window) for window in WINDOWS) + WORKED_SERIES
