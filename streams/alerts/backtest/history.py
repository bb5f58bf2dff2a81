"""Stored history as OpenMetrics: what the exporter would have said at the end of each quarter of an hour."""

from collections.abc import Iterable, Iterator

from streams.alerts.backtest.rules import Rule
from streams.alerts.expressions import kpis, metrics
from streams.export.floor_targets import FloorTargets
from streams.export.kpi_lines import TableLines, families, judged, worked_lines
from streams.export.lines import together, written
from streams.export.names import INFO, STALE
from streams.export.page import info
from streams.floor.model import Floor
from streams.kpis.model import Scope
from streams.kpis.panes import QUARTER_MS
from streams.kpis.windows import WINDOWS
from streams.view.figures import Figures
from streams.view.tables import Table
from streams.view.view import View


def instants(from_ms: int, to_ms: int) -> range:
    """Return the ends of the quarters of an hour within [from, to), epoch ms."""
    first = -(-from_ms // QUARTER_MS) * QUARTER_MS
    return range(first, to_ms, QUARTER_MS)


class History:
    """Tells what the rules ask for, by one floor's KPIs, targets and calendars."""

    def __init__(self, view: View, floor: Floor, rules: Iterable[Rule], *, reps: bool) -> None:
        self._view, self._judge = view, FloorTargets(floor)
        self._scopes = [scope for scope in Scope if reps or scope is not Scope.REP]
        self._wanted = wanted([rule.expr for rule in rules])
        self._info = written(INFO, [info(kpi) for kpi in view.kpis])
        self._stale = written(STALE, [((topic,), 0) for topic in view.topics])
        self._tables: dict[tuple[str, str], TableLines] = {}

    async def at(self, t_ms: int) -> Iterator[str]:
        """Return the samples of an instant: what happened before it is in them. Raises StoreUnavailable."""
        figures = await self._view.at(t_ms - 1)
        text = self._text(figures, t_ms - 1)
        stamp = f" {t_ms / 1000}\n"
        return (line + stamp for line in text.splitlines() if _matters(line, self._wanted))

    def _text(self, figures: Figures, t_ms: int) -> str:
        tables = [self._table(figures, scope, window) for scope in self._scopes for window in WINDOWS]
        judgements = [(table, self._judge(table, t_ms)) for table in tables]
        numbers = families(self._tables.values())
        worked = worked_lines(judgements, self._judge, t_ms)
        return together((numbers, judged(judgements), worked, self._info, self._stale)).text

    def _table(self, figures: Figures, scope: str, window: str) -> Table:
        table = figures.table(scope, window)
        self._tables.setdefault((scope, window), TableLines()).follow(table)
        return table


def wanted(exprs: Iterable[str]) -> frozenset[str]:
    """Return what series begin with that expressions ask for: a metric, or a metric and its KPI where they name that."""
    exprs = list(exprs)
    found: set[str] = set()
    for metric in {name for expr in exprs for name in metrics(expr)}:
        named = [kpis(expr, metric) for expr in exprs]
        every = [f'{metric}{{kpi="{kpi}"' for one in named if one is not None for kpi in one]
        found.update([metric] if None in named else every)
    return frozenset(found)


def _matters(line: str, beginnings: frozenset[str]) -> bool:
    return line.partition("{")[0] in beginnings or line.partition(",")[0] in beginnings
