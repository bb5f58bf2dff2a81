"""What comes out of a verification."""

from dataclasses import dataclass, field

from streams.verify.compare import Difference


class CannotVerify(Exception):
    """Nothing can be said; the message says why."""


@dataclass(frozen=True, slots=True)
class Unverifiable:
    """Panes that cannot be counted again: no differences, and no praise either."""

    topic: str
    partition: int
    reason: str
    sound_ms: int | None
    """Event time (epoch ms) from which on panes are compared; None where none is."""


@dataclass(slots=True)
class Report:
    """What came out."""

    from_ms: int
    to_ms: int
    records: int = 0
    """Offsets that were read again."""
    panes: int = 0
    """Panes that were compared, the live state of a partition being one."""
    differences: list[Difference] = field(default_factory=list)
    unverifiable: list[Unverifiable] = field(default_factory=list)
