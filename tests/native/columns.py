"""What the columns of scanned events say, and what they should say by the models: as plain values that can be compared."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from schemas.refusals import FUTURE_MS, REP_TOO_LATE_MS, TOO_LATE_MS, VALUE_MAX_BYTES
from streams.decode import Chunk, TopicDecoder
from streams.events import Events
from streams.layout import Field, Kind, Layout
from tests.wire import chained, identity, identity_of, models_say

HASHES: Mapping[str, Sequence[tuple[str, ...]]] = {
    "calls": [("call_id",), ("customer", "call_id")],
    "emails": [("source", "email_id")],
    "crm": [("deal_id",)],
}
"""Some hashes to ask each topic for: what it does not have is left out by `layout_of`."""


def layout_with(*fields: Field, hashes: Sequence[tuple[str, ...]] = ()) -> Layout:
    """Return the layout of a made-up event type `x`, whose data has these fields, in the envelope of real events."""
    values = [one for one in fields if one.kind in (Kind.INTEGER, Kind.FLAG, Kind.CHOICE)]
    envelope = (
        Field("id", Kind.ID, True),
        Field("source", Kind.SOURCE, True),
        Field("time", Kind.TIME, True),
        Field("type", Kind.TYPE, True, choices=("x",)),
        Field("data", Kind.DATA, True),
    )
    return Layout(
        "made-up",
        envelope,
        {"x": fields},
        {one.name: slot for slot, one in enumerate(values)},
        {one.name: one.choices for one in values if one.kind is Kind.CHOICE},
        {names: slot for slot, names in enumerate(hashes, len(values))},
    )


def value(data: bytes = b"{}", *, time: str = "2026-11-24T09:30:00Z", more: bytes = b"") -> bytes:
    """Return an event of a made-up layout; `more`: attributes, each behind a comma."""
    about = json.dumps({"id": "1", "source": "s", "time": time, "type": "x"}, ensure_ascii=False).encode()
    return about[:-1] + more + b', "data": ' + data + b"}"


def by_columns(layout: Layout, events: Events, place: int) -> dict[str, Any] | None:
    """Return what an event's columns say; None for one that is not taken."""
    one = events.table[place]
    if not one["taken"]:
        return None
    slots, present = one["slots"], int(one["present"])
    kinds = {field.name: field.kind for fields in layout.data.values() for field in fields}
    told: dict[str, Any] = {}
    for name, slot in layout.slots.items():
        value = int(slots[slot])
        assert value == 0 or present >> slot & 1, name
        if kinds[name] is Kind.FLAG:
            told[name] = value == 1
        elif kinds[name] is Kind.CHOICE:
            told[name] = layout.choices[name][value - 1] if value else None
        else:
            told[name] = value if present >> slot & 1 else None
    return {
        **identity(events, place, layout),
        "told": told,
        "hashes": {
            texts: int(np.uint64(slots[slot])) if present >> slot & 1 else None for texts, slot in layout.hashes.items()
        },
    }


def by_models(layout: Layout, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the columns should say of an event that the models have accepted."""
    data = event["data"]
    flags = {field.name for fields in layout.data.values() for field in fields if field.kind is Kind.FLAG}
    texts = {**event, **data}
    return {
        **identity_of(event),
        "told": {name: data.get(name) is True if name in flags else data.get(name) for name in layout.slots},
        "hashes": {
            names: chained(texts[name] for name in names) if all(texts.get(name) for name in names) else None
            for names in layout.hashes
        },
    }


def should_be(topic: str, layout: Layout, value: bytes | None, arrival: int) -> dict[str, Any] | None:
    """Return what the columns should say of a value that arrived then; None where it must be refused."""
    event = models_say(topic, value) if value and len(value) <= VALUE_MAX_BYTES else None
    if event is None:
        return None
    found = by_models(layout, event)
    lag, oldest = arrival - found["ms"], REP_TOO_LATE_MS if topic == "reps" else TOO_LATE_MS
    return found if -FUTURE_MS <= lag <= oldest else None


def told(decoder: TopicDecoder, chunk: Chunk) -> list[dict[str, Any] | None]:
    """Return what a chunk's columns say; None for each refusal, which must have words."""
    found = [by_columns(decoder.layout, chunk.events, place) for place in range(len(chunk.events))]
    refused = [refusal.index for refusal in chunk.refusals]
    assert refused == [place for place, one in enumerate(found) if one is None]
    assert all(refusal.error for refusal in chunk.refusals)
    return found
