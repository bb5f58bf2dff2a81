"""Longer troubles of a real Redis: none of them leaves a half-applied batch or an answer to somebody else."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from redis.asyncio import Redis

from streams.embedded.child import Child
from streams.embedded.ports import LOOPBACK, free_ports, listens
from streams.embedded.redis import RedisServer, redis_program
from streams.store.protocol import Claim, Outcome, Partition, StoreUnavailable
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader
from streams.store.redis_writer import RedisWriter
from tests.contract.deltas import batch, rich

_numbers = itertools.count()


class Owned:
    """A partition with a batch applied, on a Redis that is about to be mistreated."""

    def __init__(self, client: Redis) -> None:
        self.writer, self.reader = RedisWriter(client, "g"), RedisReader(client, "g")

    async def take(self, number: int) -> "Owned":
        self.partition = Partition("calls", number)
        self.claim: Claim = await self.writer.claim(self.partition, "one", 1)
        await self.writer.pin(self.partition, self.claim, 0)
        self.now = await self.reader.now_ms()
        assert await self.apply(0) is Outcome.APPLIED
        return self

    async def apply(self, start: int) -> Outcome:
        (outcome,) = await self.writer.apply([(self.partition, self.claim, rich(start, self.now))])
        return outcome

    async def next(self) -> int:
        (row,) = await self.reader.ledgers([self.partition])
        assert row is not None
        return row.next

    async def calls(self) -> Mapping[str, bytes]:
        return (await self.reader.standing(self.partition, 0, [])).calls

    def writes(self) -> list[Callable[[], Awaitable[object]]]:
        writer, partition, claim = self.writer, self.partition, self.claim
        return [
            lambda: self.apply(10),
            lambda: writer.claim(partition, "two", 2),
            lambda: writer.pin(partition, claim, 99),
            lambda: writer.verify([(partition, claim, 10)]),
            lambda: writer.release(partition, claim),
            lambda: writer.admit("team", ["new"], 1, 5),
        ]

    def reads(self) -> list[Callable[[], Awaitable[object]]]:
        reader, partition = self.reader, self.partition
        return [
            reader.now_ms,
            lambda: reader.ledgers([partition]),
            lambda: reader.changed([(partition, 0)]),
            lambda: reader.panes([(partition, "m:1")]),
            lambda: reader.standing(partition, 0, []),
            lambda: reader.sources(partition),
            lambda: self.writer.load(partition, 3),
            lambda: self.writer.verify([]),
            self.writer.unsafe_policy,
        ]


@pytest.fixture
async def owned(client: Redis) -> Owned:
    """Return an owned partition of the test's own."""
    return await Owned(client).take(next(_numbers))


async def refused(calls: list[Callable[[], Awaitable[object]]]) -> None:
    answers = await asyncio.gather(*(call() for call in calls), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailable] * len(calls)


async def goes_on(owned: Owned) -> None:
    """Nothing was counted meanwhile, and the same batch now counts once."""
    assert await owned.next() == 10
    assert await owned.writer.verify([(owned.partition, owned.claim, 10)]) == [True]
    assert await owned.apply(10) is Outcome.APPLIED


async def test_a_redis_that_fills_up_inside_of_a_script_finishes_it(client: Redis, owned: Owned) -> None:
    large = batch(10, 11, owned.now, calls={f"call {number}": b"x" for number in range(50_000)})
    for room in range(500_000, 50_000_000, 500_000):
        limit = int((await client.info("memory"))["used_memory"]) + room
        await client.config_set("maxmemory", limit)
        try:
            outcomes = await owned.writer.apply([(owned.partition, owned.claim, large)])
            break
        except StoreUnavailable:
            assert (len(await owned.calls()), await owned.next()) == (2, 10)
        finally:
            used = int((await client.info("memory"))["used_memory"])
            await client.config_set("maxmemory", 0)
    assert outcomes == [Outcome.APPLIED]
    assert (len(await owned.calls()), await owned.next()) == (50_002, 11)
    assert used > limit, "it did fill up"


