"""The view's side of the store, on Redis."""

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from streams.store.keys import CALLS, CHANGES, COUNTER, DISTINCT, LEDGER, REPS, SOURCES, Keys
from streams.store.packing import unpack_buckets, unpack_facts, unpack_own
from streams.store.protocol import IRREGULAR, LedgerRow, Partition, StoredPane
from streams.store.redis_client import unavailable

FIXED = ("epoch", "sequence", "next", "lease", "verified", "applied", "arrival", "watermark", "gap")


class RedisReader:
    """Keeps the promises of `Reader`; each method is one round trip."""

    def __init__(self, client: Redis, group: str) -> None:
        self._client = client
        self._keys = Keys(group)

    async def now_ms(self) -> int:
        with unavailable():
            seconds, micros = await self._client.time()
        return int(seconds) * 1000 + int(micros) // 1000

    async def ledgers(self, partitions: Sequence[Partition]) -> list[LedgerRow | None]:
        pipeline = self._client.pipeline(transaction=False)
        for partition in partitions:
            pipeline.hgetall(self._keys.partition(partition) + LEDGER)
        with unavailable():
            return [_ledger(row) for row in await pipeline.execute()]

    async def changed(self, since: Sequence[tuple[Partition, int]]) -> list[list[str]]:
        pipeline = self._client.pipeline(transaction=False)
        for partition, sequence in since:
            pipeline.zrangebyscore(self._keys.partition(partition) + CHANGES, f"({sequence}", "+inf")
        with unavailable():
            return [[pane.decode() for pane in panes] for panes in await pipeline.execute()]

    async def panes(self, wanted: Sequence[tuple[Partition, str]]) -> list[StoredPane]:
        pipeline = self._client.pipeline(transaction=False)
        for partition, pane in wanted:
            prefix = self._keys.partition(partition)
            pipeline.hgetall(prefix + pane)
            pipeline.hgetall(prefix + DISTINCT + pane)
        with unavailable():
            answers = await pipeline.execute()
        return [_pane(facts, ids) for facts, ids in zip(answers[::2], answers[1::2], strict=True)]

    async def panes_at_once(
        self, partition: Partition, wanted: Sequence[str]
    ) -> tuple[LedgerRow | None, list[StoredPane]]:
        """Return a ledger and the content of panes as they stood together, whatever is being applied."""
        prefix = self._keys.partition(partition)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hgetall(prefix + LEDGER)
        for pane in wanted:
            pipeline.hgetall(prefix + pane)
            pipeline.hgetall(prefix + DISTINCT + pane)
        with unavailable():
            row, *answers = await pipeline.execute()
        return _ledger(row), [_pane(facts, ids) for facts, ids in zip(answers[::2], answers[1::2], strict=True)]

    async def states_at_once(self, partition: Partition) -> tuple[LedgerRow | None, dict[str, bytes], dict[str, bytes]]:
        """Return a ledger, the open calls and the reps' changes of state as they stood together."""
        prefix = self._keys.partition(partition)
        pipeline = self._client.pipeline(transaction=True)
        for key in (LEDGER, CALLS, REPS):
            pipeline.hgetall(prefix + key)
        with unavailable():
            row, *states = await pipeline.execute()
        calls, reps = ({name.decode(): state for name, state in found.items()} for found in states)
        return _ledger(row), calls, reps

    async def calls(self, partition: Partition) -> dict[str, bytes]:
        return await self._hash(self._keys.partition(partition) + CALLS)

    async def reps(self, partition: Partition) -> dict[str, bytes]:
        return await self._hash(self._keys.partition(partition) + REPS)

    async def sources(self, partition: Partition) -> dict[str, int]:
        found = await self._hash(self._keys.partition(partition) + SOURCES)
        return {source: int(ms) for source, ms in found.items()}

    async def _hash(self, key: str) -> dict[str, bytes]:
        with unavailable():
            found: Mapping[Any, Any] = await self._client.hgetall(key)  # bytes: the client decodes nothing
        return {name.decode(): value for name, value in found.items()}


def _ledger(row: Mapping[bytes, bytes]) -> LedgerRow | None:
    if b"next" not in row:
        return None
    fixed = {name: int(row.get(name.encode(), 0)) for name in FIXED}
    counted = COUNTER.encode()
    counters = {name.removeprefix(counted).decode(): int(n) for name, n in row.items() if name.startswith(counted)}
    return LedgerRow(counters=counters, **fixed)


def _pane(facts: Mapping[bytes, bytes], ids: Mapping[bytes, bytes]) -> StoredPane:
    pane = StoredPane(distinct={name.decode(): hashes for name, hashes in ids.items()})
    for field, value in facts.items():
        name = field.decode()
        kind: Any = name.split("|", 4)[4:]
        if name == IRREGULAR or kind == ["+"]:
            pane.own[name] = unpack_own(value)
        elif not kind:
            pane.facts[name] = unpack_facts(value)
        else:
            pane.buckets[name] = unpack_buckets(value)
    return pane
