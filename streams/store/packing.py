"""A delta as the arguments of `apply.lua`: what it describes as msgpack, and the bytes that it describes."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from struct import Struct
from typing import Any

import msgspec

from streams.store.entries import Entries, States
from streams.store.keeping import expiry_s
from streams.store.protocol import Delta, PaneDelta, Partition, StoredPane, Told

IDS = "Q"
"""Unsigned 64 bits: little-endian on every machine that this runs on."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


def pack(delta: Delta, horizon_hours: int) -> tuple[bytes, bytes]:
    """Return ARGV[6] and ARGV[7] of `apply.lua`. Raises ValueError for a delta that spans no offset."""
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


def unpack_told(partition: Partition, sequence: int, start: int, end: int, described: bytes, content: bytes) -> Told:
    """Return what a view wants of the delta of a batch [start, end) that `pack` packed."""
    *_, panes, seen, ended, calls, reps = _decode(described)
    cut = _Cut(content)
    minutes: dict[int, PaneDelta] = {}
    quarters: dict[int, PaneDelta] = {}
    for name, _, sections in panes:
        group = minutes if name[0] == "m" else quarters
        group[int(name[2:])] = PaneDelta(**{kind: cut.entries(fields, lengths) for kind, fields, lengths in sections})
    for hours in (seen, ended):
        cut.piece(sum(hours[1::2]))
    return Told(partition, sequence, start, end, minutes, quarters, cut.states(calls), cut.states(reps))


class _Cut:
    """Cuts bytes into pieces, one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def piece(self, length: int) -> bytes:
        self._at += length
        return self._content[self._at - length : self._at]

    def entries(self, names: Sequence[str], lengths: Sequence[int]) -> Entries:
        return Entries(names, lengths, self.piece(sum(lengths)))

    def states(self, described: tuple[Sequence[str], Sequence[int], Sequence[str]]) -> dict[str, bytes | None]:
        names, lengths, gone = described
        return {**self.entries(names, lengths), **dict.fromkeys(gone)}


def pack_pane(pane: StoredPane) -> PaneDelta:
    """Return what adds the content of a pane to another one. Entries without content are left out."""
    return PaneDelta(
        facts={name: pack_facts(addends) for name, addends in pane.facts.items()},
        buckets={name: pack_buckets(pairs) for name, pairs in pane.buckets.items() if pairs},
        own={name: pack_own(facts) for name, facts in pane.own.items() if facts},
        distinct={name: pack_ids(array(IDS, ids)) for name, ids in pane.distinct.items() if ids},
    )


def unpack_pane(pane: PaneDelta) -> StoredPane:
    """Return what `pack_pane` packed."""
    return StoredPane(
        facts={name: unpack_facts(packed) for name, packed in pane.facts.items()},
        buckets={name: unpack_buckets(packed) for name, packed in pane.buckets.items()},
        own={name: unpack_own(packed) for name, packed in pane.own.items()},
        distinct=dict(pane.distinct),
    )


pack_facts = _encode
"""Pack addends as a msgpack array."""
unpack_facts = msgspec.msgpack.Decoder(list[int]).decode
"""Return what `pack_facts` packed."""


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


def pack_ids(ids: Iterable[int]) -> bytes:
    """Return 64-bit ids, 8 bytes each, ascending as little-endian numbers, each once: the same set, the same bytes."""
    return array(IDS, sorted(set(ids))).tobytes()


def _panes(letter: str, group: Mapping[int, PaneDelta], content: list[bytes]) -> Iterable[tuple[Any, ...]]:
    for number, pane in group.items():
        sections = []
        groups = (("facts", pane.facts), ("buckets", pane.buckets), ("own", pane.own), ("distinct", pane.distinct))
        for kind, entries in groups:
            if entries:
                sent = Entries.of(entries)
                content.append(sent.content)
                sections.append((kind, sent.names, sent.lengths))
        if sections:
            name = f"{letter}:{number}"
            yield name, expiry_s(name), sections


def _flat(mapping: Mapping[str, int]) -> list[str | int]:
    return [part for pair in mapping.items() for part in pair]


def _ids(by_hour: Mapping[int, bytes], content: list[bytes]) -> list[int]:
    content.extend(by_hour.values())
    return [part for hour, ids in by_hour.items() for part in (hour, len(ids))]


def _states(entries: Mapping[str, bytes | None], content: list[bytes]) -> tuple[msgspec.Raw, ...]:
    sent = States.of(entries)
    content.append(sent.content)
    return sent.names, sent.lengths, sent.gone
