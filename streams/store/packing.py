"""A delta as the arguments of `apply.lua`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.store.protocol import MINUTE_MS, QUARTER_MS, Delta, PaneDelta

MINUTE_KEPT_S = 5 * 3600
QUARTER_KEPT_S = 35 * 86_400 + 3600
FIRST_BLOB = 7
"""Place in ARGV of the first binary string."""

_encode = msgspec.msgpack.Encoder().encode


def pack(delta: Delta, horizon_hours: int) -> tuple[bytes, list[bytes]]:
    """Return the msgpack argument and the binary strings that it refers to by their place in ARGV."""
    blobs: list[bytes] = []
    panes: list[Any] = []
    distinct: list[Any] = []
    for letter, length_ms, kept_s, group in (
        ("m", MINUTE_MS, MINUTE_KEPT_S, delta.minutes),
        ("q", QUARTER_MS, QUARTER_KEPT_S, delta.quarters),
    ):
        for number, pane in group.items():
            name, expiry = f"{letter}:{number}", (number + 1) * length_ms // 1000 + kept_s
            panes.append(_pane(name, expiry, pane))
            if pane.distinct:
                distinct.append((name, expiry, _places(pane.distinct, blobs)))
    content = (
        delta.arrival,
        delta.watermark,
        _flat(delta.counters),
        panes,
        _places(delta.seen, blobs),
        _places(delta.ended, blobs),
        _places(delta.calls, blobs),
        _places(delta.reps, blobs),
        _flat(delta.sources),
        distinct,
        horizon_hours,
    )
    return _encode(content), blobs


def _pane(name: str, expiry: int, pane: PaneDelta) -> tuple[Any, ...]:
    facts, buckets, own = pane.facts, pane.buckets, pane.own
    return (
        name,
        expiry,
        list(facts),
        list(facts.values()),
        list(buckets),
        list(buckets.values()),
        list(own),
        list(own.values()),
    )


def _flat(mapping: Mapping[str, int]) -> list[str | int]:
    return [part for pair in mapping.items() for part in pair]


def _places(entries: Mapping[Any, bytes | None], blobs: list[bytes]) -> list[Any]:
    flat: list[Any] = []
    for name, content in entries.items():
        flat.append(name)
        if content is None:
            flat.append(0)
        else:
            flat.append(FIRST_BLOB + len(blobs))
            blobs.append(content)
    return flat
