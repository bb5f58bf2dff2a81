"""How far a system has come, as Redis tells."""

import time
from collections.abc import Mapping

from redis import Redis

from bench.systems.plain import TOPICS

COUNTED = ("n:applied", "n:duplicate", "n:parked:invalid")

REWRITE_S = 0.1


def empty(redis: "Redis") -> None:
    """Empty Redis and its log: what an earlier run has left would be copied, on Redis' core, in the midst of a later one."""
    redis.flushall()
    redis.bgrewriteaof()
    while (now := redis.info("persistence"))["aof_rewrite_in_progress"] or now["aof_rewrite_scheduled"]:
        time.sleep(REWRITE_S)


class Ledgers:
    """Floorcast's ledgers of one consumer group."""

    def __init__(self, redis: "Redis", group: str, partitions: int) -> None:
        self._redis = redis
        self._keys = {
            (topic, number): f"kpi:{{{group}:{topic}:{number}}}:ledger"
            for topic in TOPICS
            for number in range(partitions)
        }

    def counted(self) -> int:
        """Return how many events were counted or known already."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in self._keys.values():
            pipeline.hmget(key, COUNTED)
        return sum(int(value or 0) for row in pipeline.execute() for value in row)

    def positions(self) -> Mapping[tuple[str, int], int]:
        """Return the next offset of each partition, 0 where nothing has been applied."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in self._keys.values():
            pipeline.hget(key, "next")
        return {place: int(value or 0) for place, value in zip(self._keys, pipeline.execute(), strict=True)}


class Done:
    """The counter that the systems for comparison keep."""

    def __init__(self, redis: "Redis", run: str) -> None:
        self._redis, self._run = redis, run

    def counted(self) -> int:
        """Return how many events were counted."""
        return int(self._redis.hget("bench:done", self._run) or 0)
