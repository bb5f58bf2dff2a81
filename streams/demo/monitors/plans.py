"""Which programs stand on the PATH, and how each finds the others."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from streams.demo.monitors.alertmanager import alertmanager
from streams.demo.monitors.grafana import grafana
from streams.demo.monitors.plan import Plan, on_path
from streams.demo.monitors.prometheus import prometheus
from streams.embedded.ports import free_ports
from streams.export.names import EXPORTER_JOB, WORKER_JOB
from streams.floor import Floor


def plans(data: Path, floor: Floor, exporter: str, workers: Sequence[str]) -> list[Plan]:
    """Return how to run what there is, in the order of the start; `exporter` and `workers` are URLs.

    Without a Prometheus, Grafana has nothing to show and Alertmanager nothing to tell: neither is run alone.
    """
    program = on_path("prometheus")
    if program is None:
        return []
    data = data.resolve()  # Grafana takes a relative path as one of its own folder's
    sources = Path(str(resources.files("grafana")))
    ports = free_ports(3)
    told = alertmanager(data, floor, ports[0])
    jobs = {EXPORTER_JOB: [_address(exporter)], WORKER_JOB: [*map(_address, workers)]}
    asked = prometheus(program, data, sources, ports[1], jobs, [_address(told.url)] if told else [])
    shown = grafana(data, sources, ports[2], asked.url)
    return [plan for plan in (told, asked, shown) if plan]


def _address(url: str) -> str:
    return urlsplit(url).netloc
