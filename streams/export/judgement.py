"""Where targets come in: what is said of a table's figures beside their values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from streams.targets import ALWAYS
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

    @property
    def numbers(self) -> tuple[float | None, ...]:
        """Return what is a series of its own on `/metrics`."""
        return self.target, self.attainment, self.pace, self.forecast, self.required_per_hour


NOT_JUDGED = Judgement()

Judgements = Mapping[tuple[int, int], Judgement]
"""(place of the name, place of the KPI) in a table → its judgement; without those that no target applies to."""
Owner = tuple[str, str]
"""Whose figures: scope and name."""


class Judge(Protocol):
    """Judges figures, and knows when their owners work."""

    def __call__(self, table: Table, t_ms: int) -> Judgements:
        """Judge a table at an instant (epoch ms)."""

    def most(self, scope: str, window: str) -> int:
        """Return how many figures of one name are judged at most."""

    def worked_ms(self, owners: Iterable[Owner], t_ms: int) -> Mapping[Owner, int]:
        """Return for how long each owner's working time has lasted without a pause; 0 outside of it."""


class NoTargets:
    """Judges nothing; nobody has a calendar."""

    def __call__(self, table: Table, t_ms: int) -> Judgements:
        """Return no judgement."""
        return {}

    def most(self, scope: str, window: str) -> int:
        """Return that none is."""
        return 0

    def worked_ms(self, owners: Iterable[Owner], t_ms: int) -> Mapping[Owner, int]:
        """Return what is said where all time works."""
        return dict.fromkeys(owners, ALWAYS.lasted(t_ms))


no_targets = NoTargets()
