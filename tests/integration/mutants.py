"""Workers that lack one guard each, made from outside: a test that guards must fail with them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import app
from streams.kpis.time_in_state import TimeInState
from streams.settings import Settings
from streams.store.protocol import Claim, Memory, Partition
from streams.store.redis_writer import RedisWriter
from streams.store.scripts import NAMES, Scripts, source
from streams.store.seen import SeenTable
from streams.transport import Batch
from streams.transport.thread import BatchThread
from streams.worker import processor, standstill
from streams.worker.applier import Applier, Entry
from streams.worker.owner import Owner
from streams.worker.partition import PartitionMemory
from streams.worker.processor import Processor
from streams.worker.standstill import Standstill

MUTANTS: dict[str, Callable[[Settings], None]] = {}


def _mutant(make: Callable[[Settings], None]) -> Callable[[Settings], None]:
    MUTANTS[make.__name__] = make
    return make


FEW_LOOKS = 3
OWNER_CHECK = "if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then"
START_CHECK = "if held[3] ~= ARGV[3] then"


def _apply_without(*guards: str) -> None:
    """Let the script run as if the conditions of these `if`s never held."""
    text = source("apply")
    for guard in guards:
        assert text.count(guard) == 1, f"apply.lua has no such guard any more: {guard}"
        text = text.replace(guard, "if false then")
    texts = {name: source(name) for name in NAMES} | {"apply": text}

    def writer(client: Any, group: str, **settings: Any) -> RedisWriter:
        return RedisWriter(client, group, scripts=Scripts(client, texts), **settings)

    vars(app)["RedisWriter"] = writer


@_mutant
def no_start_check(_: Settings) -> None:
    """The script takes a batch that does not begin at `next`, and no verification gets there before it."""
    _apply_without(START_CHECK)
    Applier.__init__.__kwdefaults__ = {"verify_every_s": 3600.0}


@_mutant
def no_epoch_check(_: Settings) -> None:
    """The script takes a batch of somebody who does not own the partition any more."""
    _apply_without(OWNER_CHECK)


@_mutant
def no_check_at_all(_: Settings) -> None:
    """The script takes every batch."""
    _apply_without(OWNER_CHECK, START_CHECK)


@_mutant
def kafkas_positions(settings: Settings) -> None:
    """A claim goes on where Kafka's committed offset says, not where the ledger does."""

    class Mutant(RedisWriter):
        async def claim(self, partition: Partition, owner: str, generation: int) -> Claim:
            claim = await super().claim(partition, owner, generation)
            consumer = AIOKafkaConsumer(
                bootstrap_servers=settings.kafka, group_id=settings.group, enable_auto_commit=False
            )
            async with consumer:
                committed = await consumer.committed(TopicPartition(*partition)) or 0
            await self.pin(partition, claim, committed)
            return Claim(claim.epoch, claim.owner, claim.generation, committed, claim.arrival)

    vars(app)["RedisWriter"] = Mutant


@_mutant
def always_verified(_: Settings) -> None:
    """Nobody notices that the ledger has lost something."""

    class Mutant(RedisWriter):
        async def verify(self, held: Sequence[tuple[Partition, Claim, int]]) -> list[bool]:
            return [True for _ in await super().verify(held)]

    vars(app)["RedisWriter"] = Mutant


@_mutant
def forgetful(_: Settings) -> None:
    """A new owner does not load the ids that were seen before it came."""

    class Mutant(RedisWriter):
        async def load(self, partition: Partition, hours: int) -> Memory:
            memory = await super().load(partition, hours)
            return Memory(ended=memory.ended, calls=memory.calls, reps=memory.reps)

    vars(app)["RedisWriter"] = Mutant


@_mutant
def repeats_count(_: Settings) -> None:
    """No id is ever recognised."""
    SeenTable.check_and_add = lambda self, ids, hours: np.ones(len(ids), dtype=np.bool_)  # type: ignore[method-assign]


@_mutant
def parking_not_awaited(_: Settings) -> None:
    """The ledger moves on though the broker has not acknowledged what was parked."""

    def entry(memory: Any, batch: Any, delta: Any, parked: Any, counted_at: float) -> Entry:
        return Entry(memory, batch, delta, None, counted_at)

    vars(processor)["Entry"] = entry


@_mutant
def failed_batches_are_skipped(settings: Settings) -> None:
    """A batch that failed is left behind, as stock Faust does; nothing later minds the hole."""
    no_start_check(settings)
    hand_over = Processor._hand_over

    async def skipping(self: Processor, taken: Any, facts: Any, began: float) -> None:
        try:
            await hand_over(self, taken, facts, began)
        except Exception:  # noqa: BLE001  # this is what makes it a mutant
            for one in taken:
                one.memory.next = one.batch.end

    Processor._hand_over = skipping  # type: ignore[method-assign]


@_mutant
def memory_outlives_refusal(_: Settings) -> None:
    """After a refusal the ids of the refused batches stay in memory: read again, they seem to be repeats."""
    made: dict[Partition, PartitionMemory] = {}
    init = Owner.__init__

    def keeping(self: Owner, store: Any, offsets: Any, make: Any, **named: Any) -> None:
        def again(partition: Partition, claim: Claim, stored: Memory) -> PartitionMemory:
            memory = make(partition, claim, stored)
            if old := made.get(partition):
                memory._seen = old._seen
            made[partition] = memory
            return memory  # type: ignore[no-any-return]

        init(self, store, offsets, again, **named)

    Owner.__init__ = keeping  # type: ignore[method-assign]


@_mutant
def first_fetch_gets_lost(_: Settings) -> None:
    """What is fetched first never comes to a stream; that is soon noticed."""
    standstill.LOOKS = FEW_LOOKS
    fetch = BatchThread._fetch_records
    lost: list[Batch] = []

    async def losing(self: BatchThread, *arguments: Any, **named: Any) -> list[Batch]:
        fetched = await fetch(self, *arguments, **named)
        if fetched and not lost:
            lost.extend(fetched)
            return []
        return fetched

    BatchThread._fetch_records = losing  # type: ignore[method-assign]


@_mutant
def first_fetch_gets_lost_for_good(settings: Settings) -> None:
    """And nobody notices that consumer and ledger stand apart."""
    first_fetch_gets_lost(settings)
    Standstill.look = lambda self, held: []  # type: ignore[method-assign]


@_mutant
def position_beyond_the_log(_: Settings) -> None:
    """Nobody looks whether Kafka still has what lies before the ledger's position."""
    position = Owner._position

    async def trusting(self: Owner, partition: Partition, claim: Claim, first: int, end: int) -> tuple[int, int]:
        return await position(self, partition, claim, first, end) if claim.next is None else (claim.next, 0)

    Owner._position = trusting  # type: ignore[method-assign]


@_mutant
def nothing_is_cut_off(_: Settings) -> None:
    """A late change of state does not shorten the state that it falls into."""
    add = TimeInState._add

    def adding(self: TimeInState, *interval: Any) -> None:
        if interval[4] > 0:
            add(self, *interval)

    TimeInState._add = adding  # type: ignore[method-assign,assignment]
