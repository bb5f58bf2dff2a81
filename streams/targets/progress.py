"""Attainment and pace: how near a figure is to its target, and whether it will get there. After DESIGN §3."""

from dataclasses import dataclass
from math import isfinite
from typing import Literal

MOST = 10.0
"""Attainment is capped: beyond it the number says nothing."""
EARLIEST = 0.1
"""The share of the working time after which a forecast means something."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a count or sum stands in a window that is under way; None where a divisor is 0."""

    pace: float | None
    forecast: float | None
    required_per_hour: float | None


def attainment(value: float, target: float, bound: Literal["min", "max"]) -> float:
    """Return value ÷ target for `min`, target ÷ value for `max`: 1 = on target, more is better, at most 10.

    An upper bound is fully kept by a value of 0 or less.
    """
    if bound == "min":
        return min(MOST, value / target)
    return min(MOST, target / value) if value > 0 else MOST


def progress(value: float, target: float, bound: Literal["min", "max"], elapsed_ms: int, total_ms: int) -> Progress:
    """Return pace, forecast and need of a value after `elapsed_ms` of a window's `total_ms` of working time."""
    expected = target * elapsed_ms / total_ms if total_ms else 0.0
    left_h = (total_ms - elapsed_ms) / HOUR_MS
    early = elapsed_ms == 0 or elapsed_ms < EARLIEST * total_ms
    return Progress(
        pace=_finite(value / expected) if expected else None,
        forecast=None if early else value * total_ms / elapsed_ms,
        required_per_hour=max(0.0, target - value) / left_h if bound == "min" and left_h > 0 else None,
    )


def _finite(number: float) -> float | None:
    """Return a number, None for one that no float holds: a target may be as small as it likes."""
    return number if isfinite(number) else None
