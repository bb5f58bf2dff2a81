"""Moves deltas into the store: everything that is ready goes in one round trip, in order within a partition. Of much
work a second round trip is on its way while the store is at the first one.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from streams.store.protocol import Delta, Outcome, Partition, StoreUnavailable, Writer
from streams.worker.metrics import WorkerMetrics
from streams.worker.partition import PartitionMemory
from streams.worker.standstill import Standstill

log = structlog.get_logger(__name__)

RETRY_S = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Waits between tries while the store is away; the last one repeats."""


ROOM = 128_000
"""Records that may be on their way at once."""
FLIGHTS = 2
"""Round trips that may be under way at once, each with other partitions:"""
WORTH = 4_000
"""of so many records one goes by itself; fewer wait for the next one."""


@dataclass(slots=True)
class Entry:
    """A batch on its way into the store."""

    memory: PartitionMemory
    records: int
    delta: Delta
    parked: asyncio.Task[None] | None
    """Done when the broker has acknowledged the batch's refused records."""
    counted_at: float
    """`time.perf_counter()` when the delta was ready."""


class Applier:
    """The one writer of a worker's claims.

    A verification waits until nothing is in flight: it must not meet a script. While the store is away the same work is
    tried again: a batch that did arrive is answered `already applied`. A partition of which Kafka tells nothing is not
    verified: nobody knows whether its figures are those of now, so they shall turn stale.
    """

    def __init__(
        self,
        store: Writer,
        *,
        applied: Callable[[Entry], None],
        lost: Callable[[PartitionMemory], None],
        held: Callable[[], list[PartitionMemory]],
        metrics: WorkerMetrics,
        standstill: Standstill | None = None,
        silent: Callable[[Partition], bool] = lambda _: False,
        verify_every_s: float = 2.0,
    ) -> None:
        self._store = store
        self._applied, self._lost, self._held = applied, lost, held
        self._metrics = metrics
        self._standstill, self._silent = standstill, silent
        self._verify_every_s = verify_every_s
        self._queue: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._flights: dict[asyncio.Task[None], list[Entry]] = {}
        self._waiting = 0
        self._room = asyncio.Event()
        self._listened_at = float("inf")
        self.verified_at = float("-inf")
        """Loop time of the last verification that the store answered."""
        self.unsafe_policy: str | None = None
        """The store's eviction policy if it may drop figures, as of the last verification."""
        self.unanswered: str | None = None
        """Why the store did not answer the last try; None when it did."""
        self.unheard = 0
        """Partitions of which Kafka told nothing, as of the last verification."""

    async def put(self, entry: Entry) -> None:
        """Hand over a batch; waits while too many are on their way, which stops the fetching by itself."""
        while self._waiting >= ROOM:
            self._room.clear()
            await self._room.wait()
        self._waiting += entry.records
        self._queue.append(entry)
        if entry.parked:
            entry.parked.add_done_callback(lambda _: self._wake.set())
        self._wake.set()

    async def run(self) -> None:
        """Apply and verify until cancelled."""
        loop = asyncio.get_running_loop()
        next_verify = loop.time()
        try:
            while True:
                if loop.time() >= next_verify:
                    if self._flights:
                        await asyncio.wait(self._flights)
                    await self._insist(self._verify, self._held())
                    next_verify = loop.time() + self._verify_every_s
                self._wake.clear()
                if self._may_fly() and (work := self._ready()):
                    self._start(work)
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(next_verify):
                        await self._wake.wait()
        finally:
            for flight in self._flights:
                flight.cancel()

    def _may_fly(self) -> bool:
        """Say whether another round trip may begin."""
        here = self._waiting - sum(entry.records for work in self._flights.values() for entry in work)
        return not self._flights or (len(self._flights) < FLIGHTS and here >= WORTH)

    def _start(self, work: list[Entry]) -> None:
        """Begin a round trip."""
        flight = asyncio.create_task(self._insist(partial(self._apply, work), [entry.memory for entry in work]))
        self._flights[flight] = work
        flight.add_done_callback(self._landed)

    def _landed(self, flight: "asyncio.Task[None]") -> None:
        self._leave(self._flights.pop(flight))
        self._wake.set()

    def _ready(self) -> list[Entry]:
        """Take what may go, one batch a partition: none overtakes an earlier one, in flight or still being parked."""
        taken = {id(entry.memory) for work in self._flights.values() for entry in work}
        ready: list[Entry] = []
        left: deque[Entry] = deque()
        for entry in self._queue:
            memory = entry.memory
            if not memory.alive:
                self._drop(entry)
                continue
            parking = entry.parked is not None and not entry.parked.done()
            (left if parking or id(memory) in taken else ready).append(entry)
            taken.add(id(memory))
        self._queue = left
        return ready

    def _drop(self, entry: Entry) -> None:
        if entry.parked:
            entry.parked.cancel()
        self._leave([entry])

    def _leave(self, entries: Sequence[Entry]) -> None:
        self._waiting -= sum(entry.records for entry in entries)
        self._room.set()

    async def _apply(self, work: Sequence[Entry]) -> None:
        for entry in work:
            if entry.parked:
                entry.parked.result()
        alive = [entry for entry in work if entry.memory.alive]
        outcomes = await self._store.apply([(e.memory.partition, e.memory.claim, e.delta) for e in alive])
        for entry, outcome in zip(alive, outcomes, strict=True):
            if outcome is Outcome.FENCED:
                self._lost(entry.memory)
            elif entry.memory.alive:
                entry.memory.applied = entry.delta.end
                self._applied(entry)

    async def _verify(self) -> None:
        held = self._heard()
        answers = await self._store.verify([(m.partition, m.claim, m.applied) for m in held])
        self.unsafe_policy = await self._store.unsafe_policy()
        self.verified_at = asyncio.get_running_loop().time()
        for memory, agrees in zip(held, answers, strict=True):
            if not agrees and memory.alive:
                log.warning("ledger disagrees", topic=memory.partition.topic, partition=memory.partition.number)
                self._lost(memory)
        for memory in self._standstill.look(self._held()) if self._standstill else ():
            log.warning("fetched records never came", topic=memory.partition.topic, partition=memory.partition.number)
            self._lost(memory)

    def _heard(self) -> list[PartitionMemory]:
        """Return the memories of which Kafka tells how they go on, and note how many there are besides.

        After a pause of this process nobody had a chance to be heard.
        """
        before, self._listened_at = self._listened_at, asyncio.get_running_loop().time()
        slept = self._listened_at - before > 2 * self._verify_every_s
        held = [memory for memory in self._held() if memory.alive]
        heard = [memory for memory in held if slept or not self._silent(memory.partition)]
        unheard = len(held) - len(heard)
        if unheard and not self.unheard:
            log.warning("Kafka does not answer", partitions=unheard)
        self.unheard = unheard
        return heard

    async def _insist(self, step: Callable[[], Awaitable[None]], memories: Sequence[PartitionMemory]) -> None:
        """Do a step, again and again while the store is away; after any other error its partitions start anew."""
        for tries in range(1 << 62):
            try:
                await step()
            except StoreUnavailable as error:
                if tries in (0, 10) or tries % 100 == 0:
                    log.warning("store unavailable, trying again", error=str(error), tries=tries + 1)
                self._metrics.store_unavailable.inc()
                self.unanswered = str(error)
                await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
            except Exception:  # the loop must go on for all other partitions
                log.exception("the store refused a step: its partitions go back to the ledger")
                self._metrics.errors.inc()
                for memory in memories:
                    self._lost(memory)
                await asyncio.sleep(RETRY_S[-1])
                return
            else:
                self.unanswered = None
                return
