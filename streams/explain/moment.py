"""What is asked about a figure, taken from the view at one go: it moves on while the store is read."""

from dataclasses import dataclass

import numpy as np

from streams.explain.account import Account
from streams.explain.question import Question, kpi_of
from streams.kpis.model import HIGH_BITS, Kpi
from streams.kpis.windows import Range
from streams.view.columns import BUCKETS, Columns
from streams.view.figures import Figures
from streams.view.group import Group
from streams.view.spans import Spans
from streams.view.tables import Table, Tables
from streams.view.view import View

LOW = (1 << HIGH_BITS) - 1


@dataclass(frozen=True, slots=True)
class Moment:
    """A figure at an instant, before it is counted."""

    question: Question
    kpi: Kpi
    t_ms: int
    span: Range | None
    """None: the window has no value at this instant."""
    panes: tuple[str, ...]
    """Names of the stored panes that make the window."""
    stale: tuple[str, ...]
    _tables: Tables
    _columns: Columns

    @classmethod
    def of(cls, view: View, figures: Figures, question: Question) -> "Moment":
        """Look a figure up. Raises Unanswerable."""
        figures = figures.by_version(question.version)
        kpi = kpi_of(question, figures, view.kpis)
        scope, window = question.scope, question.window
        spans = figures.instant.spans
        course = spans.shifts.apart(scope, window).get(question.name, window)
        panes = _panes(spans, course, view) if spans.ranges[course] else ()
        tables, columns = figures.evaluators[scope], figures.instant.columns
        return cls(question, kpi, figures.t_ms, spans.ranges[course], panes, view.stale(), tables, columns)

    def table(self, account: Account) -> Table:
        """Return the figure as the view's own tables have it: a row of one name, of which only this KPI is counted."""
        window, names = self.question.window, (self.question.name,)
        if self.span is None:
            return self._tables.empty(window, names)
        return self._tables.table(window, self.span, names, self._group(account))

    def _group(self, account: Account) -> Group:
        columns = self._columns
        facts = np.zeros((1, columns.width), dtype=np.int64)
        for fact, number in account.whole().items():
            high = columns.facts.get(f"{fact}.high")
            facts[0, columns.facts[fact]] = number if high is None else number & LOW
            if high is not None:
                facts[0, high] = number >> HIGH_BITS
        distinct = np.zeros((1, len(columns.distinct)), dtype=np.int64)
        for kind in account.contributions.sets:
            distinct[0, columns.distinct[kind]] = len(account.ids(kind))
        buckets = [np.zeros((1, BUCKETS), dtype=np.int32) for _ in columns.buckets]
        for bucket, count in account.samples().items():
            buckets[columns.buckets[self.kpi.buckets or ""]][0, bucket] = count
        return Group(facts, distinct, buckets)


def _panes(spans: Spans, course: str, view: View) -> tuple[str, ...]:
    parts = spans.parts[course]
    quarters = [quarter for day in parts.days for quarter in view.days.quarters(day)]
    minutes = (f"m:{number}" for stretch in (parts.head, parts.tail) for number in stretch)
    return (*(f"q:{number}" for number in (*quarters, *parts.quarters)), *minutes)
