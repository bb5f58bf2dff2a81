"""Bytes to events or refusals, a chunk at a time.

The fast decoder takes what it accepts. What it refuses goes to the pydantic models, which decide and word the
reason. Three things msgspec does not look at are screened on the chunk's joined bytes: UTF-8 in fields that nobody
reads, names that begin with `__`, and sizes. An accepted event is the same struct on either way.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from pydantic import ValidationError

from schemas.events import EVENT_TYPES, TOPIC_OF
from schemas.events.fields import RESERVED
from schemas.refusals import FUTURE_MS, REP_TOO_LATE_MS, TOO_LATE_MS, VALUE_MAX_BYTES, Reason
from streams.derive import structs_of
from streams.times import TimeError, TimeReader

NAMES = ("team", "queue", "campaign", "rep")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that is not counted: its place in the chunk, the reason, and words that name what is wrong."""

    index: int
    reason: Reason
    error: str


@dataclass(slots=True)
class Chunk:
    """A decoded chunk; `events` holds None and `times` 0 where a record was refused."""

    events: list[Any]
    times: list[int]
    """Event times, epoch ms."""
    refusals: list[Refusal] = field(default_factory=list)


class Refused(Exception):
    """Park this record: its reason and words."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason = reason
        self.error = error


class TopicDecoder:
    """Decodes the records of one topic."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self.structs = structs_of(topic)
        """Event type → struct with .id .source .time .data; absent fields are None, an absent `machine` is False."""
        self._decode = msgspec.json.Decoder(_union(self.structs)).decode
        self._times = TimeReader()
        self._oldest_ms = REP_TOO_LATE_MS if topic == "reps" else TOO_LATE_MS

    def decode_chunk(self, values: Sequence[bytes | None], arrivals: Sequence[int]) -> Chunk:
        """Decode a chunk of records whose Kafka timestamps (epoch ms) are `arrivals`."""
        if _is_plain(values):
            events = self._fast(values)
        else:
            events = [self._careful(value) for value in values]
        try:
            times = self._times.read_all([event.time for event in events])
        except (AttributeError, TimeError):
            times = [self._time(events, place) for place in range(len(events))]
        lags = [arrival - ms for arrival, ms in zip(arrivals, times, strict=True)]
        if min(lags) < -FUTURE_MS or max(lags) > self._oldest_ms:
            self._screen(events, times, lags)
        refusals = [
            Refusal(place, event.reason, event.error)
            for place, event in enumerate(events)
            if event.__class__ is Refused
        ] if any(event.__class__ is Refused for event in events) else []
        for refusal in refusals:
            events[refusal.index], times[refusal.index] = None, 0
        return Chunk(events, times, refusals)

    def _fast(self, values: Sequence[bytes | None]) -> list[Any]:
        """Decode values that passed the screens; a Refused stands where the models refuse too."""
        events: list[Any] = []
        rest: Iterator[bytes | None] = iter(values)
        while len(events) < len(values):
            try:
                events.extend(map(self._decode, rest))  # type: ignore[arg-type]  # a screened value is never None
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                events.append(self._careful(values[len(events)]))
        return events

    def _careful(self, value: bytes | None) -> Any:
        """Decode one value as the models do."""
        try:
            return self._by_model(value)
        except Refused as refused:
            return refused

    def _by_model(self, value: bytes | None) -> Any:
        content = _parsed(value)
        kind = content.get("type") if isinstance(content, dict) else None
        if not isinstance(kind, str) or not kind:
            raise Refused(Reason.INVALID, "the event must be an object with a text `type`")
        topic = TOPIC_OF.get(kind)
        if topic is None:
            raise Refused(Reason.UNKNOWN_TYPE, f"no event has the type {kind[:80]!r}")
        if topic != self._topic:
            raise Refused(Reason.WRONG_TOPIC, f"{kind} belongs into the topic {topic}")
        try:
            event = EVENT_TYPES[kind].model_validate(content)
        except ValidationError as error:
            raise Refused(Reason.INVALID, _words(error)) from None
        return self._struct(kind, event.model_dump())

    def _struct(self, kind: str, content: dict[str, Any]) -> Any:
        struct = self.structs[kind]
        (data,) = (part.type for part in msgspec.structs.fields(struct) if part.name == "data")
        content.pop("type")
        return struct(**{**content, "data": data(**content["data"])})

    def _time(self, events: list[Any], place: int) -> int:
        event = events[place]
        if event.__class__ is Refused:
            return 0
        try:
            return self._times.read(event.time)
        except TimeError as error:
            events[place] = Refused(Reason.INVALID, str(error))
            return 0

    def _screen(self, events: list[Any], times: Sequence[int], lags: Sequence[int]) -> None:
        for place, lag in enumerate(lags):
            if events[place].__class__ is Refused:
                continue
            if lag < -FUTURE_MS:
                events[place] = Refused(Reason.FUTURE, f"time is {-lag / 1000:.0f} s after the event's arrival")
            elif lag > self._oldest_ms:
                events[place] = Refused(Reason.TOO_LATE, f"time is {lag / 1000:.0f} s before the event's arrival")


def _union(structs: dict[str, type[msgspec.Struct]]) -> Any:
    kinds = tuple(structs.values())
    union = kinds[0]
    for kind in kinds[1:]:
        union = union | kind  # type: ignore[assignment]  # a union of structs is no struct
    return union


def _is_plain(values: Sequence[bytes | None]) -> bool:
    """Say whether no value of the chunk needs a closer look than the fast decoder's.

    The values are joined with a line feed, which no broken UTF-8 sequence can reach across.
    """
    try:
        joined = b"\n".join(values)  # type: ignore[arg-type]  # a None raises TypeError
        if not joined.isascii():
            joined.decode()
    except (TypeError, UnicodeDecodeError):
        return False
    if b'"__' in joined or b'"\\u005' in joined or b'"_\\u005' in joined:
        return False
    return len(joined) <= VALUE_MAX_BYTES or max(map(len, values)) <= VALUE_MAX_BYTES  # type: ignore[arg-type]


def _parsed(value: bytes | None) -> Any:
    if value is not None and len(value) > VALUE_MAX_BYTES:
        raise Refused(Reason.TOO_LARGE, f"{len(value)} bytes are more than {VALUE_MAX_BYTES}")
    if not value:
        raise Refused(Reason.NOT_JSON, "the record has no value")
    try:
        return json.loads(value.decode(), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Refused(Reason.NOT_JSON, f"broken UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.NOT_JSON, f"no JSON: {error}"[:300]) from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _words(error: ValidationError) -> str:
    """Return what is wrong, field by field, without the values: they may be personal."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)[:5]
    )


__all__ = ["NAMES", "RESERVED", "Chunk", "Refusal", "Refused", "TopicDecoder"]
