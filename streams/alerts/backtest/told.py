"""A backtest's report for people and for programs."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from streams.alerts.backtest.ask import Report
from streams.alerts.backtest.firings import Tally
from streams.export.times import shown
from streams.spelling import NONE, minutes


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON has it; what history cannot answer is null, never 0."""
    return {
        "from": shown(report.from_ms, report.zone),
        "to": shown(report.to_ms, report.zone),
        "alerts": [_alert(tally, report.zone) for tally in report.tallies],
    }


def _alert(tally: Tally, zone: ZoneInfo) -> dict[str, Any]:
    if tally.unanswerable:
        return {"alert": tally.name, "fired": None, "total_seconds": None, "firings": None, "note": tally.unanswerable}
    return {
        "alert": tally.name,
        "fired": len(tally.firings),
        "total_seconds": tally.total_ms / 1000,
        "firings": [
            {"from": shown(one.from_ms, zone), "to": shown(one.to_ms, zone), "labels": one.labels}
            for one in tally.firings
        ],
        "note": "",
    }


def table(report: Report) -> Table:
    """Return the report as a table for a terminal."""
    found = Table(box=None, padding=(0, 1), header_style="bold")
    found.add_column("alert", no_wrap=True)
    for heading in ("fired", "in all", "first", "last"):
        found.add_column(heading, justify="right", no_wrap=True)
    found.add_column("most often")
    for tally in report.tallies:
        found.add_row(tally.name, *_cells(tally, report.zone))
    return found


def _cells(tally: Tally, zone: ZoneInfo) -> tuple[str, ...]:
    if tally.unanswerable:
        return (NONE, NONE, NONE, NONE, tally.unanswerable)
    if not tally.firings:
        return ("0", NONE, NONE, NONE, "")
    first, last = (_moment(one.from_ms, zone) for one in (tally.firings[0], tally.firings[-1]))
    top = ", ".join(f"{labels} ({count})" for labels, count in tally.top)
    return (str(len(tally.firings)), minutes(tally.total_ms / 1000), first, last, top)


def _moment(ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, zone):%a %Y-%m-%d %H:%M}"
