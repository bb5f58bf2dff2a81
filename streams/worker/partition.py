"""One partition's memory, and how a fetched batch becomes the delta that the ledger applies.

Everything here happens in memory, ahead of the store: after a refusal or any error the whole object is dropped and
a new one is loaded from what the store holds.
"""

import time
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import xxhash

from streams.decode import Chunk, TopicDecoder
from streams.kpis.compile import Adder
from streams.kpis.time_in_state import TimeInState
from streams.store.protocol import HOUR_MS, Claim, Delta, Memory, Partition
from streams.store.seen import SeenTable
from streams.times import Times
from streams.transport import Batch
from streams.worker.accepted import Accepted
from streams.worker.calls import OpenCalls
from streams.worker.panes import panes_of
from streams.worker.reps import RepChanges
from streams.worker.rows import RowNames
from streams.worker.tally import Parked, Tally

CHUNK = 2000
"""Records that go through all steps together: enough for numpy to pay, few enough for others to get their turn."""
LATE_MS = 60_000
FEW_SOURCES, MANY_EVENTS = 8, 100
"""The latest times of few sources among many events are found faster source by source."""

_id_of, _source_of = attrgetter("id"), attrgetter("source")


class SourceSeeds(dict[str, int]):
    """A hash seed for each source, so that (source, id) is hashed without joining the two."""

    def __missing__(self, source: str) -> int:
        if len(self) >= 10_000:
            self.clear()
        seed = self[source] = xxhash.xxh3_64_intdigest(source.encode())
        return seed


class PartitionMemory:
    """What the owner of a partition remembers: the ids seen, open calls or reps, and where the next batch starts."""

    def __init__(
        self,
        partition: Partition,
        claim: Claim,
        memory: Memory,
        *,
        decoder: TopicDecoder,
        adder: Adder,
        time_in_state: TimeInState | None,
        hours: int,
    ) -> None:
        self.partition = partition
        self.claim = claim
        self.next = claim.next or 0
        """Where the next batch must start; ahead of the store by what is in flight."""
        self.applied = self.next
        """Where the store stands, as far as it has answered."""
        self.seek = -1
        """The number that batches carry which were fetched for this memory."""
        self.alive = True
        """False once the claim or the memory is void: whatever is in flight is dropped."""
        self._decoder = decoder
        self._adder = adder
        self._seeds = SourceSeeds()
        self._seen = SeenTable(hours)
        for hour, hashes in memory.seen.items():
            self._seen.load(hour, hashes)
        self._calls = OpenCalls(memory, decoder.structs, hours) if partition.topic == "calls" else None
        self._reps = RepChanges(memory, time_in_state) if time_in_state else None

    def chunks(self, batch: Batch, tally: Tally) -> Iterator[int]:
        """Count the batch into `tally`; after each chunk yield its size, for the caller to let others run."""
        for low in range(0, len(batch.values), CHUNK):
            high = min(low + CHUNK, len(batch.values))
            self._take(batch, low, high, tally)
            yield high - low

    def delta(self, batch: Batch, tally: Tally, names: RowNames) -> Delta:
        """Close the tally: everything that the batch changes. Its rows must have been learnt by `names`."""
        now_ms = int(time.time() * 1000)
        minutes, quarters = panes_of(tally.rows, self._adder, names.known, now_ms)
        tally.irregular.into(minutes, quarters, now_ms)
        delta = Delta(
            start=batch.start,
            end=batch.end,
            arrival=tally.arrival,
            watermark=tally.watermark,
            minutes=minutes,
            quarters=quarters,
            counters=tally.counters,
            sources=tally.sources,
            seen={hour: b"".join(parts) for hour, parts in tally.seen.items()},
        )
        if self._calls:
            delta.calls, delta.ended = self._calls.changes(tally.arrival)
        if self._reps:
            delta.reps = self._reps.changes(tally.arrival, names.known)
        self.next = batch.end
        return delta

    def _take(self, batch: Batch, low: int, high: int, tally: Tally) -> None:
        arrivals = np.array(batch.arrivals[low:high], dtype=np.int64)
        tally.arrival = max(tally.arrival, int(arrivals.max()))
        chunk = self._decoder.decode_chunk(batch.values[low:high], arrivals)
        accepted = Accepted(chunk.events, chunk.times, arrivals, batch.offsets[low:high])
        if chunk.refusals:
            self._park(chunk, low, arrivals, tally)
            accepted.drop([refusal.index for refusal in chunk.refusals])
        self._drop_repeats(accepted, tally)
        if accepted.events:
            self._count(accepted, tally)

    def _park(self, chunk: Chunk, low: int, arrivals: Times, tally: Tally) -> None:
        for refusal in chunk.refusals:
            tally.parked.append(Parked(low + refusal.index, refusal.reason, refusal.error))
            tally.count(f"parked:{refusal.reason}", 1)
            tally.irregular.note(f"parked:{refusal.reason}", [int(arrivals[refusal.index])])

    def _drop_repeats(self, accepted: Accepted, tally: Tally) -> None:
        """Remember the ids; drop the events that have been counted before."""
        events, hours = accepted.events, accepted.arrivals // HOUR_MS
        seeds = map(self._seeds.__getitem__, map(_source_of, events))
        digests = map(xxhash.xxh3_64_intdigest, map(str.encode, map(_id_of, events)), seeds)
        ids = np.fromiter(digests, dtype=np.uint64, count=len(events))
        fresh = self._seen.check_and_add(ids, hours)
        if not fresh.all():
            repeats = np.flatnonzero(~fresh)
            tally.count("duplicate", len(repeats))
            tally.irregular.note("duplicate", accepted.times[repeats].tolist())
            accepted.drop(repeats)
            ids, hours = ids[fresh], hours[fresh]
        for hour in set(hours.tolist()):
            tally.seen.setdefault(hour, []).append(ids[hours == hour].tobytes())

    def _count(self, accepted: Accepted, tally: Tally) -> None:
        events, times, arrivals = accepted.events, accepted.times, accepted.arrivals
        tally.count("applied", len(events))
        is_late = arrivals - times > LATE_MS
        if is_late.any():
            late = times[is_late].tolist()
            tally.count("late", len(late))
            tally.irregular.note("late", late)
        tally.watermark = max(tally.watermark, int(times.max()))
        happened = times.tolist()
        self._adder.add(events, happened, tally.rows, tally.counters)
        _latest_by_source(events, times, tally.sources)
        if self._calls:
            self._calls.take(events, happened, arrivals.tolist())
        if self._reps:
            self._reps.take(events, happened, arrivals.tolist(), accepted.offsets, tally.rows)
            tally.lasting.update(self._reps.lasting())


def _latest_by_source(events: Sequence[Any], times: Times, latest: dict[str, int]) -> None:
    sources = list(map(_source_of, events))
    numbers = {source: number for number, source in enumerate(set(sources))}
    if len(numbers) > FEW_SOURCES or len(sources) < MANY_EVENTS:
        for source, ms in zip(sources, times.tolist(), strict=True):
            if ms > latest.get(source, 0):
                latest[source] = ms
        return
    number_of = np.array([*map(numbers.__getitem__, sources)], dtype=np.int8)
    for source, number in numbers.items():
        latest[source] = max(latest.get(source, 0), int(times[number_of == number].max()))
