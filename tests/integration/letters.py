"""What has been parked since a moment, and what should have been."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from tests.integration.recount import TYPES, Record, refusal


class Letter(NamedTuple):
    """A dead letter, its error left out: what that says is for people."""

    topic: str
    reason: str
    source: tuple[str, int, int]
    """Topic, partition and offset."""
    key: bytes | None
    value: bytes | None


def letter(record: ConsumerRecord) -> Letter:
    """Read a dead letter. Raises AssertionError for headers that are not as they must be."""
    headers = {name: value.decode() for name, value in record.headers}
    names = ["reason", "error", "source_topic", "source_partition", "source_offset"]
    assert [name for name, _ in record.headers] == names
    assert headers["error"]
    source = headers["source_topic"], int(headers["source_partition"]), int(headers["source_offset"])
    return Letter(record.topic, headers["reason"], source, record.key, record.value)


def wanted(records: Iterable[Record]) -> Counter[Letter]:
    """Return the dead letters that records must become, each once."""
    return Counter(
        Letter(f"{one.topic}-dlq", reason, (one.topic, one.partition, one.offset), one.key, one.value)
        for one in records
        if (reason := refusal(one))
    )


class Mailbox:
    """The dead letters that arrive after `open`."""

    def __init__(self, kafka: str, partitions: int) -> None:
        self._kafka = kafka
        self._places = [TopicPartition(f"{topic}-dlq", number) for topic in TYPES for number in range(partitions)]
        self._begin: Mapping[TopicPartition, int] = {}

    async def open(self) -> "Mailbox":
        """Begin here."""
        async with AIOKafkaConsumer(bootstrap_servers=self._kafka, group_id=None) as consumer:
            self._begin = await consumer.end_offsets(self._places)
        return self

    async def letters(self) -> Counter[Letter]:
        """Return how often each letter has arrived since."""
        found: Counter[Letter] = Counter()
        async with AIOKafkaConsumer(bootstrap_servers=self._kafka, group_id=None) as consumer:
            ends = await consumer.end_offsets(self._places)
            consumer.assign(self._places)
            for place, begin in self._begin.items():
                consumer.seek(place, begin)
            while any([await consumer.position(place) < ends[place] for place in self._places]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found.update(map(letter, records))
        return found
