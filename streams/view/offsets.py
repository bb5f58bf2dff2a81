"""Where Kafka's partitions end, asked once a second; the view goes on without an answer."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.store.protocol import Partition

log = structlog.get_logger(__name__)

EVERY_S = 1.0
RETRY_S = 1.0
"""Workers are at work again soon after an outage: until the ends are known, nobody sees what they owe."""
OLD_S = 10.0
COUNT_EVERY_S = 30.0
"""How soon new partitions are noticed."""


class EndOffsets:
    """The end of every partition of the given topics, as far as the broker says."""

    def __init__(self, bootstrap: str, topics: Iterable[str], **security: Any) -> None:
        self._topics = list(topics)
        self._arguments = {"bootstrap_servers": bootstrap, **security}
        self._ends: dict[Partition, int] = {}
        self._asked_at = float("-inf")
        self.partitions: dict[str, int] = {}
        """Topic → number of its partitions; without topics that the broker does not know (yet)."""

    @property
    def ends(self) -> dict[Partition, int]:
        """The offset after the last record of each partition; empty when the broker has been silent for 10 s."""
        return self._ends if time.monotonic() - self._asked_at < OLD_S else {}

    async def run(self) -> None:
        """Ask until cancelled. Of an outage is told once."""
        told_at = float("-inf")
        while True:
            try:
                await self._ask_again_and_again()
            except (KafkaError, OSError, TimeoutError) as error:
                if self._asked_at >= told_at:
                    log.warning("no end offsets from Kafka: lag is unknown", error=repr(error))
                    told_at = time.monotonic()
            await asyncio.sleep(RETRY_S)

    async def _ask_again_and_again(self) -> None:
        consumer = AIOKafkaConsumer(group_id=None, **self._arguments)
        admin = AIOKafkaAdminClient(**self._arguments)
        try:
            await admin.start()
            await consumer.start()
            counted_at = float("-inf")
            while True:
                if time.monotonic() - counted_at > COUNT_EVERY_S:
                    self.partitions = await _partitions(admin, self._topics)
                    counted_at = time.monotonic()
                await self._ask(consumer)
                await asyncio.sleep(EVERY_S)
        finally:  # a consumer whose tasks have not run yet raises their cancellation, as if it were ours
            await asyncio.gather(consumer.stop(), admin.close(), return_exceptions=True)

    async def _ask(self, consumer: AIOKafkaConsumer) -> None:
        wanted = [TopicPartition(topic, number) for topic, count in self.partitions.items() for number in range(count)]
        ends = await consumer.end_offsets(wanted) if wanted else {}
        self._ends = {Partition(tp.topic, tp.partition): end for tp, end in ends.items()}
        self._asked_at = time.monotonic()


async def _partitions(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> dict[str, int]:
    known = set(await admin.list_topics())
    wanted = [topic for topic in topics if topic in known]
    described = await admin.describe_topics(wanted) if wanted else []
    return {topic["topic"]: len(topic["partitions"]) for topic in described}
