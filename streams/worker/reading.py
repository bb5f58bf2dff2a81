"""From fetched batches to good events: unpacked, decoded and hashed, so many at a time that it is done fast."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate, chain, compress, pairwise
from operator import attrgetter

import numpy as np
import xxhash

from streams.decode import Chunk, TopicDecoder
from streams.times import Times
from streams.transport import Batch, Record
from streams.worker.accepted import Accepted
from streams.worker.sources import Sources
from streams.worker.tally import Parked

CHUNK = 1000
"""Records that go through all steps together: enough for numpy to pay, few enough for others to get their turn."""

_id_of, _arrival_of, _value_of = map(attrgetter, ("id", "timestamp", "value"))


@dataclass(slots=True)
class Part:
    """Records of one batch, read."""

    size: int
    arrival: int
    """Their highest arrival, epoch ms; 0 when there are none."""
    parked: list[Parked]
    accepted: Accepted


def together(batches: deque[Batch]) -> list[Batch]:
    """Take the next batch, and with it those after it as long as all of them make no more than a chunk."""
    taken = [batches.popleft()]
    records = taken[0].end - taken[0].start
    while batches and (records := records + batches[0].end - batches[0].start) <= CHUNK:
        taken.append(batches.popleft())
    return taken


class TopicReader:
    """Reads the batches of one topic."""

    def __init__(self, topic: str) -> None:
        self._decoder = TopicDecoder(topic)
        self.structs = self._decoder.structs
        """Event type → the struct that its events are read as."""
        self._sources = Sources()

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
        arrived = np.array(arrivals, dtype=np.int64)
        chunk = self._decoder.decode_chunk([*map(_value_of, records)], arrived)
        ends = [*accumulate(map(len, parts), initial=0)]
        accepted, good_ends = self._accepted(chunk, records, arrived, ends)
        return [
            Part(
                high - low,
                max(arrivals[low:high], default=0),
                refused,
                accepted if len(parts) == 1 else accepted.part(*good),
            )
            for (low, high), good, refused in zip(
                pairwise(ends), pairwise(good_ends), _parked(chunk, records, ends), strict=True
            )
        ]

    def _accepted(
        self, chunk: Chunk, records: list[Record], arrivals: Times, ends: list[int]
    ) -> tuple[Accepted, list[int]]:
        """Return the good events, and where those of each list end."""
        events, times = chunk.events, chunk.times
        if chunk.refusals:
            good = [event is not None for event in events]
            events, records = [*compress(events, good)], [*compress(records, good)]
            times, arrivals = times[good], arrivals[good]
            counts = [*accumulate(good, initial=0)]
            ends = [counts[end] for end in ends]
        sources = self._sources.of(events)
        digests = map(xxhash.xxh3_64_intdigest, map(str.encode, map(_id_of, events)), self._sources.seeds(sources))
        ids = np.fromiter(digests, dtype=np.uint64, count=len(events))
        return Accepted(events, records, times, arrivals, ids, sources, self._sources.names), ends


Readers = Callable[[str], TopicReader]


def topic_readers() -> Readers:
    """Return the readers of all topics, by name; a topic's partitions share one."""
    return cache(TopicReader)


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
