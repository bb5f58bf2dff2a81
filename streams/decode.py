"""Bytes to events or refusals, a chunk at a time.

The fast decoder takes what it accepts. What it refuses, and what the screens name, goes to the pydantic models, which
decide and word the reason. An accepted event is the same struct on either way, and what becomes of a record depends
on its own bytes and arrival only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from schemas.events.fields import RESERVED
from schemas.refusals import FUTURE_MS, REP_TOO_LATE_MS, TOO_LATE_MS, Reason
from streams import screens
from streams.careful import CarefulDecoder, Refused
from streams.derive import structs_of, union_of
from streams.times import NO_TIME, NO_TIME_WORDS, TimeReader, Times

_time_of = attrgetter("time")
NAMES = ("team", "queue", "campaign", "rep")


class _Nothing(msgspec.Struct, frozen=True):
    """Stands for a refused event; it has a time, of none, so that a chunk's times are read in one sweep."""

    time: str = ""
    data: None = None


NOTHING = _Nothing()


class Refusal(msgspec.Struct, frozen=True):
    """A record that is not counted: its place in the chunk, the reason, and words that name what is wrong."""

    index: int
    reason: Reason
    error: str


@dataclass(slots=True)
class Chunk:
    """A decoded chunk; `events` holds None and `times` 0 where a record was refused."""

    events: list[Any]
    times: Times
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

    def decode_chunk(self, values: Sequence[bytes | None], arrivals: Sequence[int] | Times) -> Chunk:
        """Decode a chunk of records whose Kafka timestamps (epoch ms) are `arrivals`, one a value."""
        if len(values) != len(arrivals):
            raise ValueError(f"{len(values)} values, {len(arrivals)} arrivals")
        arrived = np.asarray(arrivals, dtype=np.int64)
        if not values:
            return Chunk([], arrived)
        events, refused = self._decoded(values)
        times = self._times.read_all(_texts(events, refused))
        for place in refused:
            times[place] = arrived[place]
        lags = arrived - times
        untimely = (lags < -FUTURE_MS) | (lags > self._oldest_ms)
        for place in np.flatnonzero(untimely).tolist():
            refused[place] = _time_refusal(place, int(times[place]), int(lags[place]))
        return Chunk(events, times, _taken_out(refused, events, times) if refused else [])

    def _decoded(self, values: Sequence[bytes | None]) -> tuple[list[Any], dict[int, Refusal]]:
        """Return the events, with NOTHING where one is refused; times are not looked at yet."""
        screened = screens.screen(values)
        events, doubtful = self._fast(screened.values)
        refused = self._reserved(events, screened.reserved) if screened.reserved else {}
        for place in doubtful:
            try:
                events[place] = self._by_model(values[place])
            except Refused as no:  # not kept: its traceback would keep the chunk alive until the next full collection
                events[place] = NOTHING
                refused[place] = Refusal(place, no.reason, no.error)
        return events, refused

    def _fast(self, values: Sequence[bytes]) -> tuple[list[Any], list[int]]:
        """Return what the fast decoder accepts, and the places, with NOTHING there, of what it does not."""
        events: list[Any] = []
        doubtful: list[int] = []
        rest = iter(values)
        while len(events) < len(values):
            try:
                events.extend(map(self._decode, rest))
            except (msgspec.MsgspecError, ValueError, RecursionError):
                doubtful.append(len(events))
                events.append(NOTHING)
        return events, doubtful

    def _reserved(self, events: list[Any], places: Sequence[int]) -> dict[int, Refusal]:
        """Return those of `places` that have a reserved name, with NOTHING for their events: what the models would do."""
        refused = {}
        for place in places:
            words = _reserved_name(events[place])
            if words:
                events[place] = NOTHING
                refused[place] = Refusal(place, Reason.INVALID, words)
        return refused


def _texts(events: list[Any], refused: Iterable[int]) -> list[str]:
    """Return the times as the events tell them. Where one is refused stands another event's: so they stay alike."""
    texts = list(map(_time_of, events))
    some = next(filter(None, texts), "")
    for place in refused:
        texts[place] = some
    return texts


def _taken_out(refused: dict[int, Refusal], events: list[Any], times: Times) -> list[Refusal]:
    """Take what must not count out of `events` and `times`; return the refusals in the order of their places."""
    for place in refused:
        events[place], times[place] = None, 0
    return [refused[place] for place in sorted(refused)]


def _reserved_name(event: Any) -> str:
    """Return what is wrong with the event's names, empty if nothing is; the fast decoder has accepted all else."""
    data = event.data
    for name in data.__struct_fields__ if data is not None else ():
        text = getattr(data, name)
        if name in NAMES and text is not None and text.startswith(RESERVED):
            return f"data.{name}: must not begin with '{RESERVED}'"
    return ""


def _time_refusal(place: int, ms: int, lag_ms: int) -> Refusal:
    if ms < NO_TIME:
        return Refusal(place, Reason.INVALID, NO_TIME_WORDS)
    if ms + lag_ms < 0:
        return Refusal(place, Reason.FUTURE, "the record has no timestamp: its arrival is unknown")
    if lag_ms < 0:
        return Refusal(place, Reason.FUTURE, f"time is {-lag_ms / 1000:.0f} s after the event's arrival")
    return Refusal(place, Reason.TOO_LATE, f"time is {lag_ms / 1000:.0f} s before the event's arrival")
