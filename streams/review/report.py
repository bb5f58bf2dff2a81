"""Outcomes as rows, those of two configurations side by side. Pure: the terminal and JSON show the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from streams.export.times import shown
from streams.review.outcomes import Figure, Outcome, Outcomes


@dataclass(frozen=True, slots=True)
class Side:
    """What one file says."""

    file: Path
    outcomes: Outcomes

    def tally(self) -> tuple[int, int]:
        """Return how many figures kept to their targets, and how many had a value at all."""
        met = [outcome.met for outcome in self.outcomes.values() if outcome.met is not None]
        return sum(met), len(met)


@dataclass(frozen=True, slots=True)
class Report:
    """A range of time, judged by one file or two."""

    from_ms: int
    to_ms: int
    zone: ZoneInfo
    now_ms: int
    """What ends after it is still under way."""
    sides: tuple[Side, ...]

    def rows(self) -> Iterator[tuple[Figure, tuple[Outcome | None, ...]]]:
        """Yield every figure that a side judges with what each says: by KPI, scope, name, window and time."""
        for figure in sorted({figure for side in self.sides for figure in side.outcomes}):
            yield figure, tuple(side.outcomes.get(figure) for side in self.sides)

    def answer(self) -> dict[str, Any]:
        """Return the report as JSON has it; `rules` are in the order of `files`."""
        return {
            "from": shown(self.from_ms, self.zone),
            "to": shown(self.to_ms, self.zone),
            "files": [_side(side) for side in self.sides],
            "figures": [self._figure(figure, outcomes) for figure, outcomes in self.rows()],
        }

    def is_under_way(self, figure: Figure) -> bool:
        """Say whether a figure's period has not ended yet."""
        return figure.to_ms > self.now_ms

    def _figure(self, figure: Figure, outcomes: tuple[Outcome | None, ...]) -> dict[str, Any]:
        return {
            "kpi": figure.kpi,
            "scope": figure.scope,
            "name": figure.name,
            "window": figure.window,
            "from": shown(figure.from_ms, self.zone),
            "to": shown(figure.to_ms, self.zone),
            "under_way": self.is_under_way(figure),
            "rules": [outcome and _outcome(outcome) for outcome in outcomes],
        }


def _side(side: Side) -> dict[str, Any]:
    met, judged = side.tally()
    return {"file": str(side.file), "met": met, "judged": judged}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "line": outcome.target.line,
        "target": outcome.target.value,
        "bound": outcome.target.bound,
        "value": outcome.value,
        "attainment": outcome.attainment,
        "met": outcome.met,
        "windows": outcome.windows,
        "met_windows": outcome.met_windows,
    }
