"""Where targets come in: what is said of a table's figures beside their values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from streams.view.tables import Table


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a target says of one figure; None where it says nothing."""

    target: float | None = None
    bound: Literal["min", "max"] | None = None
    attainment: float | None = None
    pace: float | None = None
    forecast: float | None = None
    required_per_hour: float | None = None


NOT_JUDGED = Judgement()

Judgements = Mapping[tuple[int, int], Judgement]
"""(place of the name, place of the KPI) in a table → its judgement; without those that no target applies to."""
Judge = Callable[[Table, int], Judgements]
"""Judges a table at an instant (epoch ms)."""


def no_targets(_table: Table, _t_ms: int) -> Judgements:
    """Judge nothing."""
    return {}
