"""One partition's memory, and how a fetched batch becomes the delta that the ledger applies.

Everything here happens in memory, ahead of the store: after a refusal or any error the whole object is dropped and
a new one is loaded from what the store holds.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import compress
from operator import attrgetter

import numpy as np
import numpy.typing as npt
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
from streams.worker.sources import Sources
from streams.worker.tally import Parked, Tally

CHUNK = 1000
"""Records that go through all steps together: enough for numpy to pay, few enough for others to get their turn."""
LATE_MS = 60_000
MOST_SOURCES = 10_000

_id_of = attrgetter("id")


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
        self._sources = Sources()
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
        now_ms, arrival = int(time.time() * 1000), max(0, max(batch.arrivals, default=0))
        minutes, quarters = panes_of(tally.rows, self._adder, names.known, now_ms)
        tally.irregular.into(minutes, quarters, now_ms)
        delta = Delta(
            start=batch.start,
            end=batch.end,
            arrival=arrival,
            watermark=tally.watermark,
            minutes=minutes,
            quarters=quarters,
            counters=tally.counters,
            sources=tally.sources,
            seen={hour: b"".join(parts) for hour, parts in tally.seen.items()},
        )
        if self._calls:
            delta.calls, delta.ended = self._calls.changes(arrival)
        if self._reps:
            delta.reps = self._reps.changes(arrival, names.known)
        self.next = batch.end
        return delta

    def _take(self, batch: Batch, low: int, high: int, tally: Tally) -> None:
        arrivals = np.array(batch.arrivals[low:high], dtype=np.int64)
        chunk = self._decoder.decode_chunk(batch.values[low:high], arrivals)
        accepted = Accepted(chunk.events, chunk.times, arrivals, batch.offsets[low:high])
        if chunk.refusals:
            self._park(chunk, low, arrivals, tally)
            accepted.keep(np.array([event is not None for event in chunk.events]))
        sources = self._sources.of(accepted.events)
        fresh = self._remember(accepted, self._sources.seeds(sources), tally)
        if np.count_nonzero(fresh) < len(fresh):
            repeated = accepted.times[~fresh].tolist()
            tally.count("duplicate", len(repeated))
            tally.irregular.note("duplicate", repeated)
            accepted.keep(fresh)
            sources = list(compress(sources, fresh.tolist()))
        if accepted.events:
            tally.heard(self._sources.latest(sources, accepted.times))
            self._count(accepted, tally)

    def _park(self, chunk: Chunk, low: int, arrivals: Times, tally: Tally) -> None:
        for refusal in chunk.refusals:
            tally.parked.append(Parked(low + refusal.index, refusal.reason, refusal.error))
            tally.count(f"parked:{refusal.reason}", 1)
            tally.irregular.note(f"parked:{refusal.reason}", [int(arrivals[refusal.index])])

    def _remember(self, accepted: Accepted, seeds: Iterable[int], tally: Tally) -> npt.NDArray[np.bool_]:
        """Remember the ids; say which events have not been counted before."""
        digests = map(xxhash.xxh3_64_intdigest, map(str.encode, map(_id_of, accepted.events)), seeds)
        ids = np.fromiter(digests, dtype=np.uint64, count=len(accepted.events))
        hours = accepted.arrivals // HOUR_MS
        fresh = self._seen.check_and_add(ids, hours)
        ids, hours = ids[fresh], hours[fresh]
        for hour in set(hours.tolist()):
            tally.seen.setdefault(hour, []).append(ids[hours == hour].tobytes())
        return fresh

    def _count(self, accepted: Accepted, tally: Tally) -> None:
        events, times, arrivals = accepted.events, accepted.times.tolist(), accepted.arrivals.tolist()
        tally.count("applied", len(events))
        tally.watermark = max(tally.watermark, max(times))
        is_late = accepted.arrivals - accepted.times > LATE_MS
        if np.count_nonzero(is_late):
            late = accepted.times[is_late].tolist()
            tally.count("late", len(late))
            tally.irregular.note("late", late)
        self._adder.add(events, times, tally.rows, tally.counters)
        if self._calls:
            self._calls.take(events, times, arrivals)
        if self._reps:
            self._reps.take(events, times, arrivals, accepted.offsets, tally.rows)
            tally.lasting.update(self._reps.lasting())
