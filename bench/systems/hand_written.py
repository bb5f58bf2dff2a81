"""The fast way without a framework: an aiokafka loop with msgspec and one script a batch, positions in Redis.

`python -m bench.systems.hand_written BOOTSTRAP REDIS RUN`: counts by minute, type and team. No validation, no
de-duplication, no distinct ids, no quantiles, no consumer group: a fraction of the work, as a bound.
"""

import asyncio
import sys
from collections import Counter

import msgspec
from aiokafka import AIOKafkaConsumer
from redis.asyncio import Redis

from bench.systems.plain import TOPICS, Event, field_of

APPLY = """
if (redis.call('HGET', KEYS[1], 'next') or '0') ~= ARGV[1] then return 0 end
local counts = cmsgpack.unpack(ARGV[3])
for name, n in pairs(counts) do redis.call('HINCRBY', KEYS[1], name, n) end
redis.call('HSET', KEYS[1], 'next', ARGV[2])
redis.call('HINCRBY', 'bench:done', KEYS[2], ARGV[4])
return 1
"""


async def main(bootstrap: str, url: str, run: str) -> None:
    redis: Redis = Redis.from_url(url)
    apply = redis.register_script(APPLY)
    decode, encode = msgspec.json.Decoder(Event).decode, msgspec.msgpack.encode
    consumer = AIOKafkaConsumer(
        *TOPICS, bootstrap_servers=bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=2 << 20
    )
    await consumer.start()
    while True:
        fetched = await consumer.getmany(timeout_ms=100, max_records=16_000)
        for tp, records in fetched.items():
            counts = Counter([field_of(decode(record.value)) for record in records])
            key = f"bench:{run}:{tp.topic}:{tp.partition}"
            start, end = records[0].offset, records[-1].offset + 1
            await apply(keys=[key, run], args=[start, end, encode(dict(counts)), len(records)])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
