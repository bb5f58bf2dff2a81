"""Which of Redis' answers mean `wait and retry`: by their words, and from a real server in real trouble."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from redis import exceptions
from redis._parsers.base import BaseParser
from redis.asyncio import Redis
from redis.exceptions import RedisError

from streams.embedded.ports import free_ports
from streams.embedded.redis import RedisServer
from streams.store.protocol import Claim, Delta, Outcome, Partition, StoreUnavailable
from streams.store.redis_client import connect, unavailable
from streams.store.redis_reader import RedisReader
from streams.store.redis_writer import RedisWriter
from tests.contract.deltas import pane_delta

PARTITION = Partition("calls", 0)
DIGEST = "0" * 40

NOT_NOW = [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:1.",
    f"ERR Error running script (call to f_{DIGEST}): @user_script:205: @user_script: 205: -OOM command not allowed",
    "READONLY You can't write against a read only replica.",
    f"ERR Error running script (call to f_{DIGEST}): @user_script:9: -READONLY You can't write against a replica.",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    f"ERR Error running script (call to f_{DIGEST}): @user_script:9: -MISCONF Errors writing to the AOF file",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "LOADING Redis is loading the dataset in memory",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "NOREPLICAS Not enough good replicas to write.",
    "CLUSTERDOWN The cluster is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "NOSCRIPT No matching script. Please use EVAL.",
    "ERR max number of clients reached",
]
OUR_FAULT = [
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "ERR unknown command `EVALSHA`, with args beginning with: ",
    "NOPERM this user has no permissions to run the 'evalsha' command",
    f"ERR Error running script (call to f_{DIGEST}): @user_script:12: attempt to index a nil value",
    "ERR value of a BUSY OOM is not an integer or out of range",
]


def read(answer: str) -> Exception:
    """Return what redis-py makes of an answer: for some first words a class of their own, without the word."""
    error: Exception = BaseParser.parse_error(answer)  # type: ignore[no-untyped-call]
    return error


@pytest.mark.parametrize("answer", NOT_NOW)
def test_an_answer_that_waiting_may_mend_is_unavailable(answer: str) -> None:
    with pytest.raises(StoreUnavailable), unavailable():
        raise read(answer)


@pytest.mark.parametrize("answer", OUR_FAULT)
def test_an_answer_that_waiting_cannot_mend_is_raised_as_it_is(answer: str) -> None:
    with pytest.raises(exceptions.ResponseError), unavailable():
        raise read(answer)


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ConnectionError("closed"),
        exceptions.TimeoutError(),
        exceptions.AuthenticationError("invalid password"),
        OSError("no route"),
        ConnectionResetError(),
    ],
    ids=repr,
)
def test_no_answer_is_unavailable_and_says_something(error: Exception) -> None:
    with pytest.raises(StoreUnavailable, match=r"\w"), unavailable():
        raise error


@pytest.mark.parametrize(
    "error", [exceptions.DataError("a list is no argument"), KeyError("x"), ValueError()], ids=repr
)
def test_a_programming_error_is_never_waited_for(error: Exception) -> None:
    with pytest.raises(type(error)), unavailable():
        raise error


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    """Return a small Redis of the module's own, to be troubled."""
    (port,) = free_ports(1)
    running = RedisServer(tmp_path_factory.mktemp("troubled"), port)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def client(server: RedisServer) -> AsyncIterator[Redis]:
    """Return a connection that waits for an answer only a moment."""
    async with aclosing(connect(server.url, socket_timeout=0.3)) as client:
        await client.flushall()
        yield client


@pytest.fixture
async def writer(client: Redis) -> RedisWriter:
    """Return a writer whose scripts the server knows."""
    return RedisWriter(client, "troubled")


async def claimed(writer: RedisWriter) -> Claim:
    """Return a claim of a ledger that begins at 0."""
    claim = await writer.claim(PARTITION, "owner", 1)
    await writer.pin(PARTITION, claim, 0)
    return claim


