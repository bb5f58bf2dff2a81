"""The only place that wires a worker: settings and the floor's configuration in, a runnable service out."""

import faust
from mode import CrashingSupervisor

from streams import agents
from streams.floor import Floor
from streams.floor.followed import FloorFile
from streams.kpis.time_in_state import TimeInState
from streams.parking import DeadLetters
from streams.settings import Settings
from streams.store.protocol import Claim, Memory, Partition
from streams.store.redis_client import connect
from streams.store.redis_writer import RedisWriter
from streams.transport import BatchTransport, FetchSettings
from streams.worker.applier import Applier, Entry
from streams.worker.facts import Facts, topic_facts
from streams.worker.log_offsets import LogOffsets
from streams.worker.metrics import WorkerMetrics
from streams.worker.owner import Owner
from streams.worker.partition import PartitionMemory
from streams.worker.processor import Processor
from streams.worker.reading import Readers, topic_readers
from streams.worker.rows import RowNames
from streams.worker.service import WorkerService
from streams.worker.standstill import Standstill


class App(faust.App):  # type: ignore[misc]  # Faust ships no types that mypy may read
    """A Faust app that keeps nothing on disk: its tables are in Redis."""

    def _create_directories(self) -> None:
        """Make none."""


def worker(settings: Settings) -> WorkerService:
    """Return a worker, not started. Raises FloorError for a configuration that is wrong."""
    file = FloorFile(settings.config, named=settings.config_named)
    store = RedisWriter(
        connect(settings.redis, **settings.redis_arguments),
        settings.group,
        lease_ms=settings.lease_ms,
        horizon_hours=settings.horizon_hours,
    )
    metrics = WorkerMetrics()
    offsets = LogOffsets(settings.kafka, **settings.kafka_security)
    letters = DeadLetters(settings.kafka, **settings.kafka_security)
    names = RowNames(store, settings.names_limit)
    app = faust_app(settings)
    readers = topic_readers(file.now.floor.catalogue())
    facts = topic_facts(readers, file.now.floor)
    owner = Owner(
        store,
        offsets,
        memory_maker(readers, facts, file.now.floor, settings, names),
        rewinder=lambda: app.consumer,
        horizon_hours=settings.horizon_hours,
    )
    app.transport = BatchTransport(app, fetch_settings(settings), owner)
    app.producer_transport = app.transport
    applier = Applier(
        store,
        applied=lambda entry: _applied(entry, app, metrics),
        lost=lambda memory: _lost(memory, owner, metrics),
        held=owner.held,
        metrics=metrics,
        standstill=Standstill(lambda: app.consumer),
        silent=lambda partition: bool(app.consumer.silent(partition)),
    )
    agents.define(app, Processor(readers, facts, owner, applier, letters, names, metrics))
    app.on_partitions_revoked.connect(_revoking(owner), weak=False)
    return WorkerService(settings, file, app, store, offsets, letters, owner, applier, metrics)


def faust_app(settings: Settings) -> App:
    """Return the Faust app: one consumer group, no tables, no web server, nothing that retries behind our back."""
    return App(
        id=settings.group,
        broker=[f"kafka://{server.strip()}" for server in settings.kafka.split(",")],
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        agent_supervisor=CrashingSupervisor,
        stream_buffer_maxsize=2,
        stream_wait_empty=False,
        broker_commit_every=None,
        broker_commit_interval=2.0,
        broker_session_timeout=settings.session_timeout_s,
        broker_rebalance_timeout=max(20.0, 2 * settings.session_timeout_s),
        broker_heartbeat_interval=min(3.0, settings.session_timeout_s / 3),
        broker_request_timeout=90.0,
        consumer_metadata_max_age_ms=5000,
    )


def fetch_settings(settings: Settings) -> FetchSettings:
    """Return what the transport wants to know."""
    return FetchSettings(
        batch_records=settings.batch_records,
        min_bytes=settings.fetch_min_bytes,
        max_wait_ms=settings.fetch_max_wait_ms,
        security=settings.kafka_security,
    )


def memory_maker(readers: Readers, facts: Facts, floor: Floor, settings: Settings, names: RowNames):  # type: ignore[no-untyped-def]
    """Return what makes a partition's memory."""
    catalogue = floor.catalogue()

    def make(partition: Partition, claim: Claim, stored: Memory) -> PartitionMemory:
        if claim.epoch == 1:
            names.forget()
        topic = partition.topic
        return PartitionMemory(
            partition,
            claim,
            stored,
            layout=readers(topic).layout,
            time_in_state=TimeInState(catalogue, facts(topic).plan) if topic == "reps" else None,
            hours=settings.horizon_hours(topic),
        )

    return make


def _applied(entry: Entry, app: App, metrics: WorkerMetrics) -> None:
    app.consumer.applied(entry.memory.partition, entry.delta.end)
    metrics.applied(entry.memory.partition.topic, entry.records, entry.counted_at)


def _lost(memory: PartitionMemory, owner: Owner, metrics: WorkerMetrics) -> None:
    metrics.rewinds.inc()
    owner.lost(memory)


def _revoking(owner: Owner):  # type: ignore[no-untyped-def]
    async def revoke(_: App, revoked: set[Partition], **__: object) -> None:
        await owner.revoke([Partition(tp.topic, tp.partition) for tp in revoked])  # type: ignore[attr-defined]

    return revoke
