"""PromQL over names that exist: a metric or label that nobody exports is an error while boards are made."""

import json
from collections.abc import Iterable
from functools import cache

from streams.export.names import SNAPSHOT, STALE, Family
from streams.worker.metrics import WorkerMetrics

_SAMPLES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
UP = "up"
"""Prometheus' own: 1 where a scrape succeeded."""


class UnknownName(Exception):
    """A metric has no such label, or there is no such metric; the message says which."""


def select(family: Family, **wanted: str) -> str:
    """Return a selector: `team="a"`; a value that begins with `~` (or `!~`: not) is a regular expression. Raises UnknownName."""
    if unknown := wanted.keys() - set(family.labels):
        raise UnknownName(f"{family.name} has no label {', '.join(sorted(unknown))}; it has {', '.join(family.labels)}")
    matchers = ",".join(f"{label}{_matcher(value)}" for label, value in wanted.items())
    return f"{family.name}{{{matchers}}}" if matchers else family.name


def told(family: Family, **wanted: str) -> str:
    """Return what the exporters say, once: each of them says the same of the whole floor. Raises UnknownName."""
    return once(family, select(family, **wanted))


def once(family: Family, query: str) -> str:
    """Return a query over the series of a family with one value for all exporters."""
    return f"max by ({', '.join(family.labels)}) ({query})" if family.labels else f"max({query})"


def _matcher(value: str) -> str:
    sign = next((sign for sign in ("!~", "~") if value.startswith(sign)), "")
    shown = json.dumps(value.removeprefix(sign), ensure_ascii=False)
    return {"~": "=~", "": "="}.get(sign, sign) + shown


def worker(name: str) -> str:
    """Return the name of a sample of the worker, with no more ado. Raises UnknownName."""
    if name not in worker_samples():
        raise UnknownName(f"the worker has no metric {name}")
    return name


@cache
def worker_samples() -> frozenset[str]:
    """Return the names of all samples that a worker may expose."""
    families = WorkerMetrics().registry.collect()
    return frozenset(one.name + end for one in families for end in _SAMPLES.get(one.type, ("",)))


def fresh(query: str, topics: Iterable[str]) -> str:
    """Return a query that has no value while one of the topics is stale: what is old must not look live."""
    stale = select(STALE, topic=f"~{'|'.join(sorted(topics))}")
    return f"{query} unless on () ({stale} == 1)"


def or_none(query: str) -> str:
    """Return a query that is 0 where an exporter answers and counts nothing: that nobody waits is no lack of data."""
    return f"({query} or 0 * max({SNAPSHOT.name}))"
