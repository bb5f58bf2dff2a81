"""A floor as a whole: the same from the same seed, valid, at the rate that was asked for, open at once, closed at the end."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from schemas.events import EVENT_TYPES, TOPIC_OF
from schemas.topics import load as topics
from streams.simulate.world import WARM_UP_MS, World
from tests.simulate.runs import MINUTE, SECOND, START, Run, plan, read, run


def test_the_same_plan_start_and_seed_give_the_same_bytes() -> None:
    assert run(plan(), 2) == run(plan(), 2)


def test_another_seed_gives_another_floor() -> None:
    assert run(plan(seed=1), 0.2).arrivals != run(plan(seed=2), 0.2).arrivals


@pytest.mark.parametrize("warm", [True, False])
def test_the_steps_in_which_time_advances_change_nothing(warm: bool) -> None:
    dice, world = Random(3), World(plan(), START, warm)
    arrivals = []
    while world.now_ms < START + MINUTE:
        arrivals += world.advance(min(START + MINUTE, world.now_ms + dice.choice([1, 10, 777, 5000])))
    assert arrivals == run(plan(), 1, warm=warm).arrivals


def test_two_starts_with_the_same_seed_share_no_event_id() -> None:
    """Else the second run would be taken for a repeat of the first."""
    first, second = (run(plan(), 0.5, start_ms=start).arrivals for start in (START, START + MINUTE))
    ids = [{arrival.value.split(b'"id":"')[1][:36] for arrival in arrivals} for arrivals in (first, second)]
    assert all(ids) and ids[0].isdisjoint(ids[1])


def test_every_event_is_valid_in_its_topic_under_its_key(hour: Run) -> None:
    keys = {name: topic.key.split(" ")[0].rstrip(",") for name, topic in topics().items()}
    for told in [*hour.told, *map(read, hour.closing)]:
        arrival = told.arrival
        EVENT_TYPES[told.kind].model_validate_json(arrival.value)
        assert TOPIC_OF[told.kind] == arrival.topic
        key = {"meeting": "meeting_id", "deal": "deal_id"}.get(told.kind.split(".")[0], keys[arrival.topic])
        assert told.data[key] == arrival.key


def test_event_ids_are_unique(hour: Run) -> None:
    ids = [arrival.value.split(b'"id":"')[1][:36] for arrival in hour.arrivals + hour.closing]
    assert len(set(ids)) == len(ids)


def test_arrivals_come_in_order_shortly_after_their_time_and_none_after_the_end(hour: Run) -> None:
    everything = hour.arrivals + hour.closing
    assert all(earlier.at_ms <= later.at_ms for earlier, later in pairwise(everything))
    assert everything[-1].at_ms == hour.until_ms
    assert all(0 <= told.arrival.at_ms - told.at_ms <= 5 * SECOND for told in map(read, everything))


def test_all_sixteen_types_occur_within_ten_minutes_of_a_cold_start() -> None:
    assert {told.kind for told in run(plan(), 10, warm=False).told} == set(EVENT_TYPES)


def test_a_warm_floor_is_lively_in_its_first_ten_seconds() -> None:
    kinds = {told.kind for told in run(plan(), 10 / 60).told}
    assert len(kinds) >= 12, sorted(set(EVENT_TYPES) - kinds)


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize(("rate", "minutes"), [(50.0, 1), (50.0, 5), (400.0, 1), (4.0, 20), (1.0, 60)])
def test_the_rate_is_held(rate: float, minutes: float, warm: bool) -> None:
    floor = run(plan(rate), minutes, warm=warm)
    assert len(floor.arrivals + floor.closing) / (minutes * 60) == pytest.approx(rate, rel=0.1)


def test_each_minute_holds_the_rate_once_the_floor_is_under_way(hour: Run) -> None:
    minutes = Counter((arrival.at_ms - hour.start_ms) // MINUTE for arrival in hour.arrivals)
    assert all(minutes[minute] / 60 == pytest.approx(50, rel=0.1) for minute in range(5, 60))


def test_a_warm_floor_is_met_at_work() -> None:
    """Calls under way come with their past, stamped before the start, so that nothing is late and nothing lacks its
    beginning.
    """
    floor = run(plan(), 0.1)
    past = [told for told in floor.told if told.arrival.at_ms <= START]
    assert min(told.arrival.at_ms for told in past) >= START - WARM_UP_MS
    answered = [told for told in past if told.kind == "call.answered"]
    at_work = {told.data["rep"] for told in past if told.kind == "rep.state_changed"}
    assert len(answered) > 0.15 * len(at_work) > 30
    assert Counter(told.data["rep"] for told in past if told.kind == "rep.state_changed").most_common(1)[0][1] == 1


def test_a_cold_floor_tells_nothing_from_before_its_start() -> None:
    assert min(told.at_ms for told in run(plan(), 1, warm=False).told) >= START


def test_the_closing_ends_every_call_and_sends_everyone_home(hour: Run) -> None:
    assert hour.closing
    for (topic, _), events in hour.by_key.items():
        if topic == "reps":
            assert events[-1].data["state"] == "offline"
        if topic == "calls":
            assert events[-1].kind in ("call.ended", "call.wrapped")
