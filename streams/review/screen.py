"""A report as tables for a terminal; they read as well without colour."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.review.outcomes import Figure, Outcome
from streams.review.report import Report
from streams.review.standings import Standing
from streams.spelling import NONE, figure

SIGNS = {"min": "≥", "max": "≤"}
STYLES = {True: "green", False: "bold red", None: "dim"}


def report(found: Report) -> RenderableType:
    """Return what became of every figure, side by side where two files are compared, and the sums below."""
    table = Table(box=None, padding=(0, 1), header_style="bold")
    several = len(found.sides) > 1
    for heading in ("KPI", "scope", "name", "window", "period"):
        table.add_column(heading, no_wrap=heading != "name")
    for side in found.sides:
        table.add_column(f"{side.file.name}: target" if several else "target", justify="right", no_wrap=True)
        table.add_column("value", justify="right", no_wrap=True)
        table.add_column("attained", justify="right", no_wrap=True)
        table.add_column("met", no_wrap=True)
    for one, outcomes in found.rows():
        cells = [cell for outcome in outcomes for cell in _cells(outcome)]
        period = _period(one, found.zone) + (" so far" if found.is_under_way(one) else "")
        table.add_row(one.kpi, one.scope, one.name, one.window, period, *cells)
    return Group(table, Text(), *_sums(found))


def standings(found: Sequence[Standing]) -> RenderableType:
    """Return the targets as they stand now."""
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("line", "KPI", "scope", "name", "window"):
        table.add_column(heading, justify="right" if heading == "line" else "left", no_wrap=heading != "name")
    for heading in ("target", "value", "attained", "pace", "forecast"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for one in found:
        attained = _percent(one.judgement.attainment)
        table.add_row(
            str(one.target.line),
            one.target.kpi,
            one.target.scope.value,
            one.name,
            one.target.window,
            f"{SIGNS[one.target.bound]} {figure(one.target.value, one.kpi.unit)}",
            figure(one.value, one.kpi.unit),
            Text(attained, style=STYLES[one.met]),
            _percent(one.judgement.pace),
            figure(one.judgement.forecast, one.kpi.unit),
            Text(one.note, style="dim"),
        )
    return table


def _cells(outcome: Outcome | None) -> Iterator[str | Text]:
    if outcome is None:
        yield from ("", "", "", "")
        return
    target, unit = outcome.target, outcome.kpi.unit
    yield f"{SIGNS[target.bound]} {figure(target.value, unit)} (line {target.line})"
    yield figure(outcome.value, unit)
    yield _percent(outcome.attainment)
    yield Text(_met(outcome), style=STYLES[outcome.met])


def _met(outcome: Outcome) -> str:
    if outcome.met is None:
        return "no value"
    if outcome.windows > 1:
        return f"{outcome.met_windows} of {outcome.windows}"
    return "met" if outcome.met else "missed"


def _sums(found: Report) -> Iterator[Text]:
    for side in found.sides:
        met, judged = side.tally()
        yield Text(f"{side.file}: {met} of {judged} met")


def _percent(ratio: float | None) -> str:
    return NONE if ratio is None else f"{100 * ratio:.0f}%"


def _period(one: Figure, zone: ZoneInfo) -> str:
    begin, end = (datetime.fromtimestamp(ms / 1000, zone) for ms in (one.from_ms, one.to_ms))
    if one.window == "shift":
        return f"{begin:%a %Y-%m-%d %H:%M}–{end:%H:%M}"
    if one.window == "month":
        return f"{begin:%Y-%m}"
    return f"week of {begin:%Y-%m-%d}" if one.window == "week" else f"{begin:%a %Y-%m-%d}"
