"""The shadow namespace: where a replay keeps its figures, apart from all that is live, and gone when it ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis

from streams.store.keys import Keys
from streams.store.redis_client import unavailable
from streams.store.redis_writer import RedisWriter

SUFFIX = "~verify"
"""No group's name may hold a tilde, so no live key can begin like a shadow's."""
DELETED_AT_ONCE = 500


class ShadowTaken(Exception):
    """Another replay of the same group runs, or was killed just now."""


def shadow_group(group: str) -> str:
    """Return the name space of a group's shadow."""
    return group + SUFFIX


class ShadowWriter(RedisWriter):
    """The worker's own store on the shadow's keys, save that names are those that the live workers have admitted."""

    def __init__(self, client: Redis, live: Redis, group: str, **settings: Any) -> None:
        super().__init__(client, shadow_group(group), **settings)
        self._live, self._live_keys = live, Keys(group)

    async def admit(self, scope: str, names: Sequence[str], day: int, limit: int) -> set[str]:
        with unavailable():
            days = await self._live.hmget(self._live_keys.names(scope), list(names))
        return {name for name, known in zip(names, days, strict=True) if known is not None}


@contextlib.asynccontextmanager
async def only_shadow(client: Redis, group: str, lease_ms: int) -> AsyncIterator[None]:
    """Hold a group's shadow alone: empty at the beginning, whatever a killed run has left, and gone at the end.

    Raises ShadowTaken where another run holds it; a killed one holds it for `lease_ms` more.
    """
    held = f"kpi:{{{shadow_group(group)}}}:run"
    mine = uuid4().hex
    with unavailable():
        for _ in range(lease_ms // 100 + 20):
            if await client.set(held, mine, nx=True, px=lease_ms):
                break
            await asyncio.sleep(0.1)
        else:
            raise ShadowTaken(f"another verify of group {group} is running: wait for its end")
    renewing = asyncio.create_task(_renew(client, held, lease_ms))
    try:
        await _clear(client, group, but=held)
        yield
    finally:
        renewing.cancel()
        await _clear(client, group)


async def _renew(client: Redis, held: str, lease_ms: int) -> None:
    while True:
        await asyncio.sleep(lease_ms / 3000)
        with contextlib.suppress(Exception):  # the next one may get through
            await client.pexpire(held, lease_ms)


async def _clear(client: Redis, group: str, but: str = "") -> None:
    """Delete every key of the shadow."""
    ours = f"kpi:{{{shadow_group(group)}[:}}]*"
    with unavailable():
        found = [key async for key in client.scan_iter(match=ours, count=1000) if key != but.encode()]
        for low in range(0, len(found), DELETED_AT_ONCE):
            await client.unlink(*found[low : low + DELETED_AT_ONCE])
