"""What Kafka answers to fetches: checked before aiokafka unpacks it, and noted, so that silence is noticed."""

import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from aiokafka import TopicPartition

from streams.transport.checksums import check

SILENT_S = 5.0
"""A broker answers a fetch in the end, with nothing if there is nothing: so much later at most."""

Send = Callable[..., Awaitable[Any]]


class Answers:
    """When Kafka last answered for each partition. May be asked in any thread."""

    def __init__(self, max_wait_ms: int, now_s: Callable[[], float] = time.monotonic) -> None:
        """`max_wait_ms`: how long a broker is asked to wait for something to tell."""
        self._silent_s = max_wait_ms / 1000 + SILENT_S
        self._now_s = now_s
        self._answered_s: dict[TopicPartition, float] = {}

    def wait_for(self, tp: TopicPartition) -> None:
        """Take a partition for answered, since it is about to be asked for."""
        self._answered_s[tp] = self._now_s()

    def silent(self, tp: TopicPartition) -> bool:
        """Say whether Kafka has not answered for a partition when it should have, or with errors only."""
        return self._now_s() - self._answered_s.get(tp, float("-inf")) >= self._silent_s

    def of(self, send: Send) -> Send:
        """Return aiokafka's `send` of requests with what comes back checked and noted.

        Raises CorruptRecordException, upon which aiokafka's fetcher waits and asks again.
        """

        async def send_and_look(*args: Any, **kwargs: Any) -> Any:
            response = await send(*args, **kwargs)
            for tp, error, message_set in _fetched(response):
                check(message_set, f"{tp.topic}-{tp.partition}")
                if not error:
                    self._answered_s[tp] = self._now_s()
            return response

        return send_and_look


def _fetched(response: Any) -> Iterator[tuple[TopicPartition, int, bytes]]:
    if type(response).__name__.startswith("FetchResponse"):
        for topic, partitions in response.topics:
            for partition, error, *_, message_set in partitions:
                yield TopicPartition(topic, partition), error, message_set or b""
