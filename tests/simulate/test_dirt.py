"""Dirt: how much, of which kinds, and that it never changes what is true."""

import json
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from schemas.refusals import Reason
from streams.decode import TopicDecoder
from streams.simulate.dirt import Dirt
from streams.simulate.engine import Arrival
from streams.simulate.world import World
from streams.worker.reading import CHUNK
from tests.simulate.runs import HOUR, MINUTE, START, plan, read

UNTIL = START + HOUR
REASONS = {Reason.NOT_JSON, Reason.INVALID, Reason.UNKNOWN_TYPE, Reason.WRONG_TOPIC, Reason.FUTURE, Reason.TOO_LATE,
           Reason.TOO_LARGE}  # fmt: skip


def dirtied(share: float, seed: str = "1", step: int = HOUR) -> list[Arrival]:
    """Return an hour with dirt, to its end."""
    world, dirt, arrivals = World(plan(10), START, warm=False), Dirt(share, seed), []
    for at_ms in range(START + step, UNTIL + 1, step):
        arrivals += dirt.pass_on(world.advance(at_ms), at_ms)
    return arrivals + dirt.pass_on(world.close(), UNTIL) + dirt.drain(UNTIL)


@pytest.fixture(scope="module")
def clean() -> list[Arrival]:
    """Return an hour without dirt."""
    return dirtied(0)


@pytest.fixture(scope="module")
def dirty() -> list[Arrival]:
    """Return the same hour with much dirt."""
    return dirtied(0.2)


def test_without_dirt_nothing_is_dirty(clean: list[Arrival]) -> None:
    assert not any(arrival.dirt for arrival in clean)
    assert len({arrival.value for arrival in clean}) == len(clean)
    assert max(arrival.at_ms - read(arrival).at_ms for arrival in clean) < 5000
    assert not judged(clean)[1]


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_the_share_is_what_was_asked_for(clean: list[Arrival], share: float) -> None:
    found = sum(bool(arrival.dirt) for arrival in dirtied(share))
    assert found / len(clean) == pytest.approx(share, rel=0.1)


def test_every_kind_occurs(dirty: list[Arrival]) -> None:
    kinds = Counter(arrival.dirt for arrival in dirty)
    assert set(kinds) == {"", "duplicate", "late", "out_of_order", *(reason.value for reason in REASONS)}
    total = kinds.total() - kinds[""]
    assert 0.3 < kinds["duplicate"] / total < 0.4
    assert 0.15 < kinds["late"] / total < 0.25
    assert 0.15 < kinds["out_of_order"] / total < 0.25


def test_dirt_comes_from_its_seed_whatever_the_steps(dirty: list[Arrival]) -> None:
    assert dirtied(0.2, step=MINUTE) == dirty
    assert dirtied(0.2, seed="2") != dirty


def test_arrivals_stay_in_order_and_within_the_run(dirty: list[Arrival]) -> None:
    assert all(earlier.at_ms <= later.at_ms for earlier, later in pairwise(dirty))
    assert dirty[-1].at_ms == UNTIL


def test_a_duplicate_is_the_same_bytes_under_the_same_key_and_comes_after(dirty: list[Arrival]) -> None:
    seen = set()
    for arrival in (arrival for arrival in dirty if arrival.dirt not in REASONS):
        same = arrival.topic, arrival.key, arrival.value
        assert (same in seen) == (arrival.dirt == "duplicate")
        seen.add(same)


def test_late_means_over_a_minute_after_its_time(dirty: list[Arrival]) -> None:
    for arrival in dirty:
        if arrival.dirt == "late" and arrival.at_ms < UNTIL:
            assert arrival.at_ms - read(arrival).at_ms > 60_000
        if arrival.dirt == "out_of_order":
            assert arrival.at_ms - read(arrival).at_ms < 60_000


def test_out_of_order_means_that_later_events_of_a_key_overtake(dirty: list[Arrival]) -> None:
    times: dict[tuple[str, str], int] = {}
    overtaken = 0
    for arrival in dirty:
        if arrival.dirt == "out_of_order":
            overtaken += times.get((arrival.topic, arrival.key), 0) > read(arrival).at_ms
        elif not arrival.dirt:
            times[arrival.topic, arrival.key] = read(arrival).at_ms
    assert overtaken > 20


def judged(arrivals: list[Arrival]) -> tuple[dict[str, set[bytes]], list[tuple[str, str]]]:
    """Return the accepted values by topic, and (reason, dirt) of what the processor's decoder refuses."""
    accepted: dict[str, set[bytes]] = defaultdict(set)
    refused = []
    for topic in ("calls", "emails", "links", "reps", "crm"):
        records = [arrival for arrival in arrivals if arrival.topic == topic]
        decoder = TopicDecoder(topic)
        refusals: dict[int, Reason] = {}
        for low in range(0, len(records), CHUNK):
            some = records[low : low + CHUNK]
            chunk = decoder.decode_chunk([record.value for record in some], [record.at_ms for record in some])
            refusals |= {low + refusal.index: refusal.reason for refusal in chunk.refusals}
        refused += [(refusals[place].value, records[place].dirt) for place in refusals]
        accepted[topic] = {record.value for place, record in enumerate(records) if place not in refusals}
    return accepted, refused


def test_what_is_broken_is_refused_for_the_reason_it_says_and_nothing_else_is(dirty: list[Arrival]) -> None:
    _, refused = judged(dirty)
    assert all(reason == dirt for reason, dirt in refused)
    assert len(refused) == sum(arrival.dirt in REASONS for arrival in dirty) > 300


def test_what_is_broken_has_an_id_of_its_own(clean: list[Arrival], dirty: list[Arrival]) -> None:
    """Else a processor that remembered refused ids would take the sound event for a repeat."""
    broken = [arrival for arrival in dirty if arrival.dirt in REASONS - {Reason.NOT_JSON}]
    ids = {json.loads(arrival.value)["id"] for arrival in broken} - {""}
    assert len(ids) > 200
    assert ids.isdisjoint(json.loads(arrival.value)["id"] for arrival in clean)


def test_dirt_changes_nothing_that_is_true(clean: list[Arrival], dirty: list[Arrival]) -> None:
    assert judged(dirty)[0] == judged(clean)[0]
