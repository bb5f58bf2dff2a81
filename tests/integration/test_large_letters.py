"""Records that are far larger than an event may be are parked like others, and hold up nothing."""

import time
from collections import Counter
from random import Random

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from schemas.refusals import VALUE_MAX_BYTES
from streams.store.protocol import Partition
from tests.brokers import admin, configure
from tests.integration.conftest import PARTITIONS
from tests.integration.letters import Mailbox
from tests.integration.workers import Group
from tests.programs import becomes
from tests.wire import encoded, minimal

EMAILS = Partition("emails", 0)
LARGE = b"x" * 20_000_000
SMALL = b"no JSON"


def event(number: int) -> bytes:
    """Return an event that counts."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return encoded(minimal("email.sent") | {"id": str(number), "time": at})


async def sent(kafka: str, *values: bytes) -> None:
    """Send records to a partition, compressed: so a large one comes past the broker's limit."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, compression_type="gzip", max_request_size=64 << 20)
    async with producer:
        for value in values:
            await producer.send_and_wait("emails", value, key=b"k", partition=EMAILS.number)


async def limited(kafka: str, topic: str, most: int) -> None:
    """Let a topic take no larger batches."""
    async with admin(kafka) as client:
        await configure(client, topic, {"max.message.bytes": str(most)})


async def counted(group: Group, records: int) -> Counter[str]:
    """Wait until so many records are behind the ledger; return its counters."""
    await becomes(lambda: group.reader.ledgers([EMAILS]), lambda rows: rows[0] and rows[0].next == records)
    (row,) = await group.reader.ledgers([EMAILS])
    assert row
    return Counter(row.counters)


async def parked(kafka: str) -> list[ConsumerRecord]:
    """Return all letters of the partition, in the order of what was refused."""
    place = TopicPartition("emails-dlq", EMAILS.number)
    async with AIOKafkaConsumer(bootstrap_servers=kafka, group_id=None) as consumer:
        (end,) = (await consumer.end_offsets([place])).values()
        consumer.assign([place])
        await consumer.seek_to_beginning()
        found = [await consumer.getone() for _ in range(end)]
    return sorted(found, key=lambda record: int(dict(record.headers)["source_offset"]))


async def test_a_record_that_only_compression_let_through_is_parked_whole(spare: Group) -> None:
    await spare.create_topics()
    mailbox = await Mailbox(spare.stack.kafka, PARTITIONS).open()
    await sent(spare.stack.kafka, event(1), LARGE, SMALL, event(2))
    worker = spare.start()
    assert (await counted(spare, 4))["applied"] == 2
    letters = {one.source[2]: (one.reason, one.value) for one in await mailbox.letters()}
    assert letters == {1: ("too_large", LARGE), 2: ("not_json", SMALL)}
    assert await worker.reasons() == []


async def test_a_letter_that_its_topic_does_not_take_is_cut_and_holds_up_nothing(spare: Group) -> None:
    await spare.create_topics()
    await limited(spare.stack.kafka, "emails-dlq", 10_000)
    await sent(spare.stack.kafka, event(1), LARGE, SMALL, event(2), LARGE)
    spare.start()
    assert (await counted(spare, 5))["applied"] == 2
    found = await parked(spare.stack.kafka)
    headers = [dict(record.headers) for record in found]
    assert [len(record.value) for record in found] == [VALUE_MAX_BYTES, len(SMALL), VALUE_MAX_BYTES]
    assert [one.get("cut_from_bytes") for one in headers] == [b"20000000", None, b"20000000"]
    assert [one["source_offset"] for one in headers] == [b"1", b"2", b"4"]


async def test_a_letter_that_does_not_fit_even_so_is_cut_further_and_its_neighbours_go_once(spare: Group) -> None:
    await spare.create_topics()
    await limited(spare.stack.kafka, "emails-dlq", 10_000)
    dense = Random(1).randbytes(30_000)
    await sent(spare.stack.kafka, SMALL, dense, SMALL, event(1))
    spare.start(batch_records="1000")
    assert (await counted(spare, 4))["applied"] == 1
    assert [record.value for record in await parked(spare.stack.kafka)] == [SMALL, dense[:7500], SMALL]


async def test_letters_go_in_smaller_batches_where_their_topic_takes_no_larger_ones(spare: Group) -> None:
    await spare.create_topics()
    await limited(spare.stack.kafka, "emails-dlq", 10_000)
    mailbox = await Mailbox(spare.stack.kafka, PARTITIONS).open()
    refused = [b"no JSON %04d" % number * 50 for number in range(100)]
    await sent(spare.stack.kafka, event(1), *refused, event(2))
    worker = spare.start(batch_records="1000")
    assert (await counted(spare, 102))["applied"] == 2
    letters = [(one.source[2], one.value) for one in await mailbox.letters()]
    assert sorted(letters) == [*enumerate(refused, 1)]
    assert await worker.reasons() == []


async def test_a_worker_says_that_refused_records_cannot_be_parked(spare: Group) -> None:
    await spare.create_topics()
    await limited(spare.stack.kafka, "emails-dlq", 100)
    await sent(spare.stack.kafka, event(1), SMALL, event(2))
    worker = spare.start()
    (reason,) = await becomes(worker.reasons, lambda reasons: len(reasons) == 1 and "emails-dlq" in reasons[0])
    assert reason.startswith("refused records of emails-0 cannot be parked in emails-dlq")
    await limited(spare.stack.kafka, "emails-dlq", 1 << 20)
    assert (await counted(spare, 3))["applied"] == 2
    await becomes(worker.reasons, lambda reasons: not reasons)
