"""The same figures as the engine's, counted again in the plainest way from what lies in Kafka.

Nothing of the product is used here: JSON, dates and dictionaries, one record after the other. It follows `floor.yaml`
beside this file, and judges events only as far as `load` breaks them.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TYPES = {
    "calls": ("call.queued", "call.answered", "call.ended", "call.wrapped"),
    "emails": ("email.sent", "email.delivered", "email.opened", "email.bounced", "email.unsubscribed"),
    "links": ("link.clicked",),
    "reps": ("rep.state_changed",),
    "crm": ("lead.created", "lead.converted", "meeting.booked", "meeting.held", "deal.stage_changed"),
}
KNOWN = {kind for kinds in TYPES.values() for kind in kinds}
REQUIRED = {
    "calls": ("call_id",),
    "emails": ("message_id", "recipient"),
    "links": ("message_id", "recipient"),
    "reps": ("rep", "state"),
    "crm": (),
}
MAIL = {
    "email.sent": "emails_sent",
    "email.delivered": "emails_delivered",
    "email.bounced": "emails_bounced",
    "email.unsubscribed": "emails_unsubscribed",
}
RESULTS = {
    "lead.created": "leads_created",
    "lead.converted": "leads_converted",
    "meeting.booked": "meetings_booked",
    "meeting.held": "meetings_held",
}
Row = tuple[str, str, str, str]
"""Team, queue, campaign, rep."""


class Record(NamedTuple):
    """A record as it lies in Kafka."""

    topic: str
    partition: int
    offset: int
    arrival: int
    key: bytes | None
    value: bytes | None


@dataclass
class Figures:
    """All that is known of one partition; equal figures are equal to the last count."""

    position: int = 0
    arrival: int = 0
    watermark: int = 0
    counters: dict[str, int] = field(default_factory=Counter)
    facts: dict[tuple[str, Row], dict[str, int]] = field(default_factory=lambda: defaultdict(Counter))
    """(pane, row) → fact → number; a pane is `m:<minute>` or `q:<quarter>`."""
    buckets: dict[tuple[str, Row, str], dict[int, int]] = field(default_factory=lambda: defaultdict(Counter))
    """(pane, row, `wait` or `handle`) → bucket → values."""
    irregular: dict[tuple[str, str], int] = field(default_factory=Counter)
    """(pane, `late` or `duplicate` by event time, `parked:<reason>` by arrival) → records."""
    distinct: dict[tuple[str, Row, str], set[Any]] = field(default_factory=lambda: defaultdict(set))
    """(pane, row, set) → ids."""
    calls: dict[str, list[Any]] = field(default_factory=dict)
    """Open call → when and where it was queued, when and by whom it was answered, its last event."""
    reps: dict[str, list[tuple[int, int, str, str | None]]] = field(default_factory=lambda: defaultdict(list))
    sources: dict[str, int] = field(default_factory=Counter)


def recount(records: Iterable[Record]) -> dict[tuple[str, int], Figures]:
    """Return each partition's figures. Records come in the order of their offsets."""
    partitions: dict[tuple[str, int], _Partition] = defaultdict(_Partition)
    for record in records:
        partitions[record.topic, record.partition].take(record)
    for partition in partitions.values():
        _add_times(partition.figures)
    return {name: partition.figures for name, partition in partitions.items()}


def refusal(record: Record) -> str | None:
    """Return the reason for which a record must be parked, None if it counts."""
    if record.value is not None and len(record.value) > 262_144:
        return "too_large"
    try:
        event = json.loads((record.value or b"").decode())
    except ValueError:
        return "not_json"
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return "invalid"
    if event["type"] not in KNOWN:
        return "unknown_type"
    if event["type"] not in TYPES[record.topic]:
        return "wrong_topic"
    return _invalid(record.topic, event) or _untimely(record, event)


def _invalid(topic: str, event: dict[str, Any]) -> str | None:
    data = event["data"]
    missing = [name for name in REQUIRED[topic] if not data.get(name)]
    odd = [name for name, value in data.items() if name.endswith("_ms") and type(value) not in (int, type(None))]
    reserved = [name for name in ("team", "queue", "campaign", "rep") if str(data.get(name) or "").startswith("__")]
    return "invalid" if missing or odd or reserved else None


