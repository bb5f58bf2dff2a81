"""One partition's memory, and how a fetched batch becomes the delta that the ledger applies.

Everything here happens in memory, ahead of the store: after a refusal or any error the whole object is dropped and
a new one is loaded from what the store holds.
"""

import time
from collections.abc import Mapping

import numpy as np

from streams.events import Events, Mask, RowKey
from streams.kpis.time_in_state import TimeInState
from streams.layout import Layout
from streams.store.protocol import Claim, Delta, Memory, Partition
from streams.store.seen import SeenTable
from streams.transport import Batch
from streams.worker.calls import OpenCalls
from streams.worker.reading import Part
from streams.worker.reps import RepChanges
from streams.worker.sources import latest
from streams.worker.tally import Tally


class PartitionMemory:
    """What the owner of a partition remembers: the ids seen, open calls or reps, and where the next batch starts."""

    def __init__(
        self,
        partition: Partition,
        claim: Claim,
        memory: Memory,
        *,
        layout: Layout,
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
        self._seen = SeenTable(hours)
        for hour, hashes in memory.seen.items():
            self._seen.load(hour, hashes)
        self._calls = OpenCalls(memory, layout, hours) if partition.topic == "calls" else None
        self._reps = RepChanges(memory, time_in_state, layout) if time_in_state else None

    def take(self, part: Part, tally: Tally) -> int:
        """Take a part of the next batch into `tally`; return its size."""
        accepted, hours, late = part.accepted, part.hours, part.late
        tally.arrival = max(tally.arrival, part.arrival)
        tally.park(part.parked)
        ids = np.ascontiguousarray(accepted.table["id"])
        fresh = self._seen.check_and_add(ids, hours)
        if np.count_nonzero(fresh) < len(fresh):
            repeated = accepted.table["ms"][~fresh].tolist()
            tally.count("duplicate", len(repeated))
            tally.irregular.note("duplicate", repeated)
            accepted, ids, hours = accepted.where(fresh), ids[fresh], hours[fresh]
            late = None if late is None else late[fresh]
        if len(accepted):
            tally.heard(latest(accepted))
            tally.remember(ids, hours)
            self._follow(accepted, late, tally)
        return part.size

    def delta(self, batch: Batch, tally: Tally, names: Mapping[RowKey, str]) -> Delta:
        """Close the tally, whose panes must have been packed: everything that the batch changes."""
        minutes, quarters = tally.panes
        tally.irregular.into(minutes, quarters, int(time.time() * 1000))
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
            delta.reps = self._reps.changes(tally.arrival, names)
        self.next = batch.end
        return delta

    def _follow(self, events: Events, late: Mask | None, tally: Tally) -> None:
        times = events.table["ms"]
        tally.count("applied", len(events))
        tally.watermark = max(tally.watermark, *times.tolist())
        if late is not None:
            came_late = times[late].tolist()
            tally.count("late", len(came_late))
            tally.irregular.note("late", came_late)
        tally.events.append(events)
        if self._calls:
            self._calls.take(events)
        if self._reps:
            self._reps.take(events, tally.timed)
            tally.lasting.update(self._reps.lasting())
