"""A Prometheus that scrapes the demo and reads the alert rules."""

from collections.abc import Sequence
from pathlib import Path

from streams.demo.monitors.plan import Plan, on_path
from streams.demo.monitors.scraping import at_home
from streams.embedded.ports import LOOPBACK

EXPORTER_JOB, WORKER_JOB = "floorcast-exporter", "floorcast-worker"


def prometheus(data: Path, sources: Path, port: int, exporter: str, workers: Sequence[str]) -> Plan | None:
    """Return how it is run, None where there is none. Its configuration and data are kept below `data`."""
    program = on_path("prometheus")
    if program is None:
        return None
    folder = data / "prometheus"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "prometheus.yml"
    jobs = {EXPORTER_JOB: [exporter], WORKER_JOB: workers}
    config.write_text(at_home(sources / "prometheus.yml", jobs), "utf-8")
    places = (f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}")
    kept = "--storage.tsdb.retention.size=1GB"
    listens = f"{LOOPBACK}:{port}"
    return Plan(
        "prometheus", (program, *places, kept, f"--web.listen-address={listens}"), f"http://{listens}", "/-/ready"
    )
