"""The page of metrics: rendered after each refresh, in steps; what says how old it is, is written when it is asked for."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from streams.export.fit import Fit
from streams.export.judgement import Judge
from streams.export.kpi_lines import TableLines, families, judged, worked_lines
from streams.export.ledger_lines import ledger_lines
from streams.export.lines import Lines, together, written
from streams.export.names import FOLDED, INFO, SERIES, SERIES_LIMIT, SNAPSHOT, STALE
from streams.export.present_lines import present_lines
from streams.kpis.catalogue import Catalogue
from streams.kpis.model import Kpi, Scope
from streams.kpis.windows import WINDOWS
from streams.view.tables import Table
from streams.view.view import UNREAD_S, Loading, Snapshot, View

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
CONFIG_SERIES = 3
"""Series that are said of the configuration."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The page as of one snapshot, without its head."""

    at_ms: int
    stale: frozenset[str]
    """Topics that were stale then."""
    body: bytes
    series: int
    folded: int


class MetricsPage:
    """Holds the latest page of a view."""

    def __init__(self, view: View, catalogue: Catalogue, *, limit: int, rep_series: bool = False) -> None:
        self.scopes = tuple(scope.value for scope in Scope if rep_series or scope is not Scope.REP)
        """Those that are shown to everybody: on this page, and on the board."""
        self._view, self._limit = view, limit
        self._fit = Fit(catalogue, self.scopes)
        self._info = written(INFO, map(info, view.kpis))
        self._tables: dict[tuple[str, str], TableLines] = {}
        self._rendered: Rendered | None = None

    async def render(self, snapshot: Snapshot, judge: Judge) -> None:
        """Render the view's figures, judged; nobody may refresh the view meanwhile."""
        stale, names = frozenset(self._view.stale()), max(20, self._limit // 100)
        others = together(
            (self._info, present_lines(snapshot.present, names), ledger_lines(snapshot, self._view.topics))
        )
        tables = await self._follow(judge, self._limit - self._head_series, others.series)
        judgements = [(table, judge(table, snapshot.at_ms)) for table in tables]
        worked = worked_lines(judgements, judge, snapshot.at_ms)
        lines = together((families(self._tables.values()), judged(judgements), worked, others))
        body = lines.text.encode()
        self._rendered = Rendered(snapshot.at_ms, stale, body, lines.series, self._fit.folding.series)

    @property
    def age_s(self) -> float:
        """How old the figures on the page are; without end where there is none yet."""
        return (self._view.now_ms() - self._rendered.at_ms) / 1000 if self._rendered else float("inf")

    def text(self, configuration: Lines) -> bytes:
        """Return the page; its head says what is true at this moment, of the configuration too. A topic that was stale when
        the figures were read is so until there are newer ones, and all are once the figures are 10 s old: whoever slept
        for so long may have read the store again, and not have written the page. Raises Loading.
        """
        rendered = self._rendered
        if rendered is None:
            raise Loading("the store has not been read yet")
        return self._head(rendered, configuration).encode() + rendered.body

    async def _follow(self, judge: Judge, room: int, others: int) -> list[Table]:
        """Write what changed of the tables that have room, beside `others` series."""
        figures = self._view.figures
        exceeded = self._rendered is not None and self._rendered.series > room
        rows = await self._fit.rows(figures, judge, room - others, exceeded=exceeded)
        wanted = [(scope, window) for scope in rows for window in WINDOWS]
        self._tables = {key: self._tables.get(key) or TableLines() for key in wanted}
        tables = []
        for scope, window in wanted:
            table = figures.table(scope, window, rows[scope])
            tables.append(table)
            if self._tables[scope, window].follow(table):
                await asyncio.sleep(0)
        return tables

    @property
    def _head_series(self) -> int:
        return len(self._view.topics) + 4 + CONFIG_SERIES

    def _head(self, rendered: Rendered, configuration: Lines) -> str:
        topics = self._view.topics
        stale = topics if self.age_s >= UNREAD_S else rendered.stale.union(self._view.stale())
        head = [
            written(STALE, (((topic,), int(topic in stale)) for topic in topics)),
            configuration,
            *_alone((SNAPSHOT, rendered.at_ms / 1000), (SERIES_LIMIT, self._limit), (FOLDED, rendered.folded)),
        ]
        series = rendered.series + sum(lines.series for lines in head) + 1
        return together((*head, *_alone((SERIES, series)))).text


def _alone(*numbers: tuple[object, float]) -> Iterable[Lines]:
    return [written(family, [((), number)]) for family, number in numbers]  # type: ignore[arg-type]


def info(kpi: Kpi) -> tuple[tuple[str, ...], float]:
    """Return what is said of a KPI, as a sample of INFO."""
    return (kpi.id, kpi.group, kpi.unit.value, kpi.better.value, kpi.title["en"]), 1