async def test_a_replica_without_its_master_answers_nothing(client: Redis, owned: Owned) -> None:
    await client.config_set("replica-serve-stale-data", "no")
    await client.replicaof(LOOPBACK, 1)
    try:
        await refused(owned.writes())
        with pytest.raises(StoreUnavailable):
            await owned.next()
    finally:
        await client.replicaof("NO", "ONE")
        await client.config_set("replica-serve-stale-data", "yes")
    await goes_on(owned)


async def test_a_redis_that_hangs_is_away_and_a_batch_that_it_took_all_the_same_counts_once(
    server: RedisServer, owned: Owned
) -> None:
    server.pause()
    try:
        await refused([*owned.reads(), *owned.writes()[:1]])
    finally:
        server.resume()
    assert await owned.apply(10) in (Outcome.APPLIED, Outcome.ALREADY)
    assert await owned.apply(10) is Outcome.ALREADY
    assert await owned.next() == 20


async def test_a_redis_that_was_killed_is_away_and_keeps_what_it_had(server: RedisServer, owned: Owned) -> None:
    await server._child.stop()
    try:
        await refused([*owned.reads(), *owned.writes()])
    finally:
        await server.start()
    await goes_on(owned)


async def test_a_redis_that_is_loading_is_away(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    child = Child("Redis", tmp_path / "log")
    argv = [redis_program(), "--bind", LOOPBACK, "--port", str(port), "--dir", str(tmp_path), "--rdbcompression", "no"]
    await child.start(argv)
    await child.ready(lambda: listens(port), 30)
    client = connect(f"redis://{LOOPBACK}:{port}/0")
    try:
        owned = await Owned(client).take(1)
        await client.eval("for n = 1, 30000 do redis.call('SET', 'filler:' .. n, string.rep('x', 1000)) end", 0)
        await client.save()
        await child.kill()
        await child.start([*argv, "--key-load-delay", "100"])  # µs a key: three seconds
        await child.ready(lambda: listens(port), 30)
        await client.connection_pool.disconnect()
        with pytest.raises(StoreUnavailable, match="loading"):
            await owned.next()
        with pytest.raises(StoreUnavailable, match="loading"):
            await owned.apply(10)
    finally:
        await client.aclose()
        await child.kill()


async def test_an_answer_that_nobody_waited_for_is_never_taken_for_another_ones(
    server: RedisServer, owned: Owned
) -> None:
    server.pause()
    try:
        abandoned = [asyncio.create_task(owned.apply(10)), asyncio.create_task(owned.reader.now_ms())]
        await asyncio.sleep(0)
        for _ in range(20):  # far enough for the requests to be on their way
            await asyncio.sleep(0.005)
        for task in abandoned:
            task.cancel()
        await asyncio.gather(*abandoned, return_exceptions=True)
    finally:
        server.resume()
    for _ in range(5):
        assert await owned.calls() == {"c1": b"state", "c2": b"\x00|\xff"}
        assert await owned.next() in (10, 20)
    assert await owned.apply(10) in (Outcome.APPLIED, Outcome.ALREADY)
    assert await owned.apply(20) is Outcome.APPLIED


async def test_an_eviction_policy_that_may_drop_figures_is_named(client: Redis, owned: Owned) -> None:
    assert await owned.writer.unsafe_policy() is None
    await client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert await owned.writer.unsafe_policy() == "allkeys-lru"
    finally:
        await client.config_set("maxmemory-policy", "noeviction")


async def test_the_client_sends_nothing_twice_by_itself_and_never_waits_for_ever() -> None:
    client = connect("redis://127.0.0.1:1/0")
    settings = client.connection_pool.connection_kwargs
    assert settings["retry"].get_retries() == 0
    assert (settings["socket_timeout"], settings["socket_connect_timeout"]) == (5.0, 2.0)
    with pytest.raises(StoreUnavailable):
        await RedisReader(client, "g").now_ms()
