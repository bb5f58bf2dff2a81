"""Bytes to events or refusals, a chunk at a time.

The scanner takes what is plainly right. What it leaves goes to the pydantic models, which decide and word the reason;
what they accept is written anew and scanned again, so that an event is the same on either way. What becomes of a
record depends on its own bytes and arrival only: a replay cuts other chunks and must decide the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType

import msgspec
import numpy as np

from schemas.refusals import FUTURE_MS, REP_TOO_LATE_MS, TOO_LATE_MS, VALUE_MAX_BYTES, Reason
from streams.careful import Refused, plainly
from streams.events import Events, Table
from streams.layout import Hashes, layout_of
from streams.scanner import MOST_BYTES, Scanner


class Refusal(msgspec.Struct, frozen=True):
    """A record that is not counted: its place in the chunk, the reason, and words that name what is wrong."""

    index: int
    reason: Reason
    error: str


@dataclass(slots=True)
class Chunk:
    """A decoded chunk."""

    events: Events
    """One for each record; not taken where it was refused."""
    refusals: list[Refusal] = field(default_factory=list)
    """In the order of their places."""


class TopicDecoder:
    """Decodes the records of one topic."""

    def __init__(self, topic: str, hashes: Hashes = (), readable: Mapping[str, str] = MappingProxyType({})) -> None:
        """`hashes`: see `layout_of`. `readable`: event type → a text of its data that comes with its events, as does its hash."""
        self._topic = topic
        self.layout = layout_of(topic, [*hashes, *((text,) for text in readable.values())])
        self._scanner = Scanner(self.layout, readable)
        self._oldest_ms = REP_TOO_LATE_MS if topic == "reps" else TOO_LATE_MS

    def decode_chunk(self, values: Sequence[bytes | None], arrivals: Sequence[int]) -> Chunk:
        """Decode a chunk of at most MOST records whose Kafka timestamps (epoch ms) are `arrivals`, one a value."""
        if len(values) != len(arrivals):
            raise ValueError(f"{len(values)} values, {len(arrivals)} arrivals")
        self._scanner.begin(2 * len(values))  # twice: the models may want to have each of them scanned again
        events = self._scan([value if value and len(value) <= VALUE_MAX_BYTES else b"" for value in values])
        table = events.table
        refusals = [] if table["taken"].all() else self._asked(events, values)
        table["arrival"] = arrivals
        lags = table["arrival"] - table["ms"]
        untimely = (table["taken"] == 1) & ((lags < -FUTURE_MS) | (lags > self._oldest_ms))
        if untimely.any():
            table["taken"][untimely] = 0
            refusals += (
                _time_refusal(place, int(table["ms"][place]), int(lags[place]))
                for place in np.flatnonzero(untimely).tolist()
            )
            refusals.sort(key=attrgetter("index"))
        return Chunk(events, refusals)

    def _asked(self, events: Events, values: Sequence[bytes | None]) -> list[Refusal]:
        """Let the models decide what is not taken: put what they accept among the events, return what they refuse."""
        refusals = []
        places, rewritten = [], []
        for place in np.flatnonzero(events.table["taken"] == 0).tolist():
            try:
                rewritten.append(plainly(self._topic, values[place]))
                places.append(place)
            except Refused as no:  # not kept: its traceback would keep the chunk alive until the next full collection
                refusals.append(Refusal(place, no.reason, no.error))
        if rewritten:
            again = self._scan(rewritten)
            if not again.table["taken"].all():
                raise AssertionError("the scanner does not take what the models have written anew")
            again.table["text_at"] += len(events.texts)
            events.table[places] = again.table
            events.texts += again.texts
        return refusals

    def _scan(self, values: Sequence[bytes]) -> Events:
        """Return an event for each value, with the names of this chunk."""
        tables: list[Table] = []
        texts = b""
        for piece in _pieces(values):
            table, found = self._scanner.scan(piece)
            table["text_at"] += len(texts)
            tables.append(table)
            texts += found
        return Events(tables[0] if len(tables) == 1 else np.concatenate(tables), self._scanner.names, texts)


def _pieces(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield the values, no more at a time than the scanner takes."""
    if sum(map(len, values)) <= MOST_BYTES:
        yield values
        return
    begin = size = 0
    for place, value in enumerate(values):
        if size and size + len(value) > MOST_BYTES:
            yield values[begin:place]
            begin, size = place, 0
        size += len(value)
    yield values[begin:]


def _time_refusal(place: int, ms: int, lag_ms: int) -> Refusal:
    if ms + lag_ms < 0:
        return Refusal(place, Reason.FUTURE, "the record has no timestamp: its arrival is unknown")
    if lag_ms < 0:
        return Refusal(place, Reason.FUTURE, f"time is {-lag_ms / 1000:.0f} s after the event's arrival")
    return Refusal(place, Reason.TOO_LATE, f"time is {lag_ms / 1000:.0f} s before the event's arrival")
