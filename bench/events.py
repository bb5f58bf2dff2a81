"""A mixed load as Kafka records: all five topics, as a floor of 300 reps makes them, seeded.

Simpler than the simulator and a hundred times as fast; the mix of types and the number of different rows a minute are
those of a busy floor: a rep belongs to one team, serves two queues and two campaigns, and calls go from step to step.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from random import Random
from typing import Any, NamedTuple

import msgspec

REPS, TEAMS, QUEUES, CAMPAIGNS = 300, 10, 20, 20
SOURCES = ("pbx-1.example", "pbx-2.example", "mail.example", "crm.example")
STATES = ("available", "on_call", "wrap_up", "on_hold", "ringing", "break", "email")
MACHINE_SHARE = 0.1
DUPLICATE_SHARE = 0.01
NEW_CALLS, EMAILS, LINKS, STATE_CHANGES = 0.25, 0.44, 0.11, 0.13
"""Shares of what is new; CRM has the rest. A call's later steps make calls 45 % of all events."""

_encode = msgspec.json.Encoder().encode


class Record(NamedTuple):
    """A record to be produced."""

    topic: str
    key: bytes
    value: bytes
    arrival_ms: int


class Event(NamedTuple):
    """What happened."""

    topic: str
    key: str
    kind: str
    data: dict[str, Any]


def records(count: int, start_ms: int, per_second: float, seed: int = 1) -> Iterator[Record]:
    """Yield `count` records that arrive from `start_ms` on, evenly, `per_second`; one in a hundred comes twice."""
    rng = Random(seed)
    floor = _Floor(rng)
    last: Record | None = None
    for number in range(count):
        arrival_ms = start_ms + int(number * 1000 / per_second)
        if last is not None and rng.random() < DUPLICATE_SHARE:
            yield last._replace(arrival_ms=arrival_ms)
            continue
        last = _record(rng, number, arrival_ms, floor.next(arrival_ms))
        yield last


def spoilt(whole: Iterable[Record], share: float, seed: int = 2) -> Iterator[Record]:
    """Yield records of which a share has lost its end, as a source leaves them that broke off."""
    rng = Random(seed)
    for record in whole:
        yield record._replace(value=record.value[: len(record.value) // 2]) if rng.random() < share else record


def _record(rng: Random, number: int, arrival_ms: int, event: Event) -> Record:
    time_ms = arrival_ms - rng.randrange(20, 2000)
    value = {
        "specversion": "1.0",
        "id": f"{rng.getrandbits(128):032x}",
        "source": SOURCES[number % len(SOURCES)],
        "type": event.kind,
        "time": _rfc3339(time_ms),
        "subject": event.key,
        "datacontenttype": "application/json",
        "data": event.data,
    }
    return Record(event.topic, event.key.encode(), _encode(value), arrival_ms)


def _rfc3339(ms: int) -> str:
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


class _Floor:
    """Says what happens next: the step of a call that is due, or something new."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._due: list[tuple[int, int, Event]] = []
        self._made = 0

    def next(self, now_ms: int) -> Event:
        if self._due and self._due[0][0] <= now_ms:
            return heappop(self._due)[2]
        rng, self._made = self._rng, self._made + 1
        who = rng.randrange(REPS)
        names = {"team": f"team-{who % TEAMS:02d}", "rep": f"rep-{who:03d}"}
        campaign = {"campaign": f"campaign-{(who + rng.randrange(2)) % CAMPAIGNS:02d}"}
        point = rng.random()
        if point < NEW_CALLS:
            return self._call(now_ms, names, campaign, {"queue": f"queue-{(who + rng.randrange(2)) % QUEUES:02d}"})
        point -= NEW_CALLS
        if point < EMAILS + LINKS:
            return self._mail({**names, **campaign}, clicked=point >= EMAILS)
        if point < EMAILS + LINKS + STATE_CHANGES:
            data = {**names, "state": rng.choice(STATES)}
            return Event("reps", names["rep"], "rep.state_changed", data)
        return self._sale({**names, **campaign})

    def _call(self, now_ms: int, names: dict[str, str], campaign: dict[str, str], queue: dict[str, str]) -> Event:
        """Return a call's first step; the later ones become due."""
        rng, key = self._rng, f"call-{self._made:010d}"
        inbound = rng.random() < 0.5
        data: dict[str, Any] = {"call_id": key, "direction": "inbound" if inbound else "outbound"}
        customer = {"customer": self._customer()}
        wait, talk, wrap = rng.randrange(60_000), rng.randrange(600_000), rng.randrange(60_000)
        ended = {**data, **names, **customer, **(queue if inbound else campaign), "wait_ms": wait, "ring_ms": 4000}
        steps: list[tuple[int, str, dict[str, Any]]] = []
        if inbound:
            steps.append((0, "queued", {**data, **queue, **customer, "team": names["team"]}))
        if rng.random() < 0.75:
            steps.append((wait, "answered", {**data, **names, **(queue if inbound else {}), "wait_ms": wait}))
            spoken = {"talk_ms": talk, "hold_ms": rng.randrange(20_000), "wrap_ms": wrap}
            steps.append((wait + talk, "ended", {**ended, "outcome": "answered", **spoken}))
        else:
            outcome = "abandoned" if inbound else rng.choice(("no_answer", "busy"))
            steps.append((wait, "ended", {**ended, "outcome": outcome}))
        if rng.random() < 0.1:
            steps.append((wait + talk + wrap, "wrapped", {**data, **names, "wrap_ms": wrap}))
        first, *later = [(ms, Event("calls", key, f"call.{kind}", told)) for ms, kind, told in steps]
        for number, (ms, event) in enumerate(later):
            heappush(self._due, (now_ms + ms, 4 * self._made + number, event))
        return first[1]

    def _mail(self, names: dict[str, str], *, clicked: bool) -> Event:
        rng, key, customer = self._rng, f"message-{self._made - self._rng.randrange(50):010d}", self._customer()
        data: dict[str, Any] = {"message_id": key, "recipient": customer, "customer": customer, **names}
        if rng.random() < MACHINE_SHARE:
            data["machine"] = True
        if clicked:
            return Event("links", key, "link.clicked", {**data, "url": "https://example.com/offers/2026/autumn"})
        kind = rng.choice(("sent", "delivered", "delivered", "opened", "bounced"))
        return Event("emails", key, f"email.{kind}", data)

    def _sale(self, names: dict[str, str]) -> Event:
        rng, key = self._rng, f"lead-{self._rng.randrange(100_000):08d}"
        if rng.random() < 0.7:
            return Event("crm", key, rng.choice(("lead.created", "lead.converted")), {"lead_id": key, **names})
        deal = {"deal_id": key, "stage": "closing", "outcome": rng.choice(("open", "won", "lost")), "currency": "JPY"}
        return Event("crm", key, "deal.stage_changed", {**deal, "amount_minor": rng.randrange(1_000_000), **names})

    def _customer(self) -> str:
        return f"customer-{self._rng.getrandbits(64):016x}"
