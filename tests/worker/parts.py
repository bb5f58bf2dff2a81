"""Parts of a worker for tests: memories over the store in memory, and what waits for conditions."""

import asyncio
from collections.abc import Callable

from streams.app import memory_maker
from streams.floor import Floor
from streams.settings import Settings
from streams.store.memory import MemoryStore
from streams.store.protocol import Claim, Delta, Memory, Partition
from streams.transport import Batch
from streams.worker.facts import Facts, rows_of, topic_facts
from streams.worker.owner import MemoryMaker
from streams.worker.partition import PartitionMemory
from streams.worker.reading import Readers, topic_readers
from streams.worker.rows import RowNames
from streams.worker.tally import Tally

CALLS = Partition("calls", 0)
MAILS = Partition("emails", 1)
SECONDS = 10
READERS = topic_readers(Floor.default().catalogue())
FACTS = topic_facts(READERS, Floor.default())


def maker(store: MemoryStore) -> MemoryMaker:
    """Return what makes a partition's memory, as the app wires it."""
    settings = Settings()
    make: MemoryMaker = memory_maker(READERS, FACTS, Floor.default(), settings, RowNames(store, settings.names_limit))
    return make


async def held(store: MemoryStore, partition: Partition = CALLS, owner: str = "us") -> PartitionMemory:
    """Claim a partition and begin at its start or where it stands."""
    claim = await store.claim(partition, owner, 1)
    begin = claim.next or 0
    await store.pin(partition, claim, begin)
    claim = Claim(claim.epoch, owner, 1, begin, claim.arrival)
    return maker(store)(partition, claim, Memory())


async def delta_of(
    memory: PartitionMemory, batch: Batch, names: RowNames, readers: Readers = READERS, facts: Facts = FACTS
) -> Delta:
    """Return what a batch changes, as a memory that was made for these readers and facts counts it."""
    tally = Tally()
    (parts,) = readers(batch.topic).read([batch])
    for part in parts:
        memory.take(part, tally)
    counted = facts(batch.topic).count([tally])
    await names.learn(rows_of([tally], counted))
    facts(batch.topic).pack([tally], counted, names.known)
    return memory.delta(batch, tally, names.known)


def delta(start: int, end: int, applied: int = 1) -> Delta:
    """Return a batch that counts `applied` events."""
    return Delta(start, end, counters={"applied": applied})


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until a condition holds."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)
