"""KPIs as JSON rows."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

import msgspec

from streams.export.judgement import NOT_JUDGED, Judgements
from streams.export.leaders import leaders
from streams.export.times import shown
from streams.kpis.windows import Range
from streams.view.tables import Table


class Row(msgspec.Struct, frozen=True, gc=False):
    """One figure, as DESIGN section 6 has it."""

    kpi: str
    scope: str
    name: str
    window: str
    from_: str | None = msgspec.field(name="from")
    """None, as `to` and the numbers, where the window has no values at this instant."""
    to: str | None
    value: float | None
    numerator: float | None
    denominator: float | None
    unit: str
    target: float | None
    bound: str | None
    attainment: float | None
    pace: float | None
    forecast: float | None
    required_per_hour: float | None


def rows(table: Table, kpis: Mapping[str, int | None] | None, zone: ZoneInfo, judgements: Judgements) -> Iterator[Row]:
    """Yield a row for each name and KPI of a table; see `Filters.of_table` for `kpis`."""
    times = {span: _times(span, zone) for span in set(table.ranges)}
    chosen = [(place, kpi) for place, kpi in enumerate(table.kpis) if kpis is None or kpi.id in kpis]
    best = {place: leaders(table, place, most) for place, kpi in chosen if (most := (kpis or {}).get(kpi.id))}
    for number, name in enumerate(table.names):
        figures = table.figures(number)
        for place, kpi in chosen:
            if place in best and number not in best[place]:
                continue
            figure, judged = figures[place], judgements.get((number, place), NOT_JUDGED)
            yield Row(
                kpi.id,
                table.scope,
                name,
                table.window,
                *times[table.ranges[number]],
                figure.value,
                figure.numerator,
                figure.denominator,
                kpi.unit.value,
                judged.target,
                judged.bound,
                judged.attainment,
                judged.pace,
                judged.forecast,
                judged.required_per_hour,
            )


def _times(span: Range | None, zone: ZoneInfo) -> tuple[str | None, str | None]:
    return (shown(span.from_ms, zone), shown(span.to_ms, zone)) if span else (None, None)
