"""The connection to Redis, and which of its errors mean `wait and retry`."""

import contextlib
from collections.abc import Iterator
from typing import Any

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from streams.store.protocol import StoreUnavailable

WAIT_WORDS = ("LOADING", "OOM", "MISCONF", "BUSY", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "READONLY", "NOREPLICAS")


def connect(url: str, **arguments: Any) -> Redis:
    """Return a client that never retries by itself: the callers know what is safe to send twice."""
    client: Redis = Redis.from_url(
        url,
        socket_timeout=5.0,
        socket_connect_timeout=2.0,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        **arguments,
    )
    return client


@contextlib.contextmanager
def unavailable() -> Iterator[None]:
    """Turn what a retry may mend into StoreUnavailable."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, ReadOnlyError, OSError) as error:
        raise StoreUnavailable(str(error) or repr(error)) from error
    except ResponseError as error:
        if any(word in str(error)[:200] for word in WAIT_WORDS):
            raise StoreUnavailable(str(error)) from error
        raise
    except RedisError as error:
        raise StoreUnavailable(str(error) or repr(error)) from error
