"""Examples of each event type: `minimal`, `full` and `unicode`, made from the models' fields."""

from typing import Any

from pydantic import BaseModel

from schemas.events import EVENT_TYPES
from schemas.render.json_schema import as_json

CASES = ("minimal", "full", "unicode")
TIME = "2026-11-24T09:30:00.000+09:00"
SAMPLES: dict[str, Any] = {
    "specversion": "1.0",
    "source": "/telephony/osaka-1",
    "subject": "support",
    "time": TIME,
    "call_id": "call-20261124-0001",
    "message_id": "message-20261124-0001",
    "lead_id": "lead-0001",
    "meeting_id": "meeting-0001",
    "deal_id": "deal-0001",
    "recipient": "hmac-9c1185a5c5e9fc54",
    "customer": "hmac-e4d7f1b4ed2e42d1",
    "queue": "support",
    "team": "inside-sales-1",
    "rep": "rep-017",
    "campaign": "autumn-2026",
    "url": "https://example.com/offer?of=autumn",
    "direction": "inbound",
    "outcome": "answered",
    "state": "on_call",
    "reason": "planned",
    "stage": "negotiation",
    "amount_minor": 1_250_000,
    "currency": "JPY",
    "wait_ms": 8_200,
    "ring_ms": 3_100,
    "talk_ms": 245_000,
    "hold_ms": 12_000,
    "wrap_ms": 31_500,
    "machine": True,
}
"""A value for each field, by its name."""
OF_TYPE = {"deal.stage_changed": {"outcome": "won"}, "call.wrapped": {"direction": "outbound"}}
"""Values where a type's field means something else."""
UNICODE = {
    "team": "営業一課 ☎ “北”",
    "rep": 'Zoë "Z" O\'Neill | 渡邉\n№ 7',
    "queue": "поддержка\t|100%|",
    "campaign": "🍁 autumn\u0000\\ _x",
    "stage": "見積り — étape 2",
    "reason": "déjeuner 🍱",
    "customer": "顧客\u200d0001",
}
"""Names may hold any Unicode: quotes, bars, line feeds, U+0000, characters beyond the basic plane."""


def example(kind: str, case: str) -> dict[str, Any]:
    """Return an event; raises KeyError for a field without a sample."""
    model = EVENT_TYPES[kind]
    samples = SAMPLES | {"type": kind, "id": f"{kind}-{case}-1"} | OF_TYPE.get(kind, {})
    if case == "unicode":
        samples |= UNICODE | {"source": "/telephony/大阪"}
    payload = model.model_fields["data"].annotation
    assert isinstance(payload, type) and issubclass(payload, BaseModel)
    samples["data"] = _filled(payload, samples, every=case != "minimal")
    return _filled(model, samples, every=case != "minimal")


def _filled(model: type[BaseModel], samples: dict[str, Any], *, every: bool) -> dict[str, Any]:
    return {name: samples[name] for name, info in model.model_fields.items() if every or info.is_required()}


def files() -> dict[str, str]:
    """Return `examples/<type>/<case>.json` of every type."""
    return {f"examples/{kind}/{case}.json": as_json(example(kind, case)) for kind in EVENT_TYPES for case in CASES}
