"""Examples of refused records: at least one for each reason, with the topic that they arrive in."""

import json
from typing import Any

from schemas.refusals import VALUE_MAX_BYTES, Reason
from schemas.render.examples import example
from schemas.render.json_schema import as_json

ARRIVAL = "2026-11-24T09:30:01.000+09:00"
"""The record's timestamp, a second after the examples' time."""
FOLDER = "examples/refused"


def _text(kind: str, *, data: dict[str, Any] | None = None, **attributes: Any) -> str:
    """Return a minimal event with something changed."""
    event = example(kind, "minimal") | attributes
    event["data"] = event["data"] | (data or {})
    return json.dumps(event, ensure_ascii=False)


def _case(topic: str, says: str, **content: Any) -> dict[str, Any]:
    return {"topic": topic, "says": says, "arrival": ARRIVAL, **content}


def cases() -> dict[str, dict[str, Any]]:
    """Return the cases by `<reason>` or `<reason>-<words>`; `value_of` makes their bytes."""
    ended = _text("call.ended")
    state = "rep.state_changed"
    return {
        "too_large": _case("calls", "is one byte over the limit", text=ended, pad_to=VALUE_MAX_BYTES + 1),
        "not_json": _case("calls", "ends too early", text=ended[:-1]),
        "not_json-empty": _case("calls", "is empty", text=""),
        "not_json-no-value": _case("calls", "is a tombstone", text=None),
        "not_json-utf8": _case("calls", "holds a broken UTF-8 sequence", hex=(ended[:-1] + ',"x":"').encode().hex() + "c3227d"),
        "unknown_type": _case("calls", "is of a type that no topic has", text=_text("call.ended", type="call.parked")),
        "wrong_topic": _case("calls", "belongs into emails", text=_text("email.sent")),
        "invalid": _case("calls", "lacks call_id", text=ended.replace('"call_id"', '"call"')),
        "invalid-array": _case("calls", "is no object", text=f"[{ended}]"),
        "invalid-no-type": _case("calls", "has no type", text=ended.replace('"type"', '"kind"')),
        "invalid-string-for-integer": _case("calls", "has a text for wait_ms", text=_text("call.ended", data={"wait_ms": "5"})),
        "invalid-reserved-name": _case("calls", "has a team that begins with __", text=_text("call.ended", data={"team": "__a"})),
        "invalid-time": _case("calls", "has a time without an offset", text=_text("call.ended", time="2026-11-24T09:30:00")),
        "invalid-unassigned-rep": _case("reps", "has no rep", text=_text(state, data={"rep": "unassigned"})),
        "invalid-currency": _case("crm", "has no currency code", text=_text("deal.stage_changed", data={"currency": "yen"})),
        "invalid-recipient": _case("links", "has an empty recipient", text=_text("link.clicked", data={"recipient": ""})),
        "invalid-flag": _case("emails", "has a text for machine", text=_text("email.opened", data={"machine": "true"})),
        "future": _case("calls", "is over 5 minutes ahead", text=_text("call.ended", time="2026-11-24T09:35:01.001+09:00")),
        "too_late": _case("calls", "is over 35 days old", text=_text("call.ended", time="2026-10-20T09:30:00.999+09:00")),
        "too_late-rep": _case("reps", "is over 48 h old", text=_text(state, time="2026-11-22T09:30:00.999+09:00")),
    }  # fmt: skip


def reason_of(name: str) -> Reason:
    """Return the reason that a case's file name begins with."""
    return Reason(name.partition("-")[0])


def value_of(case: dict[str, Any]) -> bytes | None:
    """Return the record's value: `hex`, or `text` in UTF-8, followed by spaces up to `pad_to` bytes."""
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    return None if case["text"] is None else case["text"].encode().ljust(case.get("pad_to", 0))


def files() -> dict[str, str]:
    """Return `examples/refused/<reason>*.json`."""
    return {f"{FOLDER}/{name}.json": as_json({"reason": reason_of(name), **case}) for name, case in cases().items()}
