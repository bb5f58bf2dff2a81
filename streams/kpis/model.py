"""The words of the catalogue: facts that events add to, and KPIs that are figures over facts in a window."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a figure is about."""

    FLOOR = "floor"
    TEAM = "team"
    QUEUE = "queue"
    CAMPAIGN = "campaign"
    REP = "rep"


class Unit(StrEnum):
    """What a KPI's value is shown in."""

    COUNT = "count"
    RATIO = "ratio"
    SECONDS = "seconds"
    CURRENCY = "currency"
    PER_HOUR = "per_hour"


class Better(StrEnum):
    """Where a KPI should go."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Kind(StrEnum):
    """How a KPI's value comes from its parts, and so whether values may be added up."""

    COUNT = "count"
    """Σ numerator: additive."""
    SUM = "sum"
    """Σ numerator in its shown unit: additive."""
    RATIO = "ratio"
    """Σ numerator ÷ Σ denominator; no value when the denominator is 0."""
    AVERAGE = "average"
    """As a ratio, in seconds."""
    DISTINCT = "distinct"
    """The number of different ids: not additive."""
    QUANTILE = "quantile"
    """The nearest-rank quantile of a bucket set, within 1 %; no value when it is empty."""


@dataclass(frozen=True, slots=True)
class Fact:
    """An additive integer: each event of type `event` that matches `where` adds 1 or the value of a field."""

    name: str
    event: str
    where: Mapping[str, object]
    """Field → a value, a list of values (any of), or {at_least, below}; an absent field matches nothing,
    save the defaults `unassigned` and `machine: false`."""
    add: int | str
    """1, or the name of an integer field; also `handle_ms` (talk + hold + wrap)."""
    own: bool = False
    """Whether the floor defined it: kept by name beside the built-in ones, which have a fixed place."""


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a KPI: the sum of facts, or the size of one distinct set; `divisor` turns it into its shown unit."""

    facts: tuple[str, ...] = ()
    distinct: str | None = None
    divisor: int = 1
    """1000 for milliseconds shown as seconds, 3 600 000 as hours, 10^exponent for the currency's minor unit."""


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure over facts in a window, as people know it."""

    id: str
    group: str
    """phone, activity, results, or own (the floor's)."""
    kind: Kind
    unit: Unit
    better: Better
    title: Mapping[str, str]
    """By language: en, ja."""
    definition: str
    scopes: tuple[Scope, ...]
    numerator: Part
    denominator: Part | None = None
    buckets: str | None = None
    """For a quantile: its bucket set (`wait`, `handle`)."""
    quantile: float | None = None