def _untimely(record: Record, event: dict[str, Any]) -> str | None:
    age = record.arrival - ms_of(event["time"])
    if age < -5 * MINUTE:
        return "future"
    return "too_late" if age > (48 if record.topic == "reps" else 35 * 24) * HOUR else None


def ms_of(time: str) -> int:
    """Return an RFC 3339 time as epoch milliseconds, cut."""
    return (datetime.fromisoformat(time) - EPOCH) // timedelta(milliseconds=1)


class _Partition:
    def __init__(self) -> None:
        self.figures = Figures()
        self._counted: dict[tuple[str, str], int] = {}
        self._ended: set[str] = set()

    def take(self, record: Record) -> None:
        figures = self.figures
        figures.position = record.offset + 1
        figures.arrival = max(figures.arrival, record.arrival)
        if reason := refusal(record):
            figures.counters[f"parked:{reason}"] += 1
            self._note(f"parked:{reason}", record.arrival)
            return
        event = json.loads(record.value or b"")
        name = (event["source"], event["id"])
        if name in self._counted and record.arrival - self._counted[name] <= 24 * HOUR:
            figures.counters["duplicate"] += 1
            self._note("duplicate", ms_of(event["time"]))
            return
        self._counted[name] = record.arrival
        self._count(record, event)

    def _count(self, record: Record, event: dict[str, Any]) -> None:
        figures, ms = self.figures, ms_of(event["time"])
        figures.counters["applied"] += 1
        if record.arrival - ms > 60 * SECOND:
            figures.counters["late"] += 1
            self._note("late", ms)
        figures.watermark = max(figures.watermark, ms)
        figures.sources[event["source"]] = max(figures.sources[event["source"]], ms)
        data = {name: value for name, value in event["data"].items() if value is not None}
        if record.topic == "reps":
            figures.reps[data["rep"]].append((ms, record.offset, data["state"], data.get("team")))
            figures.reps[data["rep"]].sort()
            return
        if record.topic == "calls":
            self._follow(event["type"], ms, data)
        self._add(record.topic, event["type"], ms, data)

    def _note(self, kind: str, ms: int) -> None:
        for pane in _panes(ms):
            self.figures.irregular[pane, kind] += 1

    def _add(self, topic: str, kind: str, ms: int, data: dict[str, Any]) -> None:
        queue = data.get("queue", "unassigned") if topic == "calls" else "unassigned"
        row = (data.get("team", "unassigned"), queue, data.get("campaign", "unassigned"), data.get("rep", "unassigned"))
        if kind == "deal.stage_changed" and data["outcome"] == "won" and "amount_minor" in data:
            self.figures.counters["other_currency"] += data.get("currency") != "JPY"
        for pane in _panes(ms):
            for fact, number in _facts(kind, data):
                self.figures.facts[pane, row][fact] += number
            for name, value in _samples(kind, data):
                self.figures.buckets[pane, row, name][_bucket(value)] += 1
            for name, one in _ids(kind, data):
                self.figures.distinct[pane, row, name].add(one)

    def _follow(self, kind: str, ms: int, data: dict[str, Any]) -> None:
        name, calls = data["call_id"], self.figures.calls
        if kind == "call.ended":
            self._ended.add(name)
            calls.pop(name, None)
        if kind not in ("call.queued", "call.answered") or name in self._ended:
            return
        queued, queue, queued_team, answered, team, direction, last = calls.get(name, [None] * 6 + [0])
        if kind == "call.queued" and (queued is None or ms >= queued):
            queued, queue, queued_team = ms, data.get("queue"), data.get("team")
        if kind == "call.answered" and (answered is None or ms >= answered):
            answered, team, direction = ms, data.get("team"), data["direction"]
        calls[name] = [queued, queue, queued_team, answered, team, direction, max(last, ms)]


def _panes(ms: int) -> tuple[str, str]:
    return f"m:{ms // MINUTE}", f"q:{ms // (15 * MINUTE)}"


