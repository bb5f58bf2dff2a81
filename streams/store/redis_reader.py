"""The view's side of the store, on Redis."""

from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis

from streams.store.keys import CALLS, CHANGES, COUNTER, DISTINCT, LEDGER, REPS, SOURCES, Keys
from streams.store.packing import unpack_buckets, unpack_facts, unpack_own
from streams.store.protocol import IRREGULAR, LedgerRow, Partition, Standing, StoredPane, Told
from streams.store.redis_client import unavailable
from streams.store.redis_told import RedisTold

FIXED = ("epoch", "sequence", "next", "lease", "verified", "applied", "arrival", "watermark", "gap")


class RedisReader:
    """Keeps the promises of `Reader`; each method but `told` is one round trip."""

    def __init__(self, client: Redis, group: str) -> None:
        self._client = client
        self._keys = Keys(group)
        self._told = RedisTold(client, self._keys)

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

    async def standing(self, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        prefix = self._keys.partition(partition)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hgetall(prefix + LEDGER)
        pipeline.zrangebyscore(prefix + CHANGES, f"({since}", "+inf")
        pipeline.hgetall(prefix + CALLS)
        pipeline.hgetall(prefix + REPS)
        for pane in panes:
            pipeline.hgetall(prefix + pane)
            pipeline.hgetall(prefix + DISTINCT + pane)
        with unavailable():
            row, changed, calls, reps, *answers = await pipeline.execute()
        return Standing(
            row=_ledger(row),
            changed=[pane.decode() for pane in changed],
            panes=[_pane(facts, ids) for facts, ids in zip(answers[::2], answers[1::2], strict=True)],
            calls=_named(calls),
            reps=_named(reps),
        )

    async def told(self, partitions: Sequence[Partition], wait_s: float = 0) -> list[Told]:
        return await self._told.take(partitions, wait_s)

    async def admitted(self, scope: str) -> set[str]:
        """Return the names of a scope that workers have admitted, which were active in the last 36 days."""
        with unavailable():
            found: Sequence[Any] = await self._client.hkeys(self._keys.names(scope))
        return {name.decode() for name in found}

    async def sources(self, partition: Partition) -> dict[str, int]:
        with unavailable():
            found: Mapping[Any, Any] = await self._client.hgetall(self._keys.partition(partition) + SOURCES)
        return {source: int(ms) for source, ms in _named(found).items()}


def _named(found: Mapping[Any, Any]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in found.items()}


def _ledger(row: Mapping[bytes, bytes]) -> LedgerRow | None:
    if b"next" not in row:
        return None
    fixed = {name: int(row.get(name.encode(), 0)) for name in FIXED}
    counted = COUNTER.encode()
    counters = {name.removeprefix(counted).decode(): int(n) for name, n in row.items() if name.startswith(counted)}
    end = row.get(b"end", b"0")  # claimed by a worker that did not say it yet
    return LedgerRow(counters=counters, end=int(end) if end else None, **fixed)


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
