"""Records and batches as a fetch brings them."""

from collections.abc import Sequence
from typing import NamedTuple

from streams.store.protocol import Partition
from streams.transport import Batch


class Sent(NamedTuple):
    """A record, as aiokafka unpacks it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


def batch_of(source: Partition, start: int, records: Sequence[tuple[int, bytes | None]], seek: int = 0) -> Batch:
    """Return records (arrival, value) that follow one another from an offset on."""
    sent = [Sent(start + place, arrival, None, value) for place, (arrival, value) in enumerate(records)]
    return Batch(source.topic, source.number, start, start + len(sent), seek, iter(sent))
