"""What the panels of this board have in common: their size, their words in both languages, and rates."""

from collections.abc import Sequence

from grafana.board import Placed
from grafana.panels import course, tile
from grafana.queries import once, select
from grafana.signals import NUMBER, Signal
from grafana.words import Say
from streams.export.names import Family

RANGE = "$__rate_interval"
Words = tuple[str, str]
"""English, Japanese."""


def line(title: Words, about: Words, unit: str, signals: Sequence[Signal], say: Say) -> Placed:
    """Return lines over time."""
    return course(say(*title), say(*about), unit, signals, say), 8, 7


def now(title: Words, about: Words, signals: Sequence[Signal], say: Say, unit: str = NUMBER) -> Placed:
    """Return numbers of now."""
    return tile(say(*title), say(*about), unit, signals, say, decimals=0), 8, 7


def rate(query: str) -> str:
    """Return the growth of a counter a second."""
    return f"rate({query}[{RANGE}])"


def told_rate_by(label: str, family: Family, **wanted: str) -> str:
    """Return the growth a second of what the exporters count, summed by a label."""
    return f"sum by ({label}) ({once(family, rate(select(family, **wanted)))})"


def rate_by(label: str, query: str) -> str:
    """Return the growth a second of what workers count, each its own part, summed by a label."""
    return f"sum by ({label}) ({rate(query)})"
