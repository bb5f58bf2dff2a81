"""The transport that Faust is given before its first use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import faust
from faust.transport.drivers.aiokafka import Producer, Transport

from streams.store.protocol import Partition
from streams.transport.consumer import BatchConsumer


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How much comes with a fetch, and how long Kafka waits for it: the batch timer."""

    batch_records: int = 12_000
    """The most records of one partition in one batch: the more, the fewer rows are added to in Redis again and again."""
    min_bytes: int = 1 << 20
    max_wait_ms: int = 100
    partition_bytes: int = 4 << 20
    """The most bytes of one partition in one fetch; a larger record still comes, alone."""
    most_bytes: int = 16 << 20
    """The most bytes of one fetch: with what is decoded of it, the largest part of a worker's memory."""
    security: Mapping[str, Any] = field(default_factory=dict)
    """TLS and SASL arguments of every aiokafka client."""


class Positions(Protocol):
    """Who knows where partitions go on."""

    async def assigned(self, partitions: Sequence[Partition], generation: int) -> None:
        """Bring each newly assigned partition to its position with the consumer's `rewind`.

        May be cancelled: then whatever is not in position yet must get there by itself.
        """


class SecureProducer(Producer):  # type: ignore[misc]  # Faust ships no types that mypy may read
    """Faust's own producer, which it starts though nothing here sends by it: connected as everything else is."""

    def _settings_auth(self) -> Mapping[str, Any]:
        return dict(self.transport.settings.security)


class BatchTransport(Transport):  # type: ignore[misc]  # Faust ships no types that mypy may read
    """`app.transport = BatchTransport(app, …)` before the app is started."""

    Consumer: ClassVar[type[BatchConsumer]] = BatchConsumer
    Producer: ClassVar[type[SecureProducer]] = SecureProducer

    def __init__(self, app: faust.App, settings: FetchSettings, positions: Positions) -> None:
        super().__init__(app.conf.broker_consumer, app)
        self.settings = settings
        self.positions = positions
