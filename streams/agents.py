"""One short agent per topic: each hands what its stream brings to the processor."""

import faust

from schemas.topics import load
from streams.worker.processor import Processor


def define(app: faust.App, processor: Processor) -> None:
    """Define the agents of all source topics."""
    for name in load():
        topic = app.topic(name, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=f"count.{name}")(_counting(processor))


def _counting(processor: Processor):  # type: ignore[no-untyped-def]  # Faust ships no types that mypy may read
    async def count(stream):  # type: ignore[no-untyped-def]  # a stream of fetches
        async for fetch in stream:
            await processor.take(fetch)

    return count
