"""Which version of each KPI a table is evaluated by: the one in force at the end of its window, or one that is named."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from streams.kpis.model import Kpi
from streams.view.columns import SCOPES, Columns
from streams.view.tables import Tables

Evaluators = Mapping[str, Tables]
"""Scope → what evaluates its KPIs."""


class Definitions:
    """The KPIs of one catalogue with all of their versions."""

    def __init__(self, columns: Columns, kpis: Iterable[Kpi]) -> None:
        self._columns, self._kpis = columns, tuple(kpis)
        self._changes = sorted({one.since_ms for kpi in self._kpis for one in kpi.versions if one.since_ms is not None})
        self._in_force: dict[int, Evaluators] = {}
        self._named: dict[int, Evaluators] = {}

    def at(self, ms: int) -> Evaluators:
        """Return the evaluators of the versions in force at an epoch time in ms."""
        period = bisect_right(self._changes, ms)
        if period not in self._in_force:
            self._in_force[period] = self._evaluators(kpi.at(ms) for kpi in self._kpis)
        return self._in_force[period]

    def version(self, number: int) -> Evaluators:
        """Return the evaluators of the KPIs that have a version of that number, the first of which is 1."""
        known = min(number, 1 + max((len(kpi.versions) for kpi in self._kpis), default=0))
        if known not in self._named:
            having = (kpi for kpi in self._kpis if len(kpi.versions) >= known)
            self._named[known] = self._evaluators(kpi.versions[known - 1] for kpi in having)
        return self._named[known]

    def _evaluators(self, kpis: Iterable[Kpi]) -> Evaluators:
        kpis = tuple(kpis)
        return {scope.value: Tables(self._columns, scope.value, kpis) for scope in SCOPES}
