"""Faust's consumer thread, which fetches batches and seeks."""

from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, server_list

from streams.transport.answers import Answers
from streams.transport.batch import Batch
from streams.transport.drain import drain

log = structlog.get_logger(__name__)

FOREVER_MS = 24 * 3_600_000
"""A store that is away holds up every worker alike: leaving the group would not help."""


class BatchThread(AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust ships no types that mypy may read
    """Fetches in aiokafka's own loop. What tags batches and what seeks run there, so they never overlap."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seeks: dict[TopicPartition, int] = {}
        self._answers = Answers(self.transport.settings.max_wait_ms)

    async def rewind(self, tp: TopicPartition, offset: int) -> int:
        """Fetch from `offset` on; return the number that batches fetched from now on carry.

        Raises IllegalStateError when the partition is not assigned any more.
        """
        return cast(int, await self.call_thread(self._rewind, tp, offset))

    async def _rewind(self, tp: TopicPartition, offset: int) -> int:
        consumer = self._ensure_consumer()
        if tp not in consumer.assignment():
            raise IllegalStateError(f"{tp} is not assigned")
        consumer.seek(tp, offset)
        self._answers.wait_for(tp)
        number = self._seeks[tp] = self._seeks.get(tp, 0) + 1
        return number

    def taken_to(self, tp: TopicPartition) -> int | None:
        """Return the offset up to which records have been taken; None while the partition is not assigned or has no position.

        May be called in any thread.
        """
        subscription = self._ensure_consumer()._fetcher._subscriptions.subscription
        assignment = subscription.assignment if subscription else None
        state = assignment.state_value(tp) if assignment else None
        return cast(int | None, state._position) if state else None

    def silent(self, tp: TopicPartition) -> bool:
        """Say whether Kafka has been silent about a partition, and nothing that it told before is left to be taken.

        May be called in any thread.
        """
        return self._answers.silent(tp) and tp not in self._ensure_consumer()._fetcher._records

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TopicPartition],
        timeout: float | None = None,  # noqa: ASYNC109  # Faust's signature
        max_records: int | None = None,
    ) -> list[Batch]:
        if not self.consumer.flow_active:
            return []
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        with fetcher._subscriptions.fetch_context():
            taken = await drain(
                fetcher,
                active_partitions,
                self._seeks,
                timeout or 0,
                max_records or 1,
                lambda: self.consumer.flow_active,
            )
        for batch in taken:  # what lay here was not asked for again: only now it will be
            self._answers.wait_for(TopicPartition(batch.topic, batch.partition))
        return taken

    async def _commit(self, offsets: dict[TopicPartition, int]) -> bool:
        """Tell Kafka how far the ledger is: a mirror for lag tools, never worth a crash."""
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        wanted = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in offsets.items()}
        mirrored = {tp: offset for tp, offset in wanted.items() if tp in assigned}
        try:
            if mirrored:
                await consumer.commit(mirrored)
        except (TimeoutError, KafkaError) as error:
            log.debug("offsets not mirrored to Kafka", error=repr(error))
            return False
        return True

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        settings = transport.settings
        conf = self.app.conf
        consumer = AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            bootstrap_servers=server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=settings.batch_records,
            max_poll_interval_ms=FOREVER_MS,
            max_partition_fetch_bytes=settings.partition_bytes,
            fetch_max_bytes=settings.most_bytes,
            fetch_min_bytes=settings.min_bytes,
            fetch_max_wait_ms=settings.max_wait_ms,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            connections_max_idle_ms=conf.consumer_connections_max_idle_ms,
            **settings.security,
        )
        consumer._client.send = self._answers.of(consumer._client.send)
        return consumer
