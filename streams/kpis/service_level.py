"""Service level policies: what an inbound call adds to *met* and to *of*, the two sides of the KPI."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

NOTHING = (0, 0)
MISSED = (0, 1)
MET = (1, 1)

DEFAULT_POLICY = "abandons_count_against"
DEFAULT_THRESHOLD_MS = 20_000
DEFAULT_SHORT_ABANDON_MS = 5_000


@dataclass(frozen=True, slots=True)
class Policy:
    """What an abandoned call adds as (met, of): up to the limit, which is included, and beyond it.

    An answered call always adds to *of*, and to *met* when it waited no longer than the threshold.
    """

    limit: Literal["threshold", "short"]
    within: tuple[int, int]
    beyond: tuple[int, int]


POLICIES: Mapping[str, Policy] = {
    "abandoned_in_time_is_met": Policy("threshold", MET, MISSED),
    "abandons_ignored": Policy("threshold", NOTHING, NOTHING),
    "abandons_count_against": Policy("threshold", MISSED, MISSED),
    "abandoned_in_time_ignored": Policy("threshold", NOTHING, MISSED),
    "short_abandon_is_met": Policy("short", MET, MISSED),
    "short_abandon_ignored": Policy("short", NOTHING, MISSED),
}


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How a queue's calls are judged."""

    threshold_ms: int = DEFAULT_THRESHOLD_MS
    short_abandon_ms: int = DEFAULT_SHORT_ABANDON_MS
    policy: str = DEFAULT_POLICY

    @property
    def rule(self) -> Policy:
        """What an abandoned call adds."""
        return POLICIES[self.policy]

    @property
    def limit_ms(self) -> int:
        """Up to which wait an abandoned call is within the limit."""
        return self.threshold_ms if self.rule.limit == "threshold" else self.short_abandon_ms
