"""Parts of a worker for tests: memories over the store in memory, events without JSON, and what waits for conditions."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from streams.app import memory_maker
from streams.floor import Floor
from streams.settings import Settings
from streams.store.memory import MemoryStore
from streams.store.protocol import Claim, Delta, Memory, Partition
from streams.transport import Batch
from streams.worker.owner import MemoryMaker
from streams.worker.partition import PartitionMemory
from streams.worker.reading import topic_readers
from streams.worker.rows import RowNames
from streams.worker.tally import Tally

CALLS = Partition("calls", 0)
MAILS = Partition("emails", 1)
SECONDS = 10
READERS = topic_readers()


def maker(store: MemoryStore) -> MemoryMaker:
    """Return what makes a partition's memory, as the app wires it."""
    settings = Settings()
    make: MemoryMaker = memory_maker(READERS, Floor.default(), settings, RowNames(store, settings.names_limit))
    return make


async def held(store: MemoryStore, partition: Partition = CALLS, owner: str = "us") -> PartitionMemory:
    """Claim a partition and begin at its start or where it stands."""
    claim = await store.claim(partition, owner, 1)
    begin = claim.next or 0
    await store.pin(partition, claim, begin)
    claim = Claim(claim.epoch, owner, 1, begin, claim.arrival)
    return maker(store)(partition, claim, Memory())


def counted(memory: PartitionMemory, batch: Batch) -> Tally:
    """Return what a memory, as `held` returns it, counts of a batch."""
    tally = Tally()
    (parts,) = READERS(batch.topic).read([batch])
    for part in parts:
        memory.take(part, tally)
    return tally


def delta(start: int, end: int, applied: int = 1) -> Delta:
    """Return a batch that counts `applied` events."""
    return Delta(start, end, counters={"applied": applied})


def event(kind: Any, **data: Any) -> Any:
    """Return a decoded event, as far as followers of state look at it."""
    made = kind()
    made.data = SimpleNamespace(**data)
    return made


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until a condition holds."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)
