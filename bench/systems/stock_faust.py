"""The obvious way: a stock Faust agent that counts by minute, type and team with pipelined HINCRBY.

`python -m bench.systems.stock_faust BOOTSTRAP REDIS RUN`: counts at least once, and again after a crash.
"""

import sys
import tempfile

import faust
import msgspec
from redis.asyncio import Redis

from bench.systems.plain import TOPICS, Event, field_of

PIPELINED = 500


def main(bootstrap: str, url: str, run: str) -> None:
    app = faust.App(
        run, broker=f"kafka://{bootstrap}", web_enabled=False, datadir=tempfile.mkdtemp(), topic_disable_leader=True,
        consumer_auto_offset_reset="earliest", stream_buffer_maxsize=16384, topic_allow_declare=False,
    )  # fmt: skip
    redis: Redis = Redis.from_url(url)
    decode = msgspec.json.Decoder(Event).decode
    topic = app.topic(*TOPICS, value_serializer="raw", key_serializer="raw")

    @app.agent(topic)  # type: ignore[untyped-decorator]  # Faust ships no types that mypy may read
    async def count(stream: faust.StreamT[bytes]) -> None:
        pipeline, waiting = redis.pipeline(transaction=False), 0
        async for value in stream:
            pipeline.hincrby(f"bench:{run}", field_of(decode(value)), 1)
            waiting += 1
            if waiting >= PIPELINED:
                pipeline.hincrby("bench:done", run, waiting)
                await pipeline.execute()
                waiting = 0

    sys.argv = [sys.argv[0], "worker", "-l", "warn", "--without-web"]
    app.main()


if __name__ == "__main__":
    main(*sys.argv[1:4])
