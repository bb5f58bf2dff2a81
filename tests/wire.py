"""Events as they come over the wire, sound and broken, and what the models say of them: shared by tests."""

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import xxhash
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.events import EVENT_TYPES, TOPIC_OF
from schemas.render.examples import CASES, example
from streams.events import Events
from streams.layout import NAMES, SLOTS, Kind, Layout, layout_of

ARRIVAL = 1_795_480_201_000
"""2026-11-24T09:30:01+09:00: a second after the examples' time."""
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
KINDS = tuple(EVENT_TYPES)
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 5, 0.5, -0.0, 1e300, 2**31, 2**53 - 1, 2**53, -(2**53), 2**63, 2**64, 10**400, 86_400_000,
    86_400_001, "", "5", "true", "null", "unassigned", "Unassigned", "__", "__a", "_", "_a", "a__", "\\__", "\u0000", "\u00e9",
    "𝒳" * 64, "𝒳" * 65, "x" * 128, "x" * 129, "x" * 256, "x" * 257, "x" * 2048, "x" * 2049, "\ud800", "a\udfff", "\U0001f600",
    "JPY", "usd", "inbound", "answered", "won", "offline", "call.ended", "email.sent", "rep.state_changed", [], {}, [None], {"a": 1},
    "2026-11-24T09:30:00Z", "2026-11-24t09:30:00.123456789+09:00", "2026-11-24T00:30:00", "2026-11-24T24:00:00Z", "1.0",
)  # fmt: skip
"""Values at the edge of some rule, for any field."""


def encoded(event: Any, *, ascii_only: bool = False) -> bytes:
    """Return an event as it is sent; lone surrogates, which have no UTF-8, are escaped."""
    return json.dumps(event, ensure_ascii=ascii_only).encode("utf-8", "backslashreplace")


def minimal(kind: str, **data: Any) -> dict[str, Any]:
    """Return the least event of a type, with some of its data changed."""
    event = example(kind, "minimal")
    return event | {"data": event["data"] | data}


