"""One partition's memory, and how a fetched batch becomes the delta that the ledger applies.

Everything here happens in memory, ahead of the store: after a refusal or any error the whole object is dropped and
a new one is loaded from what the store holds.
"""

import time
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import numpy as np

from streams.kpis.compile import Adder
from streams.kpis.time_in_state import TimeInState
from streams.store.protocol import HOUR_MS, Claim, Delta, Memory, Partition
from streams.store.seen import SeenTable
from streams.transport import Batch
from streams.worker.accepted import Accepted
from streams.worker.calls import OpenCalls
from streams.worker.panes import panes_of
from streams.worker.reading import Part
from streams.worker.reps import RepChanges
from streams.worker.rows import RowNames
from streams.worker.sources import latest
from streams.worker.tally import Tally

LATE_MS = 60_000

_offset_of = attrgetter("offset")


class PartitionMemory:
    """What the owner of a partition remembers: the ids seen, open calls or reps, and where the next batch starts."""

    def __init__(
        self,
        partition: Partition,
        claim: Claim,
        memory: Memory,
        *,
        structs: Mapping[str, Any],
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
        self._adder = adder
        self._seen = SeenTable(hours)
        for hour, hashes in memory.seen.items():
            self._seen.load(hour, hashes)
        self._calls = OpenCalls(memory, structs, hours) if partition.topic == "calls" else None
        self._reps = RepChanges(memory, time_in_state) if time_in_state else None

    def take(self, part: Part, tally: Tally) -> int:
        """Count a part of the next batch into `tally`; return its size."""
        accepted = part.accepted
        tally.arrival = max(tally.arrival, part.arrival)
        tally.park(part.parked)
        hours = accepted.arrivals // HOUR_MS
        fresh = self._seen.check_and_add(accepted.ids, hours)
        if np.count_nonzero(fresh) < len(fresh):
            repeated = accepted.times[~fresh].tolist()
            tally.count("duplicate", len(repeated))
            tally.irregular.note("duplicate", repeated)
            accepted.keep(fresh)
            hours = hours[fresh]
        if accepted.events:
            tally.heard(latest(accepted.sources, accepted.names, accepted.times))
            tally.remember(accepted.ids, hours)
            self._count(accepted, tally)
        return part.size

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
            self._reps.take(events, times, arrivals, map(_offset_of, accepted.records), tally.rows)
            tally.lasting.update(self._reps.lasting())
