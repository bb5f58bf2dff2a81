"""What only Redis can get wrong: a script that fails halfway, keys of foreign types, slots, room in memory."""

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.store.protocol import HOUR_MS, MINUTE_MS, QUARTER_MS, Delta, Outcome
from streams.store.redis_client import connect
from tests.contract.deltas import ROW, batch, ids, rich
from tests.contract.stores import HORIZON_HOURS, LEASE_MS, RedisBench
from tests.contract.test_store import apply, pinned
from tests.contract.test_store_told import followed, told

MOST_BYTES_AN_ID = 12
MOST_TOLD = 131_072


@pytest.fixture
def bench(redis: Redis) -> RedisBench:
    """Return the store on the real Redis."""
    return RedisBench(redis)


async def test_a_script_that_meets_something_foreign_has_written_nothing(bench: RedisBench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    whole = await bench.save(partition)
    ledger, *keys = sorted(await bench.keys(partition), key=lambda key: not key.endswith(":ledger"))
    assert len(keys) == 13 and ledger.endswith(":ledger")
    for key in keys:
        await bench.restore(partition, whole)
        await bench.client.delete(key)
        await bench.client.xadd(key, {"foreign": "stream"})
        before = await bench.state(partition)
        with pytest.raises(ResponseError, match="WRONGTYPE"):
            await apply(bench, partition, claim, rich(10, now))
        assert await bench.state(partition) == before, key
    await bench.restore(partition, whole)
    assert await apply(bench, partition, claim, rich(10, now)) is Outcome.APPLIED


@pytest.mark.parametrize(
    ("row", "garbage"),
    [(ROW, b"\xc1"), (ROW, b"\x93\xa1x\xa1y\xa1z"), (f"{ROW}|wait", b"1234567"), (f"{ROW}|+", b"\xc1")],
)
async def test_a_row_that_cannot_be_read_stops_its_batch_before_anything_is_written(
    bench: RedisBench, row: str, garbage: bytes
) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    (quarter,) = [key for key in await bench.keys(partition) if ":q:" in key]
    await bench.client.hset(quarter, row, garbage)
    before = await bench.state(partition)
    with pytest.raises(ResponseError):
        await apply(bench, partition, claim, rich(10, now))
    assert await bench.state(partition) == before


async def test_a_damaged_set_stops_its_batch_before_anything_is_written(bench: RedisBench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    (quarter,) = [key for key in await bench.keys(partition) if ":dq:" in key]
    await bench.client.hset(quarter, f"{ROW}|customers", ids(11)[:7])
    before = await bench.state(partition)
    with pytest.raises(ResponseError, match="damaged"):
        await apply(bench, partition, claim, rich(10, now))
    assert await bench.state(partition) == before


async def test_a_batch_renews_the_lease(bench: RedisBench) -> None:
    partition, claim = await pinned(bench)
    await bench.wait(3)
    before = await bench.now()
    await apply(bench, partition, claim, batch(0, 1))
    (row,) = await bench.reader.ledgers([partition])
    assert row is not None and row.lease >= before + LEASE_MS and row.verified >= before


async def test_expired_panes_leave_the_changes_at_a_verification(bench: RedisBench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    (kept,) = await bench.reader.changed([(partition, 0)])
    minute, quarter = now // MINUTE_MS, now // QUARTER_MS
    (changes,) = [key for key in await bench.keys(partition) if key.endswith(":changes")]
    expired = {f"m:{minute - 304}": 1, "m:1": 1, f"q:{quarter - 35 * 96 - 8}": 1}
    alive = {f"m:{minute - 298}": 1, f"q:{quarter - 35 * 96}": 1}
    await bench.client.zadd(changes, {**expired, **alive})
    assert await bench.writer.verify([(partition, claim, 10)]) == [True]
    assert sorted((await bench.reader.changed([(partition, 0)]))[0]) == sorted([*kept, *alive])


@pytest.mark.parametrize("a_batch", [12_000, 100, 7])
async def test_a_seen_id_needs_at_most_twelve_bytes(bench: RedisBench, a_batch: int) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    total = 50_000
    for start in range(0, total, a_batch):
        numbers = range(start, min(start + a_batch, total))
        seen = {now // HOUR_MS: ids(*(number * 0x9E3779B97F4A7C15 % 2**64 for number in numbers))}
        await apply(bench, partition, claim, Delta(start, numbers.stop, arrival=now, seen=seen))
    (key,) = [key for key in await bench.keys(partition) if ":seen:" in key]
    used = await bench.client.memory_usage(key, samples=0)
    assert len((await bench.writer.load(partition, 1)).seen[now // HOUR_MS]) == 8 * total
    assert used is not None and used / total <= MOST_BYTES_AN_ID


async def test_what_is_kept_of_a_partition_does_not_grow_with_its_hours(bench: RedisBench) -> None:
    partition, claim = await pinned(bench)
    first = (await bench.now()) // HOUR_MS - 24 * 60
    counts = []
    for start in range(200):
        hour = first + start
        delta = Delta(start, start + 1, arrival=hour * HOUR_MS, seen={hour: ids(start)}, ended={hour: ids(start)})
        await apply(bench, partition, claim, delta)
        counts.append(len(await bench.keys(partition)))
    assert counts[-1] == counts[-100] == max(counts)


async def test_hours_that_held_nothing_are_not_forgotten_one_by_one(bench: RedisBench) -> None:
    """A batch without records has no arrival: from there to the first arrival lie half a million hours."""
    partition, claim = await pinned(bench)
    await apply(bench, partition, claim, Delta(0, 1))
    before = await _deletions(bench)
    for start, hour in enumerate((2000, 4000), 1):
        await apply(bench, partition, claim, Delta(start, start + 1, arrival=hour * HOUR_MS))
    assert await _deletions(bench) - before <= 2 * (HORIZON_HOURS + 3)


async def _deletions(bench: RedisBench) -> int:
    stats = await bench.client.info("commandstats")
    return int(stats.get("cmdstat_del", {}).get("calls", 0))


async def test_scripts_are_loaded_again_when_the_server_has_forgotten_them(bench: RedisBench) -> None:
    (a, claim_a), (b, claim_b) = [await pinned(bench) for _ in range(2)]
    await bench.client.script_flush()
    work = [(a, claim_a, batch(0, 1)), (b, claim_b, batch(0, 2)), (a, claim_a, batch(1, 3))]
    assert await bench.writer.apply(work) == [Outcome.APPLIED] * 3


async def test_a_batch_of_catching_up_is_not_told(bench: RedisBench) -> None:
    partition, claim = await followed(bench)
    hour = (await bench.now()) // HOUR_MS
    large = Delta(0, 1, arrival=hour * HOUR_MS, seen={hour: ids(*range(MOST_TOLD // 8))})
    await apply(bench, partition, claim, large)
    await apply(bench, partition, claim, batch(1, 2))
    assert [one.sequence for one in await told(bench, partition)] == [2]


async def test_a_follower_whose_connection_broke_off_hears_again(bench: RedisBench) -> None:
    partition, claim = await followed(bench)
    await bench.client.client_kill_filter(_type="pubsub")
    while partition not in [one.partition for one in await told(bench, partition)]:
        (row,) = await bench.reader.ledgers([partition])
        assert row
        await apply(bench, partition, claim, batch(row.next, row.next + 1))


async def test_a_worker_and_a_reader_without_rights_to_channels_work_without_them(bench: RedisBench) -> None:
    name, client = "no-channels", bench.client
    await client.acl_setuser(
        name, enabled=True, passwords=["+word"], keys=["*"], commands=["+@all"], reset_channels=True
    )
    where = client.connection_pool.connection_kwargs
    other = connect(f"redis://{name}:word@{where['host']}:{where['port']}/0")
    try:
        restricted = bench.on(other)
        partition, claim = await followed(restricted)
        assert await apply(restricted, partition, claim, batch(0, 1)) is Outcome.APPLIED
        assert await restricted.reader.told([partition], wait_s=0.1) == []
    finally:
        await other.aclose()
        await client.acl_deluser(name)