@st.composite
def sound(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> dict[str, Any]:
    """Draw an example, some of its optional data left out."""
    kind = draw(st.sampled_from(kinds))
    event, least = example(kind, draw(st.sampled_from(CASES))), example(kind, "minimal")["data"]
    kept = {name for name in event["data"] if name in least or draw(st.booleans())}
    return event | {"data": {name: value for name, value in event["data"].items() if name in kept}}


@st.composite
def altered(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> bytes:
    """Draw an event with up to three places changed, added, removed or repeated."""
    event = draw(sound(kinds))
    for _ in range(draw(st.integers(0, 3))):
        part = draw(st.sampled_from([event, event["data"]])) if isinstance(event.get("data"), dict) else event
        name = draw(st.sampled_from([*part, "extra", "_extra", "__extra", "team", "rep", "type"]))
        if draw(st.integers(0, 4)):
            part[name] = deepcopy(draw(st.sampled_from(ODD_VALUES) | st.text('ab_"\\é営\u0000 ', max_size=5)))
        else:
            part.pop(name, None)
    value = encoded(event, ascii_only=draw(st.booleans()))
    return draw(st.sampled_from([value, value, _repeated(value, draw), _escaped(value)]))


def _repeated(value: bytes, draw: st.DrawFn) -> bytes:
    name = draw(st.sampled_from(["type", "data", "time", "x"]))
    again = draw(
        st.sampled_from([b"null", b'"call.ended"', b'"__a"', b"{}", b'{"team":"__a"}', b"1" * 5000, b"1e999", b"NaN"])
    )
    return value[:-1] + b', "' + name.encode() + b'": ' + again + b"}"


def _escaped(value: bytes) -> bytes:
    return value.replace(b"__", rb"\u005f\u005F").replace(b'"t', rb'"\u0074')


@st.composite
def damaged(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> bytes:
    """Draw an event with a few bytes cut or replaced."""
    value = bytearray(draw(altered(kinds)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(value) - 1))
        value[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(value)


def models_say(topic: str, value: bytes) -> dict[str, Any] | None:
    """Return the event that plain `json` and the models make of a value, or None where they refuse it.

    Longer integers than Python reads are infinite here.
    """
    try:
        content = json.loads(value.decode(), parse_constant=_refuse, parse_int=_integer)
    except (ValueError, RecursionError):
        return None
    kind = content.get("type") if isinstance(content, dict) else None
    if not isinstance(kind, str) or TOPIC_OF.get(kind) != topic:
        return None
    try:
        event = EVENT_TYPES[kind].model_validate(content).model_dump()
    except ValidationError:
        return None
    return event if epoch_ms(event["time"]) is not None else None


def epoch_ms(text: str) -> int | None:
    """Return what the standard library makes of a time, cut to milliseconds; None where RFC 3339 has no such time."""
    if not RFC3339.fullmatch(text):
        return None
    zone = re.sub(r".*[Zz]$", "+00:00", text[-6:])
    fraction = re.sub(r"\D.*", "", text[20:]) if text[19] == "." else ""
    if int(zone[1:3]) > 23 or int(zone[4:]) > 59:
        return None
    try:
        wall = datetime.strptime(text[:19].upper(), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    if wall.second != int(text[17:19]):
        return None
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:])) * (-1 if zone[0] == "-" else 1)
    since = wall - datetime(1970, 1, 1, tzinfo=UTC) - offset
    return since // timedelta(milliseconds=1) + int(fraction[:3].ljust(3, "0"))


def every_text(topic: str) -> list[tuple[str, ...]]:
    """Return each text of a topic's data, of which hashes may be wanted, and two of them together."""
    fields = [field for some in layout_of(topic).data.values() for field in some]
    alone = dict.fromkeys((field.name,) for field in fields if field.kind is Kind.TEXT)
    pair = ("message_id", "recipient")
    return [*alone, pair] if {(name,) for name in pair} <= set(alone) else [*alone]


def identity(events: Events, place: int, layout: Layout) -> dict[str, Any]:
    """Return what a scanned event says of itself, whatever its data."""
    event = events.table[place]
    return {
        "type": layout.types[event["type"]],
        "ms": int(event["ms"]),
        "source": events.names.texts[event["source"]],
        "id": int(event["id"]),
        "row": events.names.rows[event["row"]],
    }


def identity_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a scanned event must say of itself, of an event as the models dump it."""
    return {
        "type": event["type"],
        "ms": epoch_ms(event["time"]),
        "source": event["source"],
        "id": chained([event["source"], event["id"]]),
        "row": tuple(event["data"].get(name) for name in NAMES),
    }


def texts_of(events: Events) -> list[str | None]:
    """Return the text that came with each event, None where none did."""
    spans = zip(events.table["text_at"].tolist(), events.table["text_bytes"].tolist(), strict=True)
    return [events.texts[at : at + size].decode() if size else None for at, size in spans]


def plain(events: Events, place: int, layout: Layout) -> dict[str, Any]:
    """Return all that a scanned event says."""
    event = events.table[place]
    fields = layout.data[layout.types[event["type"]]]
    flags = sum(1 << layout.slots[field.name] for field in fields if field.kind is Kind.FLAG)
    return {
        **identity(events, place, layout),
        "slots": event["slots"].tolist(),
        "present": int(event["present"]) & ~flags,
    }


def as_scanned(event: dict[str, Any], layout: Layout) -> dict[str, Any]:
    """Return what a scanned event must say of an event as the models dump it. Whether a flag is there nobody asks."""
    data, slots, present = event["data"], [0] * SLOTS, 0
    for name, slot in layout.slots.items():
        value = data.get(name)
        if value is not None:
            slots[slot] = layout.choices[name].index(value) + 1 if name in layout.choices else int(value)
            present |= 1 << slot if not isinstance(value, bool) else 0
    for names, slot in layout.hashes.items():
        texts = [data.get(name) for name in names]
        if None not in texts:
            slots[slot] = int.from_bytes(chained(texts).to_bytes(8, "big"), "big", signed=True)
            present |= 1 << slot
    return {**identity_of(event), "slots": slots, "present": present}


def chained(texts: Iterable[str]) -> int:
    """Return the hash of a text; of several, each with the hash of the one before it as its seed."""
    found = 0
    for text in texts:
        found = xxhash.xxh3_64_intdigest(text.encode(), seed=found)
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 1000 else float("inf")
