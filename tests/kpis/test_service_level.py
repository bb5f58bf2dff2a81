"""The six policies, on the golden table and on their borders: calls are sent as JSON and counted as a worker does."""

from collections.abc import Iterator
from functools import cache
from itertools import chain, repeat

import pytest

from streams.floor import Floor
from streams.kpis.service_level import MET, MISSED, NOTHING, POLICIES, QueuePolicy
from streams.kpis.versions import Versions
from tests.scanned import Counter, Sent

GOLDEN = {
    "abandoned_in_time_is_met": (880, 1060, 0.8302),
    "abandons_ignored": (860, 1000, 0.8600),
    "abandons_count_against": (860, 1060, 0.8113),
    "abandoned_in_time_ignored": (860, 1040, 0.8269),
    "short_abandon_is_met": (870, 1060, 0.8208),
    "short_abandon_ignored": (860, 1050, 0.8190),
}
T_MS, S_MS = 20_000, 5_000
CATALOGUE = Floor.default().catalogue()


@cache
def counter_of(policy: str) -> Counter:
    """Return what counts calls of queues that all have a policy."""
    return Counter("calls", CATALOGUE, lambda _: Versions(QueuePolicy(T_MS, S_MS, policy)))


def judged(policy: str, *calls: tuple[str, int | None]) -> tuple[int, int]:
    """Return what inbound calls (outcome, wait) add to (met, of)."""
    data = ({"direction": "inbound", "outcome": outcome, "wait_ms": wait_ms} for outcome, wait_ms in calls)
    sums = counter_of(policy).sums([Sent("call.ended", one) for one in data])
    return sums["service_level_met"], sums["service_level_of"]


def golden_calls() -> Iterator[tuple[str, int]]:
    return chain(
        repeat(("answered", 10_000), 860),
        repeat(("answered", 45_000), 140),
        repeat(("abandoned", 3_000), 10),
        repeat(("abandoned", 12_000), 10),
        repeat(("abandoned", 60_000), 40),
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_the_golden_table_comes_out(policy: str) -> None:
    met, of = judged(policy, *golden_calls())
    assert (met, of, round(met / of, 4)) == GOLDEN[policy]


def test_there_are_exactly_the_policies_of_the_design() -> None:
    assert set(POLICIES) == set(GOLDEN)


@pytest.mark.parametrize("policy", POLICIES)
def test_an_answer_at_the_threshold_is_in_time_and_a_millisecond_later_is_not(policy: str) -> None:
    assert judged(policy, ("answered", T_MS)) == MET
    assert judged(policy, ("answered", T_MS + 1)) == MISSED


@pytest.mark.parametrize(
    ("policy", "limit_ms", "within", "beyond"),
    [
        ("abandoned_in_time_is_met", T_MS, MET, MISSED),
        ("abandons_ignored", T_MS, NOTHING, NOTHING),
        ("abandons_count_against", T_MS, MISSED, MISSED),
        ("abandoned_in_time_ignored", T_MS, NOTHING, MISSED),
        ("short_abandon_is_met", S_MS, MET, MISSED),
        ("short_abandon_ignored", S_MS, NOTHING, MISSED),
    ],
)
def test_an_abandoned_call_at_the_limit_is_within_it(
    policy: str, limit_ms: int, within: tuple[int, int], beyond: tuple[int, int]
) -> None:
    assert judged(policy, ("abandoned", limit_ms)) == within
    assert judged(policy, ("abandoned", limit_ms + 1)) == beyond


@pytest.mark.parametrize("policy", POLICIES)
def test_an_unknown_wait_is_in_no_service_level(policy: str) -> None:
    assert judged(policy, ("answered", None)) == NOTHING
    assert judged(policy, ("abandoned", None)) == NOTHING


@pytest.mark.parametrize("outcome", ["no_answer", "busy", "failed", "voicemail"])
@pytest.mark.parametrize("policy", POLICIES)
def test_only_answered_and_abandoned_calls_count(policy: str, outcome: str) -> None:
    assert judged(policy, (outcome, 0)) == NOTHING