def _add_times(figures: Figures) -> None:
    """Add the time between each two changes of a rep, at most 12 h of it: a minute's share to each minute."""
    for rep, changes in figures.reps.items():
        for (begin, _, state, team), (following, *_) in pairwise(changes):
            moment, end = begin, min(following, begin + 12 * HOUR)
            while moment < end and state != "offline":
                border = min(end, (moment // MINUTE + 1) * MINUTE)
                for pane in _panes(moment):
                    row = (team or "unassigned", "unassigned", "unassigned", rep)
                    figures.facts[pane, row][f"state_{state}_ms"] += border - moment
                moment = border


def staffed(figures: Iterable[Figures], from_ms: int, to_ms: int, t_ms: int) -> dict[tuple[str, str], int]:
    """Return (scope, name) → ms in [from, to) in which its reps were there, as of an instant t."""
    found: Counter[tuple[str, str]] = Counter()
    for rep, changes in (rep for one in figures for rep in one.reps.items()):
        ends = [*(begin for begin, *_ in changes[1:]), t_ms]
        for (begin, _, state, team), end in zip(changes, ends, strict=True):
            ms = min(end, begin + 12 * HOUR, to_ms) - max(begin, from_ms)
            if state != "offline" and ms > 0:
                found.update({("floor", "all"): ms, ("team", team or "unassigned"): ms, ("rep", rep): ms})
    return found


def _facts(kind: str, data: dict[str, Any]) -> Iterable[tuple[str, int]]:
    if kind == "call.ended":
        yield from _call_facts(data)
    elif kind == "call.wrapped":
        yield "late_wrap_ms", data["wrap_ms"]
    elif kind in MAIL:
        yield MAIL[kind], 1
    elif kind == "email.opened":
        yield "emails_opened_machine" if data.get("machine") else "emails_opened", 1
    elif kind == "link.clicked":
        yield "link_clicks_machine" if data.get("machine") else "link_clicks", 1
    elif kind in RESULTS:
        yield RESULTS[kind], 1
    elif kind == "deal.stage_changed" and data["outcome"] != "open":
        yield f"deals_{data['outcome']}", 1
        if data["outcome"] == "won" and data.get("currency") == "JPY":
            yield "won_amount", data.get("amount_minor", 0)


def _call_facts(data: dict[str, Any]) -> Iterable[tuple[str, int]]:
    inbound, answered, talk = data["direction"] == "inbound", data["outcome"] == "answered", data.get("talk_ms", 0)
    yield f"{data['direction']}_{data['outcome']}", 1
    if inbound:
        met, of = _service_level(data)
        yield "service_level_met", met
        yield "service_level_of", of
    if answered:
        yield "talk_ms", talk
        yield "handle_ms", _handled(data)
        yield "long_calls", int(talk >= 600_000)
        yield "refund_talk_ms", talk if data.get("queue") in ("refunds", "returns") else 0
        if inbound:
            yield "wait_ms", data.get("wait_ms", 0)
            yield "known_waits", int("wait_ms" in data)
        else:
            yield "conversations", int(talk >= 60_000)


def _service_level(data: dict[str, Any]) -> tuple[int, int]:
    wait, support = data.get("wait_ms"), data.get("queue") == "support"
    if wait is None or data["outcome"] not in ("answered", "abandoned"):
        return 0, 0
    if data["outcome"] == "answered":
        return int(wait <= (30_000 if support else 20_000)), 1
    return 0, int(not (support and wait <= 10_000))


def _handled(data: dict[str, Any]) -> int:
    return int(data.get("talk_ms", 0) + data.get("hold_ms", 0) + data.get("wrap_ms", 0))


def _samples(kind: str, data: dict[str, Any]) -> Iterable[tuple[str, int]]:
    if kind == "call.ended" and data["outcome"] == "answered":
        yield "handle", _handled(data)
        if data["direction"] == "inbound" and "wait_ms" in data:
            yield "wait", data["wait_ms"]


def _bucket(value: int) -> int:
    digits = max(value.bit_length() - 7, 0)
    return (digits << 6) + (value >> digits)


def _ids(kind: str, data: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    met = kind in ("email.delivered", "meeting.held") or (kind == "call.ended" and data["outcome"] == "answered")
    if met and "customer" in data:
        yield "customers", data["customer"]
    if kind in ("email.opened", "link.clicked") and not data.get("machine"):
        yield "opens" if kind == "email.opened" else "clicks", (data["message_id"], data["recipient"])
    if kind.startswith(("lead.", "meeting.")) and "lead_id" in data:
        yield "prospects", data["lead_id"]
