"""From fetched batches to good events: unpacked and decoded, so many at a time that it is done fast."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from typing import NamedTuple

from streams.decode import Chunk, TopicDecoder
from streams.events import Events, Mask
from streams.kpis.additions import hashes_of
from streams.kpis.catalogue import Catalogue
from streams.layout import Hashes
from streams.store.protocol import HOUR_MS
from streams.store.seen import Hours
from streams.transport import Batch, Record
from streams.worker import calls
from streams.worker.tally import Parked

CHUNK = 1000
"""Records that go through all steps together: enough for numpy to pay, few enough for others to get their turn."""

LATE_MS = 60_000
"""An event that arrives later after its time is counted as late, too."""
READABLE = {calls.TOPIC: calls.READABLE}
"""Topic → event type → the text of its data that somebody reads."""

_arrival_of, _offset_of, _value_of = map(attrgetter, ("timestamp", "offset", "value"))


@dataclass(slots=True)
class Part:
    """Records of one batch, read."""

    size: int
    arrival: int
    """Their highest arrival, epoch ms; 0 when there are none."""
    parked: list[Parked]
    accepted: Events
    hours: Hours
    """The hour of arrival of each accepted event."""
    late: Mask | None
    """Which of them came late; None if none did."""


def together(batches: deque[Batch]) -> list[Batch]:
    """Take the next batch, and with it those after it as long as all of them make no more than a chunk; of a partition
    one.
    """
    taken = [batches.popleft()]
    records, partitions = taken[0].end - taken[0].start, {taken[0].partition}
    while (
        batches
        and batches[0].partition not in partitions
        and (records := records + batches[0].end - batches[0].start) <= CHUNK
    ):
        partitions.add(batches[0].partition)
        taken.append(batches.popleft())
    return taken


class TopicReader:
    """Reads the batches of one topic."""

    def __init__(self, topic: str, hashes: Hashes) -> None:
        """`hashes`: what the topic's facts want to know of texts."""
        self._decoder = TopicDecoder(topic, hashes, READABLE.get(topic, {}))
        self.layout = self._decoder.layout
        """Where the values of its events lie."""

    def read(self, batches: Sequence[Batch]) -> list[Iterator[Part]]:
        """Return the parts of each batch: of a single one they are read when they are wanted; several batches, which
        must be small, are decoded together. The parts of a batch that cannot be unpacked raise what is wrong with it.
        """
        if len(batches) == 1:
            return [map(self._part, iter(partial(batches[0].read, CHUNK), []))]
        unpacked = [*map(_unpacked, batches)]
        read = iter(self._read([records for records in unpacked if not isinstance(records, Exception)]))
        return [_raising(found) if isinstance(found, Exception) else iter((next(read),)) for found in unpacked]

    def _part(self, records: list[Record]) -> Part:
        (part,) = self._read([records])
        return part

    def _read(self, parts: Sequence[list[Record]]) -> list[Part]:
        """Return a part for each list of records, all of them decoded as one chunk."""
        records = parts[0] if len(parts) == 1 else [*chain.from_iterable(parts)]
        arrivals = [*map(_arrival_of, records)]
        chunk = self._decoder.decode_chunk([*map(_value_of, records)], arrivals)
        chunk.events.table["offset"] = [*map(_offset_of, records)]
        table = chunk.events.table
        hours, late = table["arrival"] // HOUR_MS, table["arrival"] - table["ms"] > LATE_MS
        columns = _Columns(chunk.events, hours, late if late.any() else None, table["taken"] == 1)
        ends = [*accumulate(map(len, parts), initial=0)]
        return [
            Part(high - low, max(arrivals[low:high], default=0), refused, *columns.accepted(low, high))
            for (low, high), refused in zip(pairwise(ends), _parked(chunk, records, ends), strict=True)
        ]


class _Columns(NamedTuple):
    """A chunk's events, and what is to be known of each."""

    events: Events
    hours: Hours
    late: Mask | None
    taken: Mask

    def accepted(self, low: int, high: int) -> tuple[Events, Hours, Mask | None]:
        """Return the events in [low, high) that are taken, with their hours of arrival and which are late."""
        events, hours, taken = self.events.between(low, high), self.hours[low:high], self.taken[low:high]
        late = None if self.late is None else self.late[low:high]
        if taken.all():
            return events, hours, late
        return events.where(taken), hours[taken], None if late is None else late[taken]


Readers = Callable[[str], TopicReader]


def topic_readers(catalogue: Catalogue) -> Readers:
    """Return the readers of all topics, by name; a topic's partitions share one."""
    return cache(lambda topic: TopicReader(topic, hashes_of(topic, catalogue)))


def _unpacked(batch: Batch) -> list[Record] | Exception:
    """Return the records of a small batch, or why there are none: those that are read with it must not suffer."""
    try:
        return batch.read(CHUNK)
    except Exception as error:  # noqa: BLE001  # of many kinds, by the codec; raised when the batch is processed
        return error


def _raising(error: Exception) -> Iterator[Part]:
    raise error
    yield


def _parked(chunk: Chunk, records: Sequence[Record], ends: Sequence[int]) -> Iterator[list[Parked]]:
    """Yield what was refused of each list of records."""
    refusals = deque(chunk.refusals)
    for end in ends[1:]:
        refused = []
        while refusals and refusals[0].index < end:
            refusal = refusals.popleft()
            refused.append(Parked(records[refusal.index], refusal.reason, refusal.error))
        yield refused
