"""Which programs stand on the PATH, and how each finds the others."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from streams.demo.monitors.grafana import grafana
from streams.demo.monitors.plan import Plan
from streams.demo.monitors.prometheus import prometheus
from streams.embedded.ports import free_ports


def plans(data: Path, exporter: str, workers: Sequence[str]) -> list[Plan]:
    """Return how to run what there is, in the order of the start; `exporter` and `workers` are URLs.

    A Grafana without a Prometheus has nothing to show: it is not run alone.
    """
    data = data.resolve()  # Grafana takes a relative path as one of its own folder's
    sources = Path(str(resources.files("grafana")))
    ports = free_ports(2)
    asked = prometheus(data, sources, ports[0], _address(exporter), [*map(_address, workers)])
    if asked is None:
        return []
    shown = grafana(data, sources, ports[1], asked.url)
    return [plan for plan in (asked, shown) if plan]


def _address(url: str) -> str:
    return urlsplit(url).netloc
