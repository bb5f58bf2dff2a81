"""Both kinds of store, in the form in which the contract puts them to the test."""

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis

from streams.store.keeping import expiry_s
from streams.store.keys import Keys
from streams.store.memory import MemoryStore, Snapshot
from streams.store.memory_unit import Unit
from streams.store.protocol import Partition, Reader, Writer
from streams.store.redis_reader import RedisReader
from streams.store.redis_writer import RedisWriter
from streams.store.scripts import NAMES, Scripts, source

LEASE_MS = 60_000
HORIZON_HOURS = 24
OF_THE_WAY = {"epoch", "owner", "gen", "end", "lease", "verified", "applied", "sequence", "prev", "pruned"}
"""What a ledger holds that depends on who applied, when and in which batches; all else depends on the events only."""

_numbers = itertools.count()


class Bench(ABC):
    """A store, and what a test may do to it."""

    writer: Writer
    reader: Reader

    def partition(self, topic: str = "calls") -> Partition:
        """Return a partition that nobody has used."""
        return Partition(topic, next(_numbers))

    def scope(self) -> str:
        """Return a scope that nobody has used."""
        return f"scope{next(_numbers)}"

    async def now(self) -> int:
        """Return the store's clock."""
        return await self.reader.now_ms()

    @abstractmethod
    def writer_with(self, *, lease_ms: int = LEASE_MS, horizon_hours: int = HORIZON_HOURS) -> Writer:
        """Return another writer on the same content."""

    @abstractmethod
    async def wait(self, ms: int) -> None:
        """Let the store's clock go on by at least so much."""

    @abstractmethod
    async def state(self, partition: Partition) -> object:
        """Return all that is stored of a partition, comparable."""

    @abstractmethod
    async def content(self, partition: Partition) -> Mapping[str, Any]:
        """Return the part of the state that the events alone decide, byte by byte."""

    @abstractmethod
    async def save(self, partition: Partition) -> object:
        """Return a copy of a partition that `restore` takes."""

    @abstractmethod
    async def restore(self, partition: Partition, saved: object) -> None:
        """Turn a partition back to a copy."""

    @abstractmethod
    async def lose(self, partition: Partition) -> None:
        """Forget a partition."""

    @abstractmethod
    async def expiries(self, partition: Partition) -> dict[str, int]:
        """Return when each pane is forgotten, epoch s."""


class MemoryBench(Bench):
    """The store in memory."""

    def __init__(self) -> None:
        self._store = MemoryStore(clock_ms=1_700_000_000_123, lease_ms=LEASE_MS)
        self._stores = [self._store]
        self.reader = self.writer = self._store

    def writer_with(self, *, lease_ms: int = LEASE_MS, horizon_hours: int = HORIZON_HOURS) -> Writer:
        other = MemoryStore(clock_ms=self._store.clock_ms, lease_ms=lease_ms, horizon_hours=lambda _: horizon_hours)
        other._units, other._names, other._told = self._store._units, self._store._names, self._store._told
        self._stores.append(other)
        return other

    async def wait(self, ms: int) -> None:
        for store in self._stores:
            store.clock_ms += ms

    def _unit(self, partition: Partition) -> Unit:
        units, _ = self._store.snapshot()
        return units[partition]

    async def state(self, partition: Partition) -> object:
        return self._unit(partition)

    async def content(self, partition: Partition) -> Mapping[str, Any]:
        unit = self._unit(partition)
        kept = ("next", "arrival", "watermark", "gap", "counters", "panes", "seen", "ended", "calls", "reps", "sources")
        return {**{name: getattr(unit, name) for name in kept}, "changes": set(unit.changes)}

    async def save(self, partition: Partition) -> Snapshot:
        return self._store.snapshot()

    async def restore(self, partition: Partition, saved: object) -> None:
        assert isinstance(saved, tuple)
        self._store.restore(saved)

    async def lose(self, partition: Partition) -> None:
        self._store.lose()

    async def expiries(self, partition: Partition) -> dict[str, int]:
        return {pane: expiry_s(pane) for pane in self._unit(partition).panes}


