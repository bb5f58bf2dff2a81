"""What a fetch brings: records of one partition, unpacked as they are read."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

from streams.store.protocol import Partition


class Record(Protocol):
    """A record of Kafka's, as aiokafka unpacks it."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def timestamp(self) -> int:
        """Its arrival, epoch ms."""

    @property
    def key(self) -> bytes | None:
        """What chose its partition."""

    @property
    def value(self) -> bytes | None:
        """The event as it was sent."""


@dataclass(slots=True)
class Batch:
    """Records of one partition with offsets in [start, end), in order.

    `start` is where the consumer stood before, `end` where it stands after, so that consecutive batches meet even
    where offsets are missing (compacted records, markers of transactions).
    """

    topic: str
    partition: int
    start: int
    end: int
    seek: int
    """How many times this partition had been sought before: tells a batch that a seek has overtaken."""
    _records: Iterator[Any]

    def read(self, most: int) -> list[Record]:
        """Return the next records, at most so many; none when all have been read.

        Until then they lie as they were fetched, compressed if they were: so what is unpacked is worked on while it is
        in the processor's cache, and thousands of records that wait take little memory. Raises KafkaError for what
        cannot be unpacked.
        """
        return list(islice(self._records, most))

    def cut(self, offset: int) -> tuple["Batch", "Batch"]:
        """Return the part before an offset and the part from it on."""
        records = list(self._records)
        place = bisect_left(records, offset, key=lambda record: record.offset)
        return (
            replace(self, end=min(self.end, offset), _records=iter(records[:place])),
            replace(self, start=max(self.start, offset), _records=iter(records[place:])),
        )

    @property
    def source(self) -> Partition:
        """The partition that the batch comes from."""
        return Partition(self.topic, self.partition)


@dataclass(slots=True)
class Fetch:
    """All batches of one topic that one fetch brought."""

    topic: str
    batches: list[Batch]
