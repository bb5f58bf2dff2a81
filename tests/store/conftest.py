"""A Redis of their own for tests that mistreat it."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from streams.embedded.ports import free_ports
from streams.embedded.redis import RedisServer
from streams.store.redis_client import connect


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    """Start a small Redis; a test leaves it as it found it."""
    running = RedisServer(tmp_path_factory.mktemp("own"), free_ports(1)[0])
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def client(server: RedisServer) -> AsyncIterator[Redis]:
    """Connect as the product does, but give up sooner."""
    connected = connect(server.url, socket_timeout=0.3, socket_connect_timeout=0.3)
    yield connected
    await connected.aclose()
