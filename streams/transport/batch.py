"""What a fetch brings: records of one partition as columns."""

from dataclasses import dataclass

from streams.store.protocol import Partition


@dataclass(slots=True)
class Batch:
    """Records of one partition with offsets in [start, end), in order; the columns are equally long.

    `start` is where the consumer stood before, `end` where it stands after, so that consecutive batches meet even
    where offsets are missing (compacted records, markers of transactions).
    """

    topic: str
    partition: int
    start: int
    end: int
    seek: int
    """How many times this partition had been sought before: tells a batch that a seek has overtaken."""
    offsets: list[int]
    arrivals: list[int]
    """Kafka timestamps, epoch ms."""
    keys: list[bytes | None]
    values: list[bytes | None]

    @property
    def source(self) -> Partition:
        """The partition that the batch comes from."""
        return Partition(self.topic, self.partition)


@dataclass(slots=True)
class Fetch:
    """All batches of one topic that one fetch brought."""

    topic: str
    batches: list[Batch]
