"""What a demo can be asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Options:
    """As on the command line."""

    data: Path
    minutes: float | None
    """How long it runs once everything is ready; None: until it is stopped."""
    rate: float
    """Events a second."""
    dirt: float
    workers: int
    seed: int
    profile: Literal["real", "busy"]
    headless: bool

    @property
    def simulate(self) -> tuple[str, ...]:
        """The simulator's command line."""
        return (
            *("simulate", "--rate", str(self.rate), "--dirt", str(self.dirt)),
            *("--seed", str(self.seed), "--profile", self.profile),
        )
