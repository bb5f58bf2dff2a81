"""The worker's own metrics: how much it does and how long each stage takes, counted per batch and never per event."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

from streams.floor.followed import Configuration

STAGE_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class WorkerMetrics:
    """Every metric that a worker exposes on its own port."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter was made helps nobody here
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.batches = Counter(
            "floorcast_worker_batches", "Batches applied to the ledger.", ["topic"], registry=self.registry
        )
        self.records = Counter(
            "floorcast_worker_records", "Records applied, parked or known already.", ["topic"], registry=self.registry
        )
        self.process_seconds = Histogram(
            "floorcast_worker_process_seconds",
            "Time in which a batch was read and counted in memory; those that were counted together share it evenly.",
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        self.apply_seconds = Histogram(
            "floorcast_worker_apply_seconds",
            "Time from a batch's being counted to the ledger's answer: parking, queue and script.",
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        self.rewinds = Counter(
            "floorcast_worker_rewinds", "Times that a partition went back to the ledger.", registry=self.registry
        )
        self.stale_batches = Counter(
            "floorcast_worker_stale_batches", "Batches dropped because a seek overtook them.", registry=self.registry
        )
        self.errors = Counter(
            "floorcast_worker_errors", "Batches that failed unexpectedly and are tried again.", registry=self.registry
        )
        self.store_unavailable = Counter(
            "floorcast_worker_store_unavailable", "Tries that the store did not answer.", registry=self.registry
        )
        self.partitions = Gauge("floorcast_worker_partitions", "Partitions owned and ready.", registry=self.registry)
        self.ready = Gauge("floorcast_worker_ready", "1 when /readyz answers 200.", registry=self.registry)
        self.redis_unsafe = Gauge(
            "floorcast_worker_redis_unsafe",
            "1 where Redis may drop figures: its maxmemory-policy is not noeviction.",
            registry=self.registry,
        )
        self.config_valid = Gauge(
            "floorcast_worker_config_valid", "1 where floor.yaml is good.", registry=self.registry
        )
        self.config_loaded = Gauge(
            "floorcast_worker_config_loaded_timestamp_seconds",
            "When the last good floor.yaml was read.",
            registry=self.registry,
        )
        self.config_restart = Gauge(
            "floorcast_worker_config_restart_needed",
            "1 where the worker counts by other rules than floor.yaml has by now: restart it.",
            registry=self.registry,
        )

    def configured(self, now: Configuration) -> None:
        """Take note of the configuration."""
        self.config_valid.set(now.valid)
        self.config_loaded.set(now.loaded_ms / 1000)
        self.config_restart.set(bool(now.restart_needed))

    def applied(self, topic: str, records: int, counted_at: float) -> None:
        """Count a batch that the ledger has; `counted_at` is the `time.perf_counter()` when it was ready."""
        self.batches.labels(topic).inc()
        self.records.labels(topic).inc(records)
        self.apply_seconds.observe(time.perf_counter() - counted_at)
