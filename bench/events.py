"""A mixed load as Kafka records: all five topics, as a floor of 300 reps makes them, seeded.

Simpler than the simulator and a hundred times as fast; the mix of types and the number of different rows a minute are
those of a busy floor: a rep belongs to one team, serves two queues and two campaigns.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

import msgspec

REPS, TEAMS, QUEUES, CAMPAIGNS = 300, 10, 20, 20
SOURCES = ("pbx-1.example", "pbx-2.example", "mail.example", "crm.example")
STATES = ("available", "on_call", "wrap_up", "on_hold", "ringing", "break", "email")
MACHINE_SHARE = 0.1
DUPLICATE_SHARE = 0.01
CALLS, EMAILS, LINKS, STATES_SHARE = 0.45, 0.32, 0.08, 0.1
"""Shares of the topics; CRM has the rest."""

_encode = msgspec.json.Encoder().encode


class Record(NamedTuple):
    """A record to be produced."""

    topic: str
    key: bytes
    value: bytes
    arrival_ms: int


def records(count: int, start_ms: int, per_second: float, seed: int = 1) -> Iterator[Record]:
    """Yield `count` records that arrive from `start_ms` on, evenly, `per_second`; one in a hundred comes twice."""
    rng = Random(seed)
    last: Record | None = None
    for number in range(count):
        arrival_ms = start_ms + int(number * 1000 / per_second)
        if last is not None and rng.random() < DUPLICATE_SHARE:
            yield last._replace(arrival_ms=arrival_ms)
            continue
        last = _record(rng, number, arrival_ms)
        yield last


def _record(rng: Random, number: int, arrival_ms: int) -> Record:
    topic, key, kind, data = _event(rng, rng.random(), number)
    time_ms = arrival_ms - rng.randrange(20, 2000)
    event = {
        "specversion": "1.0",
        "id": f"{rng.getrandbits(128):032x}",
        "source": SOURCES[number % len(SOURCES)],
        "type": kind,
        "time": _rfc3339(time_ms),
        "subject": key,
        "datacontenttype": "application/json",
        "data": data,
    }
    return Record(topic, key.encode(), _encode(event), arrival_ms)


def _rfc3339(ms: int) -> str:
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _event(rng: Random, point: float, number: int) -> tuple[str, str, str, dict[str, object]]:
    who = rng.randrange(REPS)
    names = {"team": f"team-{who % TEAMS:02d}", "rep": f"rep-{who:03d}"}
    campaign = {"campaign": f"campaign-{(who + rng.randrange(2)) % CAMPAIGNS:02d}"}
    customer = f"customer-{rng.getrandbits(64):016x}"
    if point < CALLS:
        return _call(rng, names, campaign, customer, number)
    point -= CALLS
    if point < EMAILS + LINKS:
        key = f"message-{number - rng.randrange(50):010d}"
        data: dict[str, object] = {"message_id": key, "recipient": customer, "customer": customer, **names, **campaign}
        if rng.random() < MACHINE_SHARE:
            data["machine"] = True
        if point < EMAILS:
            kind = rng.choice(("sent", "delivered", "delivered", "opened", "bounced"))
            return "emails", key, f"email.{kind}", data
        return "links", key, "link.clicked", {**data, "url": "https://example.com/offers/2026/autumn"}
    if point < EMAILS + LINKS + STATES_SHARE:
        return "reps", names["rep"], "rep.state_changed", {**names, "state": rng.choice(STATES)}
    key = f"lead-{rng.randrange(100_000):08d}"
    if rng.random() < 0.7:
        return "crm", key, rng.choice(("lead.created", "lead.converted")), {"lead_id": key, **names, **campaign}
    deal = {"deal_id": key, "stage": "closing", "outcome": rng.choice(("open", "won", "lost")), "currency": "JPY"}
    return "crm", key, "deal.stage_changed", {**deal, "amount_minor": rng.randrange(1_000_000), **names, **campaign}


def _call(
    rng: Random, names: dict[str, str], campaign: dict[str, str], customer: str, number: int
) -> tuple[str, str, str, dict[str, object]]:
    inbound = rng.random() < 0.5
    key = f"call-{number // 2:010d}"
    data: dict[str, object] = {"call_id": key, "direction": "inbound" if inbound else "outbound", "customer": customer}
    who = int(names["rep"][4:])
    data |= {"queue": f"queue-{(who + rng.randrange(2)) % QUEUES:02d}", "team": names["team"]} if inbound else campaign
    point = rng.random()
    if point < 0.15 and inbound:
        return "calls", key, "call.queued", data
    if point < 0.3:
        data.pop("customer")
        data.pop("campaign", None)
        return "calls", key, "call.answered", {**data, **names, "wait_ms": rng.randrange(40_000)}
    outcome = rng.choice(("answered", "answered", "answered", "abandoned" if inbound else "no_answer", "busy"))
    durations = {"wait_ms": rng.randrange(60_000), "ring_ms": 4000, "wrap_ms": rng.randrange(60_000)}
    if outcome == "answered":
        durations |= {"talk_ms": rng.randrange(600_000), "hold_ms": rng.randrange(20_000)}
    return "calls", key, "call.ended", {**data, **names, "outcome": outcome, **durations}
