"""What the view holds, as JSON: the KPIs of an instant, and what happens now."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from streams.export.judgement import Judge, no_targets
from streams.export.query import Filters
from streams.export.rows import rows
from streams.export.times import shown
from streams.kpis.windows import WINDOWS
from streams.view.columns import SCOPES
from streams.view.figures import Figures
from streams.view.tables import Table
from streams.view.view import Loading, Snapshot, View

MANY = 20
"""After a table of more names than this others are served."""

encode = msgspec.json.Encoder().encode

Wanted = tuple[Table, Mapping[str, int | None] | None]
"""A table, which never changes, and what of it is wanted, see `Filters.of_table`."""


class Answers:
    """Makes JSON of a view."""

    def __init__(self, view: View, judge: Judge = no_targets) -> None:
        self._view, self._judge = view, judge

    async def kpis(self, filters: Filters, at_ms: int | None = None) -> bytes:
        """Return the answer to `/api/kpis`, now or at an instant. Raises Loading, StoreUnavailable."""
        async with self._view.still(at_ms) as figures:
            at_ms, stale = figures.t_ms, self._view.stale()
            tables = await self.tables(figures, filters)
        content = await self.rows(tables, at_ms)
        return b'{"at":%b,"stale":%b,"kpis":[%b]}' % (self.time(at_ms), encode(stale), content)

    async def tables(self, figures: Figures, filters: Filters) -> list[Wanted]:
        """Return what the filters leave of figures, which must stand still meanwhile."""
        figures = figures.by_version(filters.version)
        found: list[Wanted] = []
        for scope in (scope.value for scope in SCOPES):
            kpis = {kpi.id for kpi in figures.evaluators[scope].kpis}
            for window in WINDOWS:
                wanted = filters.of_table(scope, window)
                if wanted is not None and kpis.isdisjoint(wanted):
                    continue
                named = (
                    figures.table_of(scope, window, filters.names) if filters.names else figures.table(scope, window)
                )
                if named.names:
                    found.append((named, wanted))
                await _breath(named)
        return found

    async def rows(self, tables: Iterable[Wanted], at_ms: int) -> bytes:
        """Return the rows that are wanted of tables, judged at an instant, without the brackets around them."""
        parts = []
        for table, kpis in tables:
            parts.append(encode(list(rows(table, kpis, self._view.days.zone, self._judge(table, at_ms))))[1:-1])
            await _breath(table)
        return b",".join(filter(None, parts))

    def now(self) -> bytes:
        """Return the answer to `/api/now`. Raises Loading."""
        return encode(self.present(self.snapshot))

    def present(self, snapshot: Snapshot) -> dict[str, Any]:
        """Return what happens now."""
        present = snapshot.present
        return {
            "at": shown(snapshot.at_ms, self._view.days.zone),
            "reps": [{"team": team, "state": state, "count": n} for (team, state), n in sorted(present.reps.items())],
            "waiting": [
                {"queue": queue, "count": calls.count, "longest_seconds": calls.longest_ms / 1000}
                for queue, calls in sorted(present.waiting.items())
            ],
            "active": [
                {"team": team, "direction": direction, "count": n}
                for (team, direction), n in sorted(present.active.items())
            ],
            "stale": {"calls": present.stale_calls, "reps": present.stale_reps},
        }

    def last_fresh(self, topics: Iterable[str]) -> bytes:
        """Return topics with the time at which each was last seen fresh, null where it never was."""
        found = {topic: self._view.fresh_ms(topic) for topic in topics}
        return encode({topic: None if ms is None else shown(ms, self._view.days.zone) for topic, ms in found.items()})

    def time(self, ms: int) -> bytes:
        """Return a time as JSON."""
        return encode(shown(ms, self._view.days.zone))

    @property
    def snapshot(self) -> Snapshot:
        """The latest snapshot. Raises Loading."""
        if self._view.snapshot is None:
            raise Loading("the store has not been read yet")
        return self._view.snapshot


async def _breath(table: Table) -> None:
    """Let others be served after a large table."""
    if len(table.names) > MANY:
        await asyncio.sleep(0)