class RedisBench(Bench):
    """The store on a Redis; `patched` replaces the text of scripts."""

    def __init__(self, client: Redis, patched: Mapping[str, str] | None = None) -> None:
        self.client = client
        self._group = f"contract {next(_numbers)}"
        self._keys = Keys(self._group)
        self._texts = {**{name: source(name) for name in NAMES}, **(patched or {})}
        self._scripts = Scripts(client, self._texts)
        self.reader = RedisReader(client, self._group)
        self.writer = self.writer_with()

    def writer_with(self, *, lease_ms: int = LEASE_MS, horizon_hours: int = HORIZON_HOURS) -> RedisWriter:
        return RedisWriter(
            self.client,
            self._group,
            lease_ms=lease_ms,
            horizon_hours=lambda _: horizon_hours,
            scripts=self._scripts,
        )

    def on(self, client: Redis) -> "RedisBench":
        """Return a bench with the same scripts over another connection."""
        return RedisBench(client, self._texts)

    async def wait(self, ms: int) -> None:
        until = await self.now() + ms
        while (left := until - await self.now()) > 0:  # noqa: ASYNC110  # a server's clock wakes nobody
            await asyncio.sleep(left / 1000)

    async def keys(self, partition: Partition) -> list[str]:
        """Return the keys of a partition."""
        found = [key async for key in self.client.scan_iter(match=self._keys.partition(partition) + "*", count=1000)]
        return sorted(key.decode() for key in found)

    async def _dumps(self, partition: Partition) -> dict[str, tuple[bytes, int]]:
        return {
            key: (await self.client.dump(key) or b"", int(await self.client.ttl(key)))
            for key in await self.keys(partition)
        }

    async def state(self, partition: Partition) -> object:
        return {key: packed for key, (packed, _) in (await self._dumps(partition)).items()}

    async def content(self, partition: Partition) -> Mapping[str, Any]:
        prefix = self._keys.partition(partition)
        return {
            key.removeprefix(prefix): await self._value(key.removeprefix(prefix), key)
            for key in await self.keys(partition)
        }

    async def _value(self, name: str, key: str) -> object:
        if name == "changes":
            return set(await self.client.zrange(key, 0, -1))
        if name.startswith(("seen:", "ended:")):
            return await self.client.lrange(key, 0, -1)
        value: Mapping[Any, Any] = await self.client.hgetall(key)
        if name == "ledger":
            return {field: number for field, number in value.items() if field.decode() not in OF_THE_WAY}
        return value

    async def save(self, partition: Partition) -> object:
        return await self._dumps(partition)

    async def restore(self, partition: Partition, saved: object) -> None:
        assert isinstance(saved, dict)
        await self.lose(partition)
        for key, (packed, ttl) in saved.items():
            await self.client.restore(key, max(ttl, 0) * 1000, packed)

    async def lose(self, partition: Partition) -> None:
        if keys := await self.keys(partition):
            await self.client.delete(*keys)

    async def expiries(self, partition: Partition) -> dict[str, int]:
        prefix = self._keys.partition(partition)
        found = {}
        for key in await self.keys(partition):
            name = key.removeprefix(prefix).removeprefix("d")
            if name.startswith(("m:", "q:")):
                ttl, now = await self._ttl_ms(key)
                found[name] = round((now + ttl) / 1000)
        return found

    async def _ttl_ms(self, key: str) -> tuple[int, int]:
        """Return what is left of a key, and the clock that it was measured with."""
        pipeline = self.client.pipeline(transaction=True)
        pipeline.pttl(key)
        pipeline.time()
        ttl, (seconds, micros) = await pipeline.execute()
        return int(ttl), int(seconds) * 1000 + int(micros) // 1000
