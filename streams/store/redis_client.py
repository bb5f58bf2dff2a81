"""The connection to Redis, and which of its errors mean `wait and retry`."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from streams.store.protocol import StoreUnavailable

UNREACHABLE = (RedisConnectionError, RedisTimeoutError, OSError)
"""No answer. Among them: data still loading, a refused password, too many clients."""
NOT_NOW = (OutOfMemoryError, ReadOnlyError, ClusterDownError, TryAgainError, NoScriptError)
"""An answer that may be another one later. A script that is unknown just after it was loaded met a restart."""
NOT_NOW_TEXT = re.compile(
    r"(?:^|: -?)(?:OOM|READONLY|MISCONF|BUSY|LOADING|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN) "
)
"""The same where redis-py knows no class for it, and inside of scripts, where Redis 6 wraps the error."""
DEFAULTS = {"socket_timeout": 5.0, "socket_connect_timeout": 2.0, "health_check_interval": 0}


def connect(url: str, **arguments: Any) -> Redis:
    """Return a client that never retries by itself: the callers know what is safe to send twice."""
    client: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **{**DEFAULTS, **arguments})
    return client


@contextlib.contextmanager
def unavailable() -> Iterator[None]:
    """Turn what waiting may mend into StoreUnavailable. Anything else (a script's fault, a foreign key) is raised."""
    try:
        yield
    except (*UNREACHABLE, *NOT_NOW) as error:
        raise StoreUnavailable(str(error) or repr(error)) from error
    except ResponseError as error:
        if NOT_NOW_TEXT.search(str(error)):
            raise StoreUnavailable(str(error)) from error
        raise
