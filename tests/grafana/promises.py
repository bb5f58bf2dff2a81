"""What a panel must show by what it says to people: its title and legend, never its query."""

from collections.abc import Iterable, Mapping
from typing import Any

from grafana.boards.targets import UNIT_TITLES
from grafana.words import WINDOWS, Say
from streams.kpis.catalogue import load
from tests.grafana.choices import Chosen, filled
from tests.grafana.health_promises import HEALTH, Promised
from tests.grafana.told import Told

Labelled = tuple[str, str]
"""A panel's title and a query's legend, in English."""
FIELDS = {
    "Value": "value",
    "Target ({{bound}})": "target",
    "Target": "target",
    "Attainment": "attainment",
    "Pace": "pace",
    "Forecast": "forecast",
    "Needed per hour": "required_per_hour",
}
UNITS = {english: unit.value for unit, (english, _) in UNIT_TITLES.items()}
_EN = Say("en")
_KPIS = {_EN.title(kpi): kpi.id for kpi in load().kpis.values()}
_WINDOWS = {_EN.window(window): window for window in WINDOWS} | {window: window for window in WINDOWS}


def promised(slug: str, said: Labelled, chosen: Chosen, told: Told) -> Promised:
    """Return what a query of a board's panel must show. Raises KeyError for a panel whose words say nothing known."""
    title, legend = said
    scope, name = _row(slug, chosen)
    title = filled(title, chosen)
    kpi_title, _, words = title.rpartition(" · ")
    if kpi_title in _KPIS:
        row = told.kpis.get((_KPIS[kpi_title], scope, name, _WINDOWS[words]))
        return _of_row(row, FIELDS[legend], ("bound",) if "{{bound}}" in legend else ())
    window = chosen.get("window", "")
    if legend in _KPIS:
        return _of_row(told.kpis.get((_KPIS[legend], scope, name, window)), "value", ())
    rows = [row for row in told.kpis.values() if (row["scope"], row["name"], row["window"]) == (scope, name, window)]
    if title in UNITS:
        labels = ("bound", "kpi") if legend == "Target" else ("kpi",)
        return _of_rows((row for row in rows if row["unit"] == UNITS[title]), FIELDS[legend], labels)
    if legend == "{{kpi}}":
        return _of_rows(rows, {"Pace": "pace", "The day": "attainment"}[title], ("kpi",))
    now = _now(told, name)
    return now[title, legend] if (title, legend) in now else HEALTH[title, legend](told)


def _row(slug: str, chosen: Chosen) -> tuple[str, str]:
    if slug == "floor-wall":
        return "floor", "all"
    if slug in ("team", "queues"):
        scope = slug.removesuffix("s")
        return scope, chosen[scope]
    return chosen.get("scope", ""), chosen.get("name", "")


def _of_row(row: Mapping[str, Any] | None, field: str, labels: tuple[str, ...]) -> Promised:
    return _of_rows([row] if row else [], field, labels)


def _of_rows(rows: Iterable[Mapping[str, Any]], field: str, labels: tuple[str, ...]) -> Promised:
    return {tuple(row[label] for label in labels): row[field] for row in rows if row[field] is not None}


def _now(told: Told, team: str) -> Mapping[Labelled, Promised]:
    waiting, longest = {row["queue"]: row["count"] for row in told.now["waiting"]}, told.longest()
    return {
        ("Waiting now", "Waiting"): {(): sum(waiting.values())},
        ("Waiting now", "Longest, s"): {(): max(longest.values())},
        ("Waiting now", "{{queue}}"): {(queue,): count for queue, count in waiting.items()},
        ("Longest wait", "{{queue}}"): {(queue,): seconds for queue, seconds in longest.items()},
        ("Reps by state", "{{state}}"): _counts(told.now["reps"], team, "state"),
        ("Active calls", "{{direction}}"): _counts(told.now["active"], team, "direction"),
    }


def _counts(rows: Iterable[Mapping[str, Any]], team: str, label: str) -> Promised:
    return {(row[label],): row["count"] for row in rows if row["team"] == team}
