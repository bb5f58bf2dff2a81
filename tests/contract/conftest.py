"""The contract runs on memory and on a real Redis alike."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from streams.embedded import Stack
from streams.store.redis_client import connect
from tests.contract.stores import Bench, MemoryBench, RedisBench


@pytest.fixture(scope="session")
async def redis(stack: Stack) -> AsyncIterator[Redis]:
    """Connect to the real Redis."""
    client = connect(stack.redis)
    yield client
    await client.aclose()


@pytest.fixture(params=["memory", "redis"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Return a store of each kind; tests share it and keep apart by their partitions."""
    return MemoryBench() if request.param == "memory" else RedisBench(request.getfixturevalue("redis"))
