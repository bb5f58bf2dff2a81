"""One figure at one instant: what it is made of, and what it comes to once that is counted."""

from dataclasses import dataclass

import numpy as np

from streams.explain.account import Account
from streams.explain.outlook import Outlook
from streams.explain.question import Question, kpi_of
from streams.kpis.model import HIGH_BITS, Kpi
from streams.kpis.windows import Range
from streams.view.columns import BUCKETS
from streams.view.group import Group
from streams.view.spans import Parts
from streams.view.tables import Table

LOW = (1 << HIGH_BITS) - 1


@dataclass(frozen=True, slots=True)
class Moment:
    """A figure at an instant, before it is counted."""

    question: Question
    kpi: Kpi
    span: Range | None
    """None: the window has no value at this instant."""
    panes: tuple[str, ...]
    """Names of the stored panes that make the window."""
    outlook: Outlook

    @classmethod
    def of(cls, outlook: Outlook, question: Question) -> "Moment":
        """Look a figure up. Raises Unanswerable."""
        kpi, spans = kpi_of(question, outlook), outlook.spans
        scope, window = question.scope, question.window
        course = spans.shifts.apart(scope, window).get(question.name, window)
        parts = spans.parts[course] if spans.ranges[course] else Parts()
        panes = tuple(one.key for pane in parts for one in outlook.days.stored(pane))
        return cls(question, kpi, spans.ranges[course], panes, outlook)

    def table(self, account: Account) -> Table:
        """Return the figure as the view's own tables have it: a row of one name, of which only this KPI is counted."""
        window, names = self.question.window, (self.question.name,)
        tables = self.outlook.evaluators[self.question.scope]
        if self.span is None:
            return tables.empty(window, names)
        return tables.table(window, self.span, names, self._group(account))

    def _group(self, account: Account) -> Group:
        columns = self.outlook.columns
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
