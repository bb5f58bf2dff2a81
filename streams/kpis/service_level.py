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


def judge(policy: str, outcome: str, wait_ms: int | None, threshold_ms: int, short_ms: int) -> tuple[int, int]:
    """Return what an inbound call adds to (met, of); nothing unless it was answered or abandoned after a known wait."""
    if wait_ms is None:
        return NOTHING
    if outcome == "answered":
        return MET if wait_ms <= threshold_ms else MISSED
    if outcome != "abandoned":
        return NOTHING
    rule = POLICIES[policy]
    limit_ms = threshold_ms if rule.limit == "threshold" else short_ms
    return rule.within if wait_ms <= limit_ms else rule.beyond


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How a queue's calls are judged."""

    threshold_ms: int = DEFAULT_THRESHOLD_MS
    short_abandon_ms: int = DEFAULT_SHORT_ABANDON_MS
    policy: str = DEFAULT_POLICY

    def judge(self, outcome: str, wait_ms: int | None) -> tuple[int, int]:
        """Return what an inbound call of the queue adds to (met, of)."""
        return judge(self.policy, outcome, wait_ms, self.threshold_ms, self.short_abandon_ms)
