"""A Prometheus that scrapes the demo and reads the alert rules."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.demo.monitors.plan import Plan
from streams.demo.monitors.scraping import at_home
from streams.embedded.ports import LOOPBACK


def prometheus(
    program: str, data: Path, sources: Path, port: int, jobs: Mapping[str, Sequence[str]], alertmanagers: Sequence[str]
) -> Plan:
    """Return how it is run. Its configuration and data are kept below `data`; `jobs` and `alertmanagers` are addresses."""
    folder = data / "prometheus"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "prometheus.yml"
    config.write_text(at_home(sources / "prometheus.yml", jobs, alertmanagers), "utf-8")
    listens = f"{LOOPBACK}:{port}"
    argv = (
        program,
        *(f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}"),
        *("--storage.tsdb.retention.size=1GB", f"--web.listen-address={listens}"),
    )
    return Plan("prometheus", argv, f"http://{listens}", "/-/ready")
