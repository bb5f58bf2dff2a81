"""What must be known of an instant to look a figure up: from a view that is open already, or by a glance at the store."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schemas.events.fields import UNASSIGNED
from streams.floor.model import FLOOR_NAME, Floor
from streams.kpis.model import Kpi, Scope
from streams.kpis.panes import minute_start
from streams.store.protocol import Partition, Reader
from streams.targets import Calendars
from streams.view.columns import Columns
from streams.view.days import Days
from streams.view.definitions import Definitions, Evaluators
from streams.view.figures import OTHER
from streams.view.freshness import silent
from streams.view.spans import Spans, spans
from streams.view.view import View

Named = Callable[[str], Collection[str]]
"""Scope → the names that have been active in the last 35 days or so, also those that were not yet at the instant."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """An instant. A view moves on: what is here stays as it was."""

    t_ms: int
    kpis: tuple[Kpi, ...]
    """With all of their versions."""
    evaluators: Evaluators
    """Of the version that is asked for."""
    columns: Columns
    spans: Spans
    days: Days
    partitions: tuple[Partition, ...]
    stale: tuple[str, ...]
    """Topics whose figures are not those of now."""
    named: Named


def viewed(view: View, at_ms: int | None, version: int | None) -> Outlook:
    """Return what a view knows, now or at an instant, without making its sums of that instant. Raises Loading."""
    figures = view.figures
    found, names = figures.instant.spans, {scope: figures.rows(scope).texts for scope in figures.evaluators}
    t_ms = figures.t_ms
    if at_ms is not None:
        t_ms, found = at_ms, spans(at_ms, view.now_ms(), view.days, found.shifts)
    return Outlook(
        t_ms=t_ms,
        kpis=view.kpis,
        evaluators=_evaluators(figures.definitions, found, version),
        columns=figures.instant.columns,
        spans=found,
        days=view.days,
        partitions=tuple(view.partitions),
        stale=view.stale(),
        named=names.__getitem__,
    )


async def glimpsed(
    reader: Reader,
    floor: Floor,
    partitions: Sequence[Partition],
    at_ms: int | None,
    version: int | None,
    admitted: Named,
) -> Outlook:
    """Return the same without reading history, save that `admitted` names whoever was active. Raises StoreUnavailable."""
    now_ms = await reader.now_ms()
    ledgers = await reader.ledgers(partitions)
    catalogue, days = floor.catalogue(), Days(ZoneInfo(floor.timezone))
    columns, kpis = Columns.of(catalogue), tuple(catalogue.kpis.values())
    t_ms = now_ms if at_ms is None else at_ms
    found = spans(t_ms, now_ms, days, Calendars(floor).shifts())
    return Outlook(
        t_ms=t_ms,
        kpis=kpis,
        evaluators=_evaluators(Definitions(columns, kpis), found, version),
        columns=columns,
        spans=found,
        days=days,
        partitions=tuple(partitions),
        stale=tuple(
            dict.fromkeys(one.topic for one, row in zip(partitions, ledgers, strict=True) if silent(row, now_ms))
        ),
        named=lambda scope: {FLOOR_NAME} if scope == Scope.FLOOR else {*admitted(scope), UNASSIGNED, OTHER},
    )


def _evaluators(definitions: Definitions, found: Spans, version: int | None) -> Evaluators:
    return definitions.at(minute_start(found.to_minute) - 1) if version is None else definitions.version(version)
