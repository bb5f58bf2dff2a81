"""A report as people and programs read it."""

import json
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from streams.kpis.panes import MINUTE_MS, QUARTER_MS
from streams.verify.report import Report

EQUAL, DIFFERENT, UNKNOWN = 0, 1, 2
COLUMNS = ("topic", "partition", "pane", "row", "fact", "live", "replay")


def exit_code(report: Report) -> int:
    """Return 1 where anything differs, else 2 where anything could not be verified, else 0."""
    if report.differences:
        return DIFFERENT
    return UNKNOWN if report.unverifiable else EQUAL


def as_json(report: Report) -> str:
    """Return the report as one JSON object."""
    whole = {
        "from": moment(report.from_ms),
        "to": moment(report.to_ms),
        "records": report.records,
        "panes": report.panes,
        "differences": [one._asdict() | {"begins": begins(one.pane)} for one in report.differences],
        "unverifiable": [
            {
                "topic": one.topic,
                "partition": one.partition,
                "reason": one.reason,
                "verified_from": None if one.sound_ms is None else moment(one.sound_ms),
            }
            for one in report.unverifiable
        ],
    }
    return json.dumps(whole, ensure_ascii=False)


def table(report: Report) -> Table:
    """Return the differences as a table."""
    found = Table(*COLUMNS)
    for one in report.differences:
        pane = f"{one.pane} ({begins(one.pane)})" if begins(one.pane) else one.pane
        found.add_row(*map(str, one._replace(pane=pane)))
    return found


def sentences(report: Report) -> list[str]:
    """Return what people want to know, worst last."""
    compared = f"{report.panes:,} panes compared from {moment(report.from_ms)} to {moment(report.to_ms)}"
    lines = [f"{compared}, {report.records:,} records read again"]
    for one in report.unverifiable:
        since = "" if one.sound_ms is None else f"; compared from {moment(one.sound_ms)}"
        lines.append(f"not verifiable: {one.topic}-{one.partition}: {one.reason}{since}")
    count = len(report.differences)
    lines.append(f"{count:,} difference{'s' * (count != 1)}" if count else "no differences")
    return lines


def begins(pane: str) -> str | None:
    """Return a pane's first moment, None for what is no pane of time."""
    lengths: dict[str, Any] = {"m:": MINUTE_MS, "q:": QUARTER_MS}
    length = lengths.get(pane[:2])
    return moment(int(pane[2:]) * length) if length else None


def moment(ms: int) -> str:
    """Return an instant as RFC 3339 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
