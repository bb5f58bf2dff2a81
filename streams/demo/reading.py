"""What the exporter says of the floor, taken from its three answers. Pure: text and JSON in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Figures = Mapping[str, float | None]
"""KPI id → value."""


@dataclass(frozen=True, slots=True)
class Present:
    """What happens now, summed over teams and queues."""

    reps: Mapping[str, int]
    """State → reps."""
    waiting: int
    longest_s: float
    active: Mapping[str, int]
    """Direction → calls."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The floor at one instant."""

    at: datetime
    """Of when the figures are, with the floor's offset."""
    stale: tuple[str, ...]
    """Topics whose figures are not those of `at`."""
    figures: Mapping[tuple[str, str, str], Figures]
    """(scope, name, window) → figures."""
    present: Present
    applied: int
    """Events ever counted, duplicates and parked ones not among them."""
    duplicates: int
    parked: int
    lag: int
    """Records in Kafka that are not applied yet."""

    @property
    def teams(self) -> list[str]:
        """Return the names of the teams."""
        return sorted({name for scope, name, _ in self.figures if scope == "team"})


def reading(kpis: Mapping[str, Any], now: Mapping[str, Any], metrics: str) -> Reading:
    """Return the reading of `/api/kpis`, `/api/now` and `/metrics`."""
    figures: dict[tuple[str, str, str], dict[str, float | None]] = {}
    for row in kpis["kpis"]:
        figures.setdefault((row["scope"], row["name"], row["window"]), {})[row["kpi"]] = row["value"]
    results: dict[str, int] = {}
    lag = 0
    for name, labels, value in samples(metrics):
        if name == "floorcast_events_total":
            results[labels["result"]] = results.get(labels["result"], 0) + int(value)
        elif name == "floorcast_lag_records":
            lag += int(value)
    return Reading(
        at=datetime.fromisoformat(kpis["at"]),
        stale=tuple(kpis["stale"]),
        figures=figures,
        present=_present(now),
        applied=results.get("applied", 0),
        duplicates=results.get("duplicate", 0),
        parked=results.get("parked", 0),
        lag=lag,
    )


def samples(metrics: str) -> Iterator[tuple[str, Mapping[str, str], float]]:
    """Yield the floorcast_… series whose labels need no unescaping: name, labels, value."""
    for line in metrics.splitlines():
        if line.startswith("floorcast_") and "{" in line and "\\" not in line:
            series, value = line.rsplit(" ", 1)
            name, labels = series.rstrip("}").split("{", 1)
            pairs = (pair.split("=", 1) for pair in labels.split(",") if "=" in pair)
            yield name, {label: text.strip('"') for label, text in pairs}, float(value)


def _present(now: Mapping[str, Any]) -> Present:
    reps: dict[str, int] = {}
    active: dict[str, int] = {}
    for row in now["reps"]:
        reps[row["state"]] = reps.get(row["state"], 0) + row["count"]
    for row in now["active"]:
        active[row["direction"]] = active.get(row["direction"], 0) + row["count"]
    return Present(
        reps=reps,
        waiting=sum(row["count"] for row in now["waiting"]),
        longest_s=max((row["longest_seconds"] for row in now["waiting"]), default=0.0),
        active=active,
    )
