"""A floor that has something for every panel: a target for every KPI, hours of every event, and calls that go on."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from schemas.events import TOPIC_OF
from streams.kpis.catalogue import load
from streams.kpis.model import Better, Scope
from tests.integration.load import Sent
from tests.wire import encoded, minimal

HOURS = 2
SIMULATED = (
    "--rate",
    "1.5",
    "--dirt",
    "0.03",
    "--profile",
    "busy",
    "--teams",
    "4",
    "--queues",
    "3",
    "--campaigns",
    "2",
)
WINDOWS = {
    Scope.FLOOR: ("today", "1h", "30m"),
    Scope.TEAM: ("today",),
    Scope.QUEUE: ("today",),
    Scope.CAMPAIGN: ("today",),
}

MINUTE, HOUR = 60_000, 3_600_000
NOON = 12


def config() -> str:
    """Return floor.yaml: it is early afternoon there, its shift is the whole day, and no two targets are the same."""
    ahead = NOON + 1 - datetime.now(UTC).hour
    whole = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "00:00"}
    floor = {"name": "Busy", "timezone": f"Etc/GMT{-ahead:+d}", "currency": "JPY", "calendar": "always"}
    return yaml.safe_dump(
        {
            "floor": floor,
            "calendars": {"always": {"shifts": {"whole": whole}}},
            "targets": [{**one, _bound(one["kpi"]): _number(place)} for place, one in enumerate(_targets())],
            "facts": {"long_calls": {"event": "call.ended", "where": {"talk_ms": {"at_least": 300_000}}, "add": 1}},
            "kpis": {"long_share": {"unit": "ratio", "numerator": ["long_calls"], "denominator": ["calls_handled"]}},
        }
    )


def _targets() -> Iterator[dict[str, Any]]:
    for kpi in load().kpis.values():
        for scope in kpi.scopes:
            for window in WINDOWS.get(scope, ()):
                name = {} if scope is Scope.FLOOR else {"name": "*"}
                yield {"kpi": kpi.id, "scope": scope.value, "window": window, **name}


def _bound(kpi: str) -> str:
    return "at_most" if load().kpis[kpi].better is Better.LOWER else "at_least"


def _number(place: int) -> float:
    return 0.5 + place / 1000


def long_ago(now_ms: int) -> list[Sent]:
    """Return a call that never ended and a rep who was not heard again, each for so long that they left the boards."""
    return [
        _sent("call.queued", now_ms - 5 * HOUR, "lost", call_id="lost", queue="support"),
        _sent("rep.state_changed", now_ms - 13 * HOUR, "gone", rep="gone", state="available", team="alpha"),
    ]


def going_on(now_ms: int) -> list[Sent]:
    """Return what goes on now: calls that wait, calls that were answered, and reps at work."""
    waiting = {"waits-1": (40_000, "support"), "waits-2": (20_000, "support"), "waits-3": (30_000, "refunds")}
    calls = [
        _sent("call.queued", now_ms - ago, call, call_id=call, direction="inbound", queue=queue)
        for call, (ago, queue) in waiting.items()
    ]
    active = [
        _sent("call.answered", now_ms - MINUTE, way, call_id=way, direction=way, team="alpha")
        for way in ("inbound", "outbound")
    ]
    states = {"ana": "on_call", "ben": "on_call", "cy": "available"}
    reps = [
        _sent("rep.state_changed", now_ms - MINUTE, rep, rep=rep, state=state, team="alpha")
        for rep, state in states.items()
    ]
    return [*calls, *active, *reps]


def results(now_ms: int) -> list[Sent]:
    """Return what the simulated hours may have none of: the whole way of a lead, and a team of inbound calls that dials.

    With `going_on` it has something of every topic.
    """
    ms = now_ms - MINUTE
    deals = {"abroad": ("won", "USD"), "here": ("won", "JPY"), "lost": ("lost", "JPY")}
    steps = ("lead.created", "lead.converted", "meeting.booked", "meeting.held")
    dial = {"call_id": "dial", "direction": "outbound", "outcome": "answered", "team": "alpha", "talk_ms": 90_000}
    return [
        *(_sent(step, ms, "first", lead_id="first") for step in steps),
        *(
            _sent("deal.stage_changed", ms, deal, deal_id=deal, outcome=outcome, amount_minor=900, currency=currency)
            for deal, (outcome, currency) in deals.items()
        ),
        _sent("call.ended", ms, "dial", **dial),
        *(_sent(kind, ms, "mail", message_id="mail", recipient="hmac-1") for kind in ("email.sent", "link.clicked")),
    ]


def since() -> str:
    """Return when the simulated hours begin."""
    return (datetime.now(UTC) - timedelta(hours=HOURS)).isoformat()


def now_ms() -> int:
    """Return epoch ms."""
    return time.time_ns() // 1_000_000


def _sent(kind: str, ms: int, key: str, **data: Any) -> Sent:
    moment = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    event = minimal(kind, **data) | {"id": f"{kind} {key}", "source": "/desk", "time": moment}
    topic = TOPIC_OF[kind]
    return Sent(topic, key.encode(), encoded(event), ms)
