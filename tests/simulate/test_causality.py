"""One thing leads to another, and the times of both agree to the millisecond."""

from collections import defaultdict
from itertools import pairwise

import pytest

from tests.simulate.runs import Run, Told, plan, run

CALL_ORDERS = {
    ("call.queued", "call.answered", "call.ended"),
    ("call.queued", "call.answered", "call.ended", "call.wrapped"),
    ("call.queued", "call.ended"),
    ("call.answered", "call.ended"),
    ("call.answered", "call.ended", "call.wrapped"),
    ("call.ended",),
}


@pytest.fixture(scope="module", params=["default", "with recorded calls", "cold"])
def floor(request: pytest.FixtureRequest, hour: Run) -> Run:
    """Return runs of different floors."""
    if request.param == "with recorded calls":
        return run(plan(1000), 1)
    return hour if request.param == "default" else run(plan(20, seed=5), 30, warm=False)


def calls(floor: Run) -> list[dict[str, Told]]:
    """Return each call's events by their type."""
    return [{told.kind: told for told in events} for (topic, _), events in floor.by_key.items() if topic == "calls"]


def test_a_call_is_queued_answered_ended_and_perhaps_wrapped(floor: Run) -> None:
    orders = {tuple(told.kind for told in events) for (topic, _), events in floor.by_key.items() if topic == "calls"}
    assert orders == CALL_ORDERS


def test_events_of_a_key_arrive_in_the_order_of_their_times(floor: Run) -> None:
    for events in floor.by_key.values():
        assert all(earlier.at_ms <= later.at_ms for earlier, later in pairwise(events))


def test_the_durations_of_a_call_are_the_times_between_its_events(floor: Run) -> None:
    for call in calls(floor):
        ended = call["call.ended"]
        if queued := call.get("call.queued"):
            met = call.get("call.answered", ended)
            assert met.data["wait_ms"] == ended.data["wait_ms"] == met.at_ms - queued.at_ms
        if answered := call.get("call.answered"):
            assert ended.data["talk_ms"] + ended.data.get("hold_ms", 0) == ended.at_ms - answered.at_ms
        if wrapped := call.get("call.wrapped"):
            assert "wrap_ms" not in ended.data
            assert wrapped.data["wrap_ms"] == wrapped.at_ms - ended.at_ms


def test_outcomes_are_those_of_the_direction(floor: Run) -> None:
    for call in calls(floor):
        ended = call["call.ended"].data
        assert (ended["outcome"] == "answered") == ("call.answered" in call)
        inbound = ended["direction"] == "inbound"
        assert inbound == ("call.queued" in call) == ("queue" in ended)
        assert ended["outcome"] in ({"answered", "abandoned"} if inbound else {
            "answered", "no_answer", "busy", "failed", "voicemail"
        })  # fmt: skip


def test_a_rep_speaks_with_one_customer_at_a_time_and_is_on_call_meanwhile(floor: Run) -> None:
    changes = [told for (topic, _), events in floor.by_key.items() if topic == "reps" for told in events]
    marks = {(told.data["rep"], told.at_ms, told.data["state"]) for told in changes}
    spoken = defaultdict(list)
    for call in calls(floor):
        answered = call.get("call.answered")
        if answered and "rep" in answered.data:
            spoken[answered.data["rep"]].append((answered.at_ms, call["call.ended"].at_ms))
            if answered.at_ms > floor.start_ms:
                assert (answered.data["rep"], answered.at_ms, "on_call") in marks
    for spans in spoken.values():
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(sorted(spans)))


def test_states_change_and_each_follows_from_the_last(floor: Run) -> None:
    follow = defaultdict(set)
    for (topic, _), events in floor.by_key.items():
        if topic == "reps":
            for earlier, later in pairwise(events):
                follow[earlier.data["state"]].add(later.data["state"])
    assert all(state not in next_ones for state, next_ones in follow.items())
    assert follow["on_call"] <= {"on_hold", "wrap_up", "offline"}
    assert follow["on_hold"] <= {"on_call", "offline"}
    assert "on_call" in follow["ringing"]
    assert "wrap_up" not in follow["available"] and "on_call" not in follow["available"]


def test_every_state_occurs(hour: Run) -> None:
    assert len({told.data["state"] for told in hour.told if told.kind == "rep.state_changed"}) == 12


def test_a_message_is_sent_then_delivered_or_bounced_then_read(floor: Run) -> None:
    read = defaultdict(list)
    for told in floor.told:
        if told.arrival.topic in ("emails", "links"):
            read[told.data["message_id"]].append(told)
    for events in read.values():
        kinds = [told.kind for told in events]
        by_people = [told.kind for told in events if not told.data.get("machine")]
        assert kinds[0] == "email.sent"
        assert len(kinds) == 1 or kinds[1] in ("email.delivered", "email.bounced")
        assert kinds.count("email.delivered") + kinds.count("email.bounced") <= 1
        if "email.bounced" in kinds:
            assert len(kinds) == 2
        for kind in {"link.clicked", "email.unsubscribed"} & set(by_people):
            assert "email.opened" in by_people[: by_people.index(kind)]
        assert len({(told.data["recipient"], told.data["campaign"], told.data["team"]) for told in events}) == 1


def test_a_lead_is_created_then_met_then_converted_then_a_deal(floor: Run) -> None:
    leads: dict[str, list[Told]] = defaultdict(list)
    meetings: dict[str, list[Told]] = defaultdict(list)
    deals: dict[str, list[Told]] = defaultdict(list)
    for told in floor.told:
        if told.arrival.topic == "crm":
            for ids, name in ((leads, "lead_id"), (meetings, "meeting_id"), (deals, "deal_id")):
                if name in told.data:
                    ids[told.data[name]].append(told)
    for events in leads.values():
        kinds = [told.kind for told in sorted(events, key=lambda told: told.at_ms)]
        whole = ["lead.created", "meeting.booked", "meeting.held", "lead.converted"]
        assert kinds == whole[: len(kinds)]
    for events in meetings.values():
        assert [told.kind for told in events] == ["meeting.booked", "meeting.held"][: len(events)]
    for events in deals.values():
        stages = [told.data["stage"] for told in events]
        assert stages[0] == "qualified"
        assert [told.data["outcome"] for told in events[:-1]] == ["open"] * (len(events) - 1)
        assert (stages[-1] == "closed") == (events[-1].data["outcome"] in ("won", "lost"))
        assert len({(told.data["amount_minor"], told.data["currency"]) for told in events}) == 1


def test_a_conversation_may_make_a_lead_of_its_customer_and_rep(hour: Run) -> None:
    talks = {(call["call.ended"].data["customer"], call["call.ended"].data.get("rep")) for call in calls(hour)}
    created = hour.of("lead.created")
    from_calls = [told for told in created if (told.data["customer"], told.data["rep"]) in talks]
    assert 0.2 < len(from_calls) / len(created) < 0.9
