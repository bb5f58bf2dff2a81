"""The tables of an instant, evaluated when they are asked for and again only when something in them has changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from streams.kpis.catalogue import SCOPES_OF_TOPIC
from streams.kpis.panes import minute_start
from streams.kpis.time_in_state import TOPIC as STATES_TOPIC
from streams.view.arrays import Numbers
from streams.view.columns import SCOPES
from streams.view.definitions import Definitions, Evaluators
from streams.view.instant import Instant
from streams.view.tables import Table, woven

OTHER = "__other__"
"""The name of all names of a scope that have no row of their own."""
_NOBODY: Numbers = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Which names of a scope have a row, in their order."""

    names: Numbers
    texts: tuple[str, ...]
    folded: Numbers
    """Names that share the last row, `__other__`; none of them is in `names`."""

    def at(self, places: Sequence[int]) -> "Rows":
        """Return the rows at some places, in order."""
        named = [place for place in places if place < len(self.names)]
        folded = self.folded if len(named) < len(places) else _NOBODY
        return Rows(self.names[named], tuple(self.texts[place] for place in places), folded)


@dataclass(slots=True)
class Figures:
    """Tables of one instant; those of a live one follow it."""

    instant: Instant
    definitions: Definitions
    version: int | None = None
    """Of every KPI that has so many; None: those in force when the windows end."""
    at_ms: int | None = None
    """An instant within the windows' last pane; None: that of the windows, which moves on."""
    _rows: dict[tuple[str, bool], Rows] = field(default_factory=dict)
    _tables: dict[tuple[str, str, bool], tuple[object, Table]] = field(default_factory=dict)

    @property
    def t_ms(self) -> int:
        """The instant up to which states that still last are counted."""
        return self.instant.spans.t_ms if self.at_ms is None else self.at_ms

    @property
    def evaluators(self) -> Evaluators:
        """What evaluates the KPIs of each scope."""
        if self.version is not None:
            return self.definitions.version(self.version)
        return self.definitions.at(minute_start(self.instant.spans.to_minute) - 1)

    def by_version(self, number: int | None) -> "Figures":
        """Return the same figures by the versions of a number."""
        return self if number == self.version else Figures(self.instant, self.definitions, number, self.at_ms)

    def rows(self, scope: str, folded: Numbers = _NOBODY) -> Rows:
        """Return the rows of a scope; the same object as long as they are the same."""
        active = self.instant.active(_number(scope), self.t_ms)
        known = self._rows.get((scope, len(folded) > 0))
        names = active[~np.isin(active, folded)] if len(folded) else active
        if known and np.array_equal(known.names, names) and np.array_equal(known.folded, folded):
            return known
        text = self.instant.names.text
        texts = (*(text[name] for name in names.tolist()), *((OTHER,) if len(folded) else ()))
        rows = self._rows[scope, len(folded) > 0] = Rows(names, texts, folded)
        return rows

    def table(self, scope: str, window: str, rows: Rows | None = None) -> Table:
        """Return the KPIs of a scope in a window, those of `rows` or of all names. Raises KeyError."""
        rows = rows or self.rows(scope)
        instant = self.instant
        stamp = (self._versions(scope, window), instant.fed, instant.spans.to_minute, rows, self._counted(scope))
        key = (scope, window, len(rows.folded) > 0)
        known = self._tables.get(key)
        if known and known[0] == stamp:
            return known[1]
        table = self._evaluate(scope, window, rows)
        self._tables[key] = (stamp, table)
        return table

    def table_of(self, scope: str, window: str, names: Collection[str]) -> Table:
        """Return the KPIs of those of `names` that have a row: less work than the whole table. Raises KeyError."""
        rows = self.rows(scope)
        chosen = [place for place, text in enumerate(rows.texts) if text in names]
        return self._evaluate(scope, window, rows.at(chosen))

    def has_values(self, scope: str, window: str) -> bool:
        """Say whether any row of a scope can have values in a window."""
        ranges = self.instant.spans.ranges
        return any(ranges[course] for course in self._courses(scope, window))

    def _courses(self, scope: str, window: str) -> list[str]:
        return [window, *sorted(set(self.instant.spans.shifts.apart(scope, window).values()))]

    def _versions(self, scope: str, window: str) -> list[int | None]:
        sums = [self.instant.sums.get(course) for course in self._courses(scope, window)]
        return [one.version if one else None for one in sums]

    def _counted(self, scope: str) -> object:
        """Return what is another whenever the time in states that still last is."""
        still = self.instant.open
        return (still, still.counted_to(self.t_ms)) if scope in SCOPES_OF_TOPIC[STATES_TOPIC] else None

    def _evaluate(self, scope: str, window: str, rows: Rows) -> Table:
        apart = self.instant.spans.shifts.apart(scope, window)
        by_course: dict[str, list[int]] = {}
        for place, text in enumerate(rows.texts):
            by_course.setdefault(apart.get(text, window), []).append(place)
        if len(by_course) < 2:
            return self._in_course(next(iter(by_course), window), scope, window, rows)
        return woven(
            [(places, self._in_course(course, scope, window, rows.at(places))) for course, places in by_course.items()]
        )

    def _in_course(self, course: str, scope: str, window: str, rows: Rows) -> Table:
        """Return the table of rows that all have the same range."""
        span = self.instant.spans.ranges[course]
        if span is None:
            return self.evaluators[scope].empty(window, rows.texts)
        group = self.instant.group(course, rows.names, self.t_ms)
        if len(rows.folded):
            group = group.with_row(self.instant.together(course, rows.folded, self.t_ms))
        return self.evaluators[scope].table(window, span, rows.texts, group)


def _number(scope: str) -> int:
    return [one.value for one in SCOPES].index(scope)
