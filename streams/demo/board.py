"""What the terminal shows, before it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from streams.demo.reading import Reading

OLD_S = 5.0
"""Figures older than this are called old."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is."""

    kafka: str
    redis: str
    exporter: str
    workers: tuple[str, ...]
    data: str
    monitors: Mapping[str, str] = field(default_factory=dict)
    """Prometheus, Alertmanager and Grafana, as far as they run: name → URL."""


@dataclass(frozen=True, slots=True)
class Silence:
    """The exporter does not answer."""

    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """One picture."""

    floor: str
    addresses: Addresses
    now: datetime
    reading: Reading | Silence | None
    """None: nothing was asked yet."""
    per_second: float | None = None
    stale_since: Mapping[str, datetime] | None = None
    notices: tuple[str, ...] = ()

    @property
    def age_s(self) -> float:
        """How old the reading is; 0 without one."""
        if not isinstance(self.reading, Reading):
            return 0.0
        return max(0.0, (self.now - self.reading.at).total_seconds())

    @property
    def old(self) -> bool:
        """Whether the figures are too old to pass as those of now."""
        return self.age_s > OLD_S
