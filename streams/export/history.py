"""The last hours of KPIs, quarter by quarter, for a board's small curves: each past instant is asked of the view once."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

from streams.export.answers import encode
from streams.export.problems import BadQuery
from streams.export.query import Filters
from streams.export.times import shown
from streams.kpis.panes import QUARTER_MS, quarter_of
from streams.kpis.windows import WINDOWS
from streams.view.arrays import Floats
from streams.view.tables import Table
from streams.view.view import View

POINTS = 11
"""Quarters that have ended, all so lately that short windows are still made of minutes."""
KEPT_S = 300.0
"""For so long at least an instant is not asked for again: what comes late shows in its figures after that."""
CELLS_KEPT = 1_000_000
SERIES_LIMIT = 500

Place = tuple[int, str, str]
"""The end of a quarter, epoch ms; scope; window."""


class Curve(NamedTuple):
    """What one curve is about."""

    kpi: str
    scope: str
    name: str
    window: str


@dataclass(frozen=True, slots=True)
class _Kept:
    until_s: float
    rows: dict[str, int]
    columns: dict[str, int]
    values: Floats

    @classmethod
    def of(cls, table: Table, until_s: float) -> "_Kept":
        rows = {name: row for row, name in enumerate(table.names)}
        return cls(until_s, rows, {kpi.id: column for column, kpi in enumerate(table.kpis)}, table.value)

    def value(self, curve: Curve) -> float | None:
        row, column = self.rows.get(curve.name), self.columns.get(curve.kpi)
        if row is None or column is None or isnan(value := float(self.values[row, column])):
            return None
        return value


class History:
    """Values at the ends of the last quarters. Boards share what is made, and one instant is made at a time."""

    def __init__(self, view: View, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._view, self._monotonic = view, monotonic
        self._kept: OrderedDict[Place, _Kept] = OrderedDict()
        self._cells = 0
        self._making = asyncio.Lock()

    async def answer(self, filters: Filters) -> bytes:
        """Return the answer to `/api/history`. Raises BadQuery, Loading, StoreUnavailable."""
        curves = self._curves(filters)
        now_ms, zone = self._view.now_ms(), self._view.days.zone
        ends = [(quarter_of(now_ms) - back) * QUARTER_MS for back in reversed(range(POINTS))]
        tables = {(curve.scope, curve.window) for curve in curves}
        instants = [await self._instant(end, tables) for end in ends]
        series = [
            {**curve._asdict(), "values": [instant[curve.scope, curve.window].value(curve) for instant in instants]}
            for curve in curves
        ]
        return encode({"at": shown(now_ms, zone), "ends": [shown(end, zone) for end in ends], "series": series})

    def _curves(self, filters: Filters) -> list[Curve]:
        """Return what is wanted, of the names that have a row now. Raises BadQuery, Loading."""
        if not filters.figures or not filters.names:
            raise BadQuery("history wants figure=scope/window/kpi and name=…, each as often as needed")
        figures, found = self._view.figures, []
        for scope, window, kpi, _ in sorted(filters.figures, key=lambda one: one[:3]):
            tables = figures.evaluators.get(scope)
            if window in WINDOWS and tables and any(kpi == one.id for one in tables.kpis):
                names = [name for name in figures.rows(scope).texts if name in filters.names]
                found += [Curve(kpi, scope, name, window) for name in names]
        if len(found) > SERIES_LIMIT:
            raise BadQuery(f"{len(found)} series are asked for, {SERIES_LIMIT} at most can be")
        return found

    async def _instant(self, end_ms: int, tables: Iterable[tuple[str, str]]) -> dict[tuple[str, str], _Kept]:
        """Return the tables of the windows that end with a quarter: the longer ago, the longer they are kept.

        Little comes late by much, and an instant of long ago is read from the store.
        """
        async with self._making:
            now_s = self._monotonic()
            until_s = now_s + max(KEPT_S, (self._view.now_ms() - end_ms) / 2000)
            found = {}
            for table in tables:
                kept = self._kept.get((end_ms, *table))
                if kept is not None and kept.until_s > now_s:
                    found[table] = kept
            missing = [table for table in tables if table not in found]
            if missing:
                figures = await self._view.at(end_ms - 1)
                for scope, window in missing:
                    found[scope, window] = self._keep((end_ms, scope, window), figures.table(scope, window), until_s)
            return found

    def _keep(self, place: Place, table: Table, until_s: float) -> _Kept:
        before = self._kept.pop(place, None)
        kept = self._kept[place] = _Kept.of(table, until_s)
        self._cells += kept.values.size - (before.values.size if before else 0)
        while self._cells > CELLS_KEPT and len(self._kept) > 1:
            self._cells -= self._kept.popitem(last=False)[1].values.size
        return kept
