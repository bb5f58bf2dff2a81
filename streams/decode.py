"""Bytes to events or refusals, a chunk at a time.

The fast decoder takes what it accepts. What it refuses, and what the screens name, goes to the pydantic models, which
decide and word the reason. An accepted event is the same struct on either way, and what becomes of a record depends
on its own bytes and arrival only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import sub
from typing import Any

import msgspec

from schemas.events.fields import RESERVED
from schemas.refusals import FUTURE_MS, REP_TOO_LATE_MS, TOO_LATE_MS, Reason
from streams import screens
from streams.careful import CarefulDecoder, Refused
from streams.derive import structs_of, union_of
from streams.times import NO_TIME, NO_TIME_WORDS, TimeReader

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
    """In the order of their places."""


class TopicDecoder:
    """Decodes the records of one topic."""

    def __init__(self, topic: str) -> None:
        self.structs = structs_of(topic)
        """Event type → struct with .id .source .time .data; absent fields are None, an absent `machine` is False."""
        self._decode = msgspec.json.Decoder(union_of(self.structs)).decode
        self._by_model = CarefulDecoder(topic, self.structs).decode
        self._times = TimeReader()
        self._oldest_ms = REP_TOO_LATE_MS if topic == "reps" else TOO_LATE_MS

    def decode_chunk(self, values: Sequence[bytes | None], arrivals: Sequence[int]) -> Chunk:
        """Decode a chunk of records whose Kafka timestamps (epoch ms) are `arrivals`, one a value."""
        if len(values) != len(arrivals):
            raise ValueError(f"{len(values)} values, {len(arrivals)} arrivals")
        if not values:
            return Chunk([], [])
        events = self._decoded(values)
        times = self._times.read_all([event.time for event in events])
        lags = list(map(sub, arrivals, times))
        if min(lags) >= -FUTURE_MS and max(lags) <= self._oldest_ms:
            return Chunk(events, times)
        return Chunk(events, times, self._refusals(events, times, lags))

    def _decoded(self, values: Sequence[bytes | None]) -> list[Any]:
        """Return each value's event, or its Refused; times are not looked at yet."""
        screened = screens.screen(values)
        events: list[Any] = []
        rest: Iterator[bytes] = iter(screened.values)
        while len(events) < len(values):
            try:
                events.extend(map(self._decode, rest))
            except (msgspec.MsgspecError, ValueError, RecursionError):
                events.append(self._careful(values[len(events)]))
        for place in screened.reserved:
            if _has_reserved_name(events[place]):
                events[place] = self._careful(values[place])
        return events

    def _careful(self, value: bytes | None) -> Any:
        try:
            return self._by_model(value)
        except Refused as refused:
            return refused

    def _refusals(self, events: list[Any], times: list[int], lags: list[int]) -> list[Refusal]:
        """Take what must not count out of `events` and `times`; whatever was refused before has no time either."""
        oldest = self._oldest_ms
        refusals = []
        for place in [place for place, lag in enumerate(lags) if not -FUTURE_MS <= lag <= oldest]:
            event = events[place]
            refused = event if event.__class__ is Refused else _untimely(times[place], lags[place])
            refusals.append(Refusal(place, refused.reason, refused.error))
            events[place], times[place] = None, 0
        return refusals


def _has_reserved_name(event: Any) -> bool:
    """Say whether a name of the event begins with `__`, which the fast decoder takes."""
    if event.__class__ is Refused:
        return False
    names = (getattr(event.data, name, None) for name in NAMES)
    return any(name is not None and name.startswith(RESERVED) for name in names)


def _untimely(ms: int, lag_ms: int) -> Refused:
    if ms < NO_TIME:
        return Refused(Reason.INVALID, NO_TIME_WORDS)
    if lag_ms < 0:
        return Refused(Reason.FUTURE, f"time is {-lag_ms / 1000:.0f} s after the event's arrival")
    return Refused(Reason.TOO_LATE, f"time is {lag_ms / 1000:.0f} s before the event's arrival")
