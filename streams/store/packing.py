"""A delta as the arguments of `apply.lua`: what it describes as msgpack, and the bytes that it describes."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from struct import Struct
from typing import Any

import msgspec

from streams.store.keeping import expiry_s
from streams.store.protocol import Delta, PaneDelta

ID_BYTES = 8
IDS = "Q"
"""Unsigned 64 bits: little-endian on every machine that this runs on."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def pack(delta: Delta, horizon_hours: int) -> tuple[bytes, bytes]:
    """Return ARGV[6] and ARGV[7] of `apply.lua`. Raises ValueError for a delta that spans no offset.

    Empty entries (no pairs, no own facts, no ids, a pane with none of them) are left out.
    """
    if delta.end <= delta.start:
        raise ValueError(f"a batch from {delta.start} to {delta.end} spans no offset")
    content: list[bytes] = []
    panes = [
        *_panes("m", delta.minutes, content),
        *_panes("q", delta.quarters, content),
    ]
    described = (
        delta.arrival,
        delta.watermark,
        horizon_hours,
        _flat(delta.counters),
        _flat(delta.sources),
        panes,
        _ids(delta.seen, content),
        _ids(delta.ended, content),
        _states(delta.calls, content),
        _states(delta.reps, content),
    )
    return _encode(described), b"".join(content)


def _panes(letter: str, group: Mapping[int, PaneDelta], content: list[bytes]) -> Iterable[tuple[Any, ...]]:
    for number, pane in group.items():
        name = f"{letter}:{number}"
        sections = [
            *_section("facts", pane.facts, map(_encode, pane.facts.values()), content),
            *_filled("buckets", {name: pack_buckets(pairs) for name, pairs in pane.buckets.items() if pairs}, content),
            *_filled("own", {name: pack_own(own) for name, own in pane.own.items() if own}, content),
            *_filled("distinct", {name: pack_ids(ids) for name, ids in pane.distinct.items() if ids}, content),
        ]
        if sections:
            yield name, expiry_s(name), sections


def pack_buckets(pairs: Sequence[int]) -> bytes:
    """Return flat pairs [bucket, count, …] as entries of 2 and 4 bytes, big-endian."""
    return _entries(len(pairs) // 2).pack(*pairs)


def unpack_buckets(packed: bytes) -> list[int]:
    """Return what `pack_buckets` packed."""
    return list(_entries(len(packed) // 6).unpack(packed))


@cache
def _entries(count: int) -> Struct:
    return Struct(">" + "HI" * count)


def pack_own(facts: Mapping[str, int]) -> bytes:
    """Return own facts as a msgpack array [name, number, …] by the names' bytes: the same facts, the same bytes."""
    return _encode(_flat(dict(sorted(facts.items()))))


def unpack_own(packed: bytes) -> dict[str, int]:
    """Return what `pack_own` packed."""
    flat = _decode(packed)
    return dict(zip(flat[::2], flat[1::2], strict=True))


def pack_ids(ids: bytes) -> bytes:
    """Return 8-byte ids ascending as little-endian numbers, each once: the same set, the same bytes."""
    if len(ids) == ID_BYTES:
        return ids
    numbers = array(IDS, ids)
    return array(IDS, sorted(set(numbers))).tobytes()


def _filled(kind: str, entries: Mapping[str, bytes], content: list[bytes]) -> Iterable[tuple[Any, ...]]:
    return _section(kind, entries, entries.values(), content)


def _section(
    kind: str, fields: Iterable[str], values: Iterable[bytes], content: list[bytes]
) -> Iterable[tuple[Any, ...]]:
    if names := list(fields):
        first = len(content)
        content.extend(values)
        yield kind, names, list(map(len, content[first:]))


def _flat(mapping: Mapping[str, int]) -> list[str | int]:
    return [part for pair in mapping.items() for part in pair]


def _ids(by_hour: Mapping[int, bytes], content: list[bytes]) -> list[int]:
    content.extend(by_hour.values())
    return [part for hour, ids in by_hour.items() for part in (hour, len(ids))]


def _states(entries: Mapping[str, bytes | None], content: list[bytes]) -> tuple[list[str], list[int], list[str]]:
    kept = {name: state for name, state in entries.items() if state is not None}
    content.extend(kept.values())
    return list(kept), list(map(len, kept.values())), [name for name, state in entries.items() if state is None]
