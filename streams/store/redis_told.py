"""Hears the batches that `apply.lua` tells as it applies them."""

from collections.abc import Sequence

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import NoPermissionError

from streams.store.keys import APPLIED, Keys
from streams.store.packing import unpack_told
from streams.store.protocol import Partition, StoreUnavailable, Told
from streams.store.redis_client import unavailable

log = structlog.get_logger(__name__)

REST_S = 0.002
"""What has arrived may still lie in the socket: so long is waited for more of it."""


class RedisTold:
    """A subscription. Where it breaks off it begins anew, and what was told meanwhile is missing."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client, self._keys = client, keys
        self._channel: PubSub | None = None
        self._partitions: dict[bytes, Partition] = {}
        self._refused = False

    async def take(self, partitions: Sequence[Partition], wait_s: float) -> list[Told]:
        """Keep the promise of `Reader.told`; while the store is away nothing is told."""
        try:
            with unavailable():
                return await self._take(partitions, wait_s) if partitions and not self._refused else []
        except StoreUnavailable:
            await self._end()
        except NoPermissionError as error:
            log.warning("this user of Redis may not hear of batches: panes are read whole instead", error=str(error))
            self._refused = True
            await self._end()
        return []

    async def _take(self, partitions: Sequence[Partition], wait_s: float) -> list[Told]:
        channel = await self._subscribed(partitions)
        found: list[Told] = []
        while (message := await channel.get_message(timeout=REST_S if found else wait_s)) is not None:
            if message["type"] == "message":
                found.append(_told(self._partitions[message["channel"]], message["data"]))
        return found

    async def _subscribed(self, partitions: Sequence[Partition]) -> PubSub:
        if self._channel is None:
            self._channel = self._client.pubsub(push_handler_func=_as_it_is)
        names = {(self._keys.partition(partition) + APPLIED).encode(): partition for partition in partitions}
        if fresh := names.keys() - self._partitions.keys():
            await self._channel.subscribe(*fresh)
            self._partitions |= names
        return self._channel

    async def _end(self) -> None:
        self._partitions = {}
        if self._channel is not None:
            channel, self._channel = self._channel, None
            await channel.aclose()  # type: ignore[no-untyped-call]


async def _as_it_is(message: list[bytes]) -> list[bytes]:
    """Return a message untouched; the client's own handler writes each of them out for a log that nobody keeps."""
    return message


def _told(partition: Partition, data: bytes) -> Told:
    head, _, packed = data.partition(b"\n")
    sequence, start, end, described = map(int, head.split())
    return unpack_told(partition, sequence, start, end, packed[:described], packed[described:])
