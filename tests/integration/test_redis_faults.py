"""Redis emptied, turned back, killed, hung, and silent at the worst moment: what was lost is counted again."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streams.embedded.redis import RedisServer
from streams.store.protocol import LedgerRow
from tests.integration.conftest import Loaded
from tests.integration.faults import Fault
from tests.integration.workers import Group, Worker
from tests.programs import becomes

LONGER_THAN_A_TIMEOUT_S = 10
VERIFICATIONS = 3


@pytest.fixture
async def redis(loaded: Loaded) -> AsyncIterator[RedisServer]:
    """Return the Redis; it runs again when the test is over."""
    server = loaded.stack.redis_server
    yield server
    server.resume()
    if not server.running:
        await server.start()


async def test_redis_killed_and_restarted_is_counted_into_as_if_nothing_had_been(
    group: Group, loaded: Loaded, redis: RedisServer
) -> None:
    group.start(pace_s=0.05)
    await group.passes(0.4, loaded.wanted)
    await redis.kill()
    await redis.start()
    assert await group.finishes(loaded.wanted) == []


async def test_redis_emptied_in_the_midst_is_filled_again(group: Group, loaded: Loaded, redis: RedisServer) -> None:
    group.start(pace_s=0.05)
    await group.passes(0.4, loaded.wanted)
    await redis.kill()
    await redis.start(empty=True)
    assert await group.finishes(loaded.wanted) == []


async def test_redis_emptied_when_all_is_counted_is_filled_again(
    group: Group, loaded: Loaded, redis: RedisServer
) -> None:
    await _emptied_at_the_end(group, loaded, redis)
    assert await group.finishes(loaded.wanted) == []


async def test_mutant_that_always_verifies_does_not_notice_an_emptied_redis(
    group: Group, loaded: Loaded, redis: RedisServer
) -> None:
    worker = await _emptied_at_the_end(group, loaded, redis, "always_verified")
    await worker.verifies(VERIFICATIONS)
    assert await group.positions(loaded.wanted) == {}


async def _emptied_at_the_end(group: Group, loaded: Loaded, redis: RedisServer, mutant: str = "") -> Worker:
    worker = group.start(mutant=mutant)
    assert await group.finishes(loaded.wanted) == []
    await redis.kill()
    await redis.start(empty=True)
    return worker


async def test_redis_restored_from_an_older_snapshot_gets_the_rest_again(
    group: Group, loaded: Loaded, redis: RedisServer, tmp_path: Path
) -> None:
    await _turned_back(group, loaded, redis, tmp_path)
    assert await group.finishes(loaded.wanted) == []


async def test_mutant_without_the_check_of_the_start_leaves_a_hole_after_an_older_snapshot(
    group: Group, loaded: Loaded, redis: RedisServer, tmp_path: Path
) -> None:
    await _turned_back(group, loaded, redis, tmp_path, "no_start_check")
    await becomes(lambda: group.ledgers(loaded.wanted), lambda ledgers: any(map(_has_a_hole, ledgers.values())))


def _has_a_hole(row: LedgerRow) -> bool:
    """Say whether a ledger stands beyond what it has counted, repeats and refusals included."""
    counted = [n for name, n in row.counters.items() if name in ("applied", "duplicate") or name.startswith("parked:")]
    return sum(counted) < row.next


async def _turned_back(group: Group, loaded: Loaded, redis: RedisServer, tmp_path: Path, mutant: str = "") -> None:
    """Put a snapshot of a third of the work under a worker that has done two thirds and does not get time to verify."""
    worker = group.start(mutant=mutant, pace_s=0.1)
    await group.passes(0.3, loaded.wanted)
    await redis.stop()
    shutil.copytree(redis.folder, tmp_path / "snapshot")
    await redis.start()
    await group.passes(0.6, loaded.wanted)
    worker.signal(signal.SIGSTOP)
    await redis.kill()
    shutil.rmtree(redis.folder)
    shutil.copytree(tmp_path / "snapshot", redis.folder)
    await redis.start()
    worker.signal(signal.SIGCONT)


async def test_redis_restored_when_all_is_counted_gets_the_rest_again(
    group: Group, loaded: Loaded, redis: RedisServer, tmp_path: Path
) -> None:
    await _turned_back_at_the_end(group, loaded, redis, tmp_path)
    assert await group.finishes(loaded.wanted) == []


async def test_mutant_that_always_verifies_does_not_notice_an_older_snapshot(
    group: Group, loaded: Loaded, redis: RedisServer, tmp_path: Path
) -> None:
    worker = await _turned_back_at_the_end(group, loaded, redis, tmp_path, "always_verified")
    await worker.verifies(VERIFICATIONS)
    assert await group.differences(loaded.wanted)


async def _turned_back_at_the_end(
    group: Group, loaded: Loaded, redis: RedisServer, tmp_path: Path, mutant: str = ""
) -> Worker:
    worker = group.start(mutant=mutant, pace_s=0.02)
    await group.passes(0.5, loaded.wanted)
    await redis.stop()
    shutil.copytree(redis.folder, tmp_path / "snapshot")
    await redis.start()
    assert await group.finishes(loaded.wanted) == []
    await redis.kill()
    shutil.rmtree(redis.folder)
    shutil.copytree(tmp_path / "snapshot", redis.folder)
    await redis.start()
    return worker


async def test_redis_that_hangs_longer_than_a_timeout_counts_nothing_twice(
    group: Group, loaded: Loaded, redis: RedisServer
) -> None:
    worker = group.start(pace_s=0.05)
    await group.passes(0.4, loaded.wanted)
    redis.pause()
    await asyncio.sleep(LONGER_THAN_A_TIMEOUT_S)  # the fault is that it lasts
    assert await worker.reasons()
    redis.resume()
    assert await group.finishes(loaded.wanted) == []
    await becomes(worker.reasons, lambda reasons: not reasons)


async def test_a_reply_that_is_lost_counts_nothing_twice(group: Group, loaded: Loaded) -> None:
    group.start(Fault("after script", 9, "lose_reply"), pace_s=0.01)
    assert await group.finishes(loaded.wanted) == []


async def test_mutant_without_the_check_of_the_start_counts_twice_when_a_reply_is_lost(
    group: Group, loaded: Loaded
) -> None:
    group.start(Fault("after script", 9, "lose_reply"), mutant="no_start_check", pace_s=0.01)
    assert await group.finishes(loaded.wanted)


async def test_redis_that_may_evict_keeps_a_worker_from_starting(group: Group) -> None:
    await group.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        worker = group.start()
        assert await worker.died() == 1
        assert "must be noeviction" in worker.log.read_text()
    finally:
        await group.redis.config_set("maxmemory-policy", "noeviction")


async def test_a_policy_that_turns_unsafe_turns_the_health_red(group: Group) -> None:
    worker = group.start()
    await becomes(worker.reasons, lambda reasons: not reasons)
    await group.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        (reason,) = await becomes(worker.reasons, bool)
        assert "maxmemory-policy is allkeys-lru" in reason
    finally:
        await group.redis.config_set("maxmemory-policy", "noeviction")
    await becomes(worker.reasons, lambda reasons: not reasons)
