"""The compiled programs count each event by the version of its own time, in whatever order events come."""

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.floor import parse
from tests.scanned import Counter, Sent

FLOOR = parse(
    b"""
floor: {conversation_seconds: [{seconds: 60}, {since: 2026-11-10, seconds: 90}]}
queues: {q: [{threshold_seconds: 20}, {since: 2026-11-10, threshold_seconds: 10}]}
facts:
  long:
    - {event: call.ended, where: {direction: outbound, talk_ms: {at_least: 600000}}}
    - {since: 2026-11-10, where: {direction: outbound, talk_ms: {at_least: 300000}}}
    - {since: 2026-11-11, where: {direction: inbound}}
"""
)
CATALOGUE = FLOOR.catalogue()
COUNTER = Counter("calls", CATALOGUE, FLOOR.queue_policies)
CHANGE = int(datetime.fromisoformat("2026-11-10T00:00:00+00:00").timestamp() * 1000)
DAY = 86_400_000


def added(*calls: tuple[int, dict[str, Any]]) -> dict[str, int]:
    sent = [Sent("call.ended", {"outcome": "answered", "queue": "q", **call}, ms) for ms, call in calls]
    return COUNTER.sums(sent)


def outbound(talk_s: int) -> dict[str, Any]:
    return {"direction": "outbound", "talk_ms": talk_s * 1000}


def test_a_conversation_is_one_by_the_length_of_its_day() -> None:
    assert added((CHANGE - 1, outbound(60)), (CHANGE, outbound(60)), (CHANGE, outbound(90)))["conversations"] == 2


def test_an_own_fact_is_counted_by_the_definition_of_its_day() -> None:
    assert added((CHANGE - 1, outbound(300)))["long"] == 0
    assert added((CHANGE, outbound(300)))["long"] == added((CHANGE + DAY - 1, outbound(300)))["long"] == 1
    assert added((CHANGE + DAY, outbound(300)), (CHANGE + DAY, {"direction": "inbound"}))["long"] == 1


def test_the_service_level_is_by_the_threshold_of_its_day() -> None:
    call = {"direction": "inbound", "wait_ms": 15_000}
    sums = added((CHANGE - 1, call), (CHANGE, call), (CHANGE, {**call, "wait_ms": 10_000}))
    assert (sums["service_level_met"], sums["service_level_of"]) == (2, 3)


@given(st.lists(st.tuples(st.sampled_from((-DAY, -1, 0, 1, DAY - 1, DAY)), st.sampled_from((59, 60, 90, 300, 600)))))
def test_the_order_of_arrival_changes_nothing(some: list[tuple[int, int]]) -> None:
    calls = [(CHANGE + offset, outbound(talk_s)) for offset, talk_s in some]
    long = {offset: 600 if offset < 0 else 300 if offset < DAY else 10**9 for offset, _ in some}
    sums = added(*calls)
    assert sums == added(*reversed(calls))
    assert sums["long"] == sum(talk_s >= long[offset] for offset, talk_s in some)
    assert sums["conversations"] == sum(talk_s >= (60 if offset < 0 else 90) for offset, talk_s in some)
