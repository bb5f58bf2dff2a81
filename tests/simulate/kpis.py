"""What a person would read off a run, counted naively: independent of the processor's own counting."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tests.simulate.runs import Told

AT_THE_PHONE = {"on_call", "on_hold", "ringing", "wrap_up"}


def kpis(told: Sequence[Told], until_ms: int) -> dict[str, float]:
    """Return the KPIs that a board is judged by, for a floor whose queues allow 20 s."""
    kinds = Counter(event.kind for event in told)
    ended = [event.data for event in told if event.kind == "call.ended"]
    inbound = [call for call in ended if call["direction"] == "inbound"]
    answered = [call for call in inbound if call["outcome"] == "answered"]
    dials = [call for call in ended if call["direction"] == "outbound"]
    connected = [call for call in dials if call["outcome"] == "answered"]
    long_talks = [call for call in connected if call["talk_ms"] >= 60_000]
    handled = answered + connected
    wrapped = sum(event.data["wrap_ms"] for event in told if event.kind == "call.wrapped")
    handle_ms = sum(call.get("talk_ms", 0) + call.get("hold_ms", 0) + call.get("wrap_ms", 0) for call in handled)
    opens = _readers(told, "email.opened")
    clicks = _readers(told, "link.clicked")
    states = time_in_states(told, until_ms)
    busy = sum(states[state] for state in AT_THE_PHONE)
    staffed = sum(states.values()) - states["offline"]
    return {
        "service_level": sum(call["wait_ms"] <= 20_000 for call in answered) / len(inbound),
        "abandon_rate": 1 - len(answered) / len(inbound),
        "average_speed_of_answer": sum(call["wait_ms"] for call in answered) / len(answered) / 1000,
        "connect_rate": len(connected) / len(dials),
        "conversation_rate": len(long_talks) / len(dials),
        "conversations": len(long_talks),
        "average_handle_time": (handle_ms + wrapped) / len(handled) / 1000,
        "occupancy": busy / (busy + states["available"]),
        "idle_share": states["available"] / staffed,
        "away_share": (states["break"] + states["meal"]) / staffed,
        "dials_per_hour": len(dials) / (staffed / 3_600_000),
        "open_rate": len(opens) / kinds["email.delivered"],
        "click_rate": len(clicks) / kinds["email.delivered"],
        "bounce_rate": kinds["email.bounced"] / kinds["email.sent"],
        "meeting_set_rate": kinds["meeting.booked"] / len(long_talks),
        "meeting_held_rate": kinds["meeting.held"] / kinds["meeting.booked"],
        "lead_conversion": kinds["lead.converted"] / kinds["lead.created"],
        "closing_rate": _closing_rate(told),
    }


def time_in_states(told: Iterable[Told], until_ms: int) -> Counter[str]:
    """Return state → ms, over all reps."""
    changes = defaultdict(list)
    for event in told:
        if event.kind == "rep.state_changed":
            changes[event.data["rep"]].append((event.at_ms, event.data["state"]))
    spent: Counter[str] = Counter()
    for marks in changes.values():
        for (start, state), (end, _) in zip(marks, [*marks[1:], (until_ms, "")], strict=True):
            spent[state] += end - start
    return spent


def _readers(told: Iterable[Told], kind: str) -> set[tuple[str, str]]:
    return {
        (event.data["message_id"], event.data["recipient"])
        for event in told
        if event.kind == kind and not event.data.get("machine")
    }


def _closing_rate(told: Iterable[Told]) -> float:
    outcomes = Counter(event.data["outcome"] for event in told if event.kind == "deal.stage_changed")
    return outcomes["won"] / (outcomes["won"] + outcomes["lost"])