def batch(claim: Claim) -> list[tuple[Partition, Claim, Delta]]:
    """Return work with something for every kind of key."""
    pane = pane_delta(facts={"a|b|c|d": [1]}, distinct={"a|b|c|d|opens": b"12345678"})
    delta = Delta(0, 5, arrival=3_600_000, quarters={10**7: pane}, counters={"applied": 5}, sources={"pbx": 1})
    delta.seen, delta.calls, delta.reps = {1: b"12345678"}, {"c": b"1", "gone": None}, {"r": b"2"}
    return [(PARTITION, claim, delta)]


async def everything(client: Redis) -> dict[bytes, bytes | None]:
    """Return all that the server holds."""
    return {key: await client.dump(key) async for key in client.scan_iter()}


async def refused_whole(client: Redis, writer: RedisWriter, claim: Claim) -> None:
    """Say that no step goes through, and that a batch changes nothing."""
    before = await everything(client)
    with pytest.raises(StoreUnavailable):
        await writer.apply(batch(claim))
    with pytest.raises(StoreUnavailable):
        await writer.verify([(PARTITION, claim, 0)])
    with pytest.raises(StoreUnavailable):
        await writer.claim(PARTITION, "owner", 1)
    with pytest.raises(StoreUnavailable):
        await writer.admit("team", ["new"], 20_000, 10)
    assert await everything(client) == before


async def goes_on(writer: RedisWriter, claim: Claim) -> None:
    """Say that the same batch goes through once the trouble is over."""
    assert await writer.apply(batch(claim)) == [Outcome.APPLIED]
    assert await writer.verify([(PARTITION, claim, 5)]) == [True]


async def test_a_full_server_refuses_whole_batches_until_it_has_room(client: Redis, writer: RedisWriter) -> None:
    claim = await claimed(writer)
    await client.config_set("maxmemory", "1")
    try:
        await refused_whole(client, writer, claim)
        assert await RedisReader(client, "troubled").ledgers([PARTITION]) != [None], "reading goes on"
    finally:
        await client.config_set("maxmemory", "0")
    await goes_on(writer, claim)


async def test_a_read_only_replica_refuses_whole_batches_until_it_is_promoted(
    client: Redis, writer: RedisWriter
) -> None:
    claim = await claimed(writer)
    (nobody,) = free_ports(1)
    await client.replicaof("127.0.0.1", nobody)
    try:
        await refused_whole(client, writer, claim)
    finally:
        await client.replicaof("NO", "ONE")
    await goes_on(writer, claim)


async def test_a_hung_server_is_unavailable_and_a_batch_of_unknown_outcome_counts_once(
    server: RedisServer, client: Redis, writer: RedisWriter
) -> None:
    claim = await claimed(writer)
    server.pause()
    try:
        with pytest.raises(StoreUnavailable):
            await writer.apply(batch(claim))
        with pytest.raises(StoreUnavailable):
            await RedisReader(client, "troubled").ledgers([PARTITION])
    finally:
        server.resume()
    (outcome,) = await writer.apply(batch(claim))
    assert outcome in (Outcome.APPLIED, Outcome.ALREADY)
    (row,) = await RedisReader(client, "troubled").ledgers([PARTITION])
    assert row and (row.next, row.sequence, row.counters) == (5, 1, {"applied": 5})


async def test_a_killed_server_is_unavailable_and_scripts_are_loaded_again_after_its_start(
    server: RedisServer, client: Redis, writer: RedisWriter
) -> None:
    await claimed(writer)
    await server.kill()
    try:
        with pytest.raises(StoreUnavailable):
            await writer.claim(PARTITION, "owner", 1)
    finally:
        await server.start()
    claim = await writer.claim(PARTITION, "owner", 1)
    if claim.next is None:  # the crash may have taken what was not yet on disk
        await writer.pin(PARTITION, claim, 0)
    await goes_on(writer, claim)


async def test_a_key_of_a_foreign_kind_is_an_error_and_changes_nothing(client: Redis, writer: RedisWriter) -> None:
    claim = await claimed(writer)
    for foreign in ("q:10000000", "dq:10000000", "changes", "seen:1", "calls", "reps", "sources"):
        key = f"kpi:{{troubled:calls:0}}:{foreign}"
        await client.set(key, "foreign")
        before = await everything(client)
        with pytest.raises(RedisError, match="WRONGTYPE"):
            await writer.apply(batch(claim))
        assert await everything(client) == before, foreign
        await client.delete(key)
    await goes_on(writer, claim)
