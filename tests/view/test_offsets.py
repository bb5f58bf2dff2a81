"""Where partitions end is asked for again, however Kafka fails."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NodeNotReadyError
from structlog.testing import capture_logs

from streams.store.protocol import Partition
from streams.view import offsets as module
from streams.view.offsets import EndOffsets


class Kafka:
    """Both clients of a broker of which one is not ready at first."""

    def __init__(self, **_: Any) -> None:
        self.started = False

    tries = 0

    async def start(self) -> None:
        self.started = True

    async def list_topics(self) -> list[str]:
        Kafka.tries += 1
        if Kafka.tries <= 1:
            raise NodeNotReadyError("Attempt to send a request to node which is not ready")
        return ["calls"]

    async def describe_topics(self, topics: list[str]) -> list[dict[str, Any]]:
        return [{"topic": topic, "partitions": [0]} for topic in topics]

    async def end_offsets(self, wanted: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(wanted, 7)

    async def stop(self) -> None:
        """Wait for a task that was cancelled before it ran, as the driver does."""
        if Kafka.tries <= 1:
            raise asyncio.CancelledError

    close = stop


async def test_a_client_that_ends_in_a_cancellation_of_its_own_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AIOKafkaConsumer", lambda group_id, **security: Kafka(**security))
    monkeypatch.setattr(module, "AIOKafkaAdminClient", Kafka)
    monkeypatch.setattr(module, "RETRY_S", 0)
    monkeypatch.setattr(Kafka, "tries", -2)
    offsets = EndOffsets("nowhere:9092", ["calls"])
    running = asyncio.create_task(offsets.run())
    with capture_logs() as logged:
        async with asyncio.timeout(10):
            while not offsets.ends:
                assert not running.done()
                await asyncio.sleep(0)
    assert [line["event"] for line in logged] == ["no end offsets from Kafka: lag is unknown"], "of three failures"
    assert offsets.ends == {Partition("calls", 0): 7}
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()
