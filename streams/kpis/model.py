"""The words of the catalogue: facts that events add to, and KPIs that are figures over facts in a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeVar

from schemas.events import TOPIC_OF


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


class Measure(StrEnum):
    """What a fact counts, and so what its sum is shown in."""

    COUNT = "count"
    TIME = "time"
    """Milliseconds, shown as seconds (as hours under a figure `per_hour`)."""
    AMOUNT = "amount"
    """The currency's minor unit, shown in its main unit."""


HIGH_BITS = 24
"""A wide fact keeps the low bits of its addends in one place and the rest in the next: sums of amounts pass 2^53."""


@dataclass(frozen=True, slots=True)
class Fact:
    """An additive integer: each event of type `event` that matches `where` adds 1 or the value of a field."""

    name: str
    event: str
    where: Mapping[str, object]
    """Field → a value, a list of values (any of), or {at_least, below}; an absent field matches nothing,
    save the defaults `unassigned` and `machine: false`."""
    add: int | str | None
    """1, or the name of an integer field; also `handle_ms` (talk + hold + wrap). None: see `policy` and `event`."""
    own: bool = False
    """Whether the floor defined it: kept by name beside the built-in ones, which have a fixed place."""
    policy: Literal["met", "of"] | None = None
    """The side of the service level that the policy of the call's queue adds to, instead of `add`."""
    since_ms: int | None = None
    """From when on (event time, epoch ms) events are counted by this definition; None: from the beginning."""
    earlier: "tuple[Fact, ...]" = ()
    """What it was before, oldest first: of the same event and measure."""

    @property
    def versions(self) -> "tuple[Fact, ...]":
        """All definitions, oldest first."""
        return (*self.earlier, self)

    @property
    def topic(self) -> str:
        """The topic of its events."""
        return TOPIC_OF[self.event]

    @property
    def timed(self) -> bool:
        """Whether it is the time that a rep spends in a state, in ms: nothing that single events could add."""
        return self.add is None and self.policy is None

    @property
    def wide(self) -> bool:
        """Whether its sum may pass 2^53: amounts. Its events are in the floor's currency (`where` says so)."""
        return self.add == "amount_minor"

    @property
    def places(self) -> tuple[str, ...]:
        """Where it is kept: under its name, a wide one also under `name.high`; value = Σ high · 2^24 + Σ low."""
        return (self.name, f"{self.name}.high") if self.wide else (self.name,)

    @property
    def measure(self) -> Measure:
        """What it counts."""
        if self.wide:
            return Measure.AMOUNT
        return Measure.TIME if self.timed or str(self.add).endswith("_ms") else Measure.COUNT


@dataclass(frozen=True, slots=True)
class BucketSet:
    """A distribution: each event that matches adds its value of the field `of` to one log bucket."""

    event: str
    where: Mapping[str, object]
    of: str


@dataclass(frozen=True, slots=True)
class DistinctSource:
    """One kind of event that puts ids into a distinct set: the values of the fields `of`, none of them absent."""

    event: str
    where: Mapping[str, object]
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a KPI: the sum of facts, or the size of one distinct set; `divisor` turns it into its shown unit."""

    facts: tuple[str, ...] = ()
    """Each adds as often as it is named."""
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
    """For a quantile: empty."""
    denominator: Part | None = None
    """For ratios and averages only."""
    buckets: str | None = None
    """For a quantile: its bucket set (`wait`, `handle`)."""
    quantile: float | None = None
    since_ms: int | None = None
    """From when on windows that end after it (epoch ms) are shown by this formula; None: from the beginning."""
    earlier: "tuple[Kpi, ...]" = ()
    """What it was before, oldest first."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The numerator and, for ratios and averages, the denominator."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    @property
    def versions(self) -> "tuple[Kpi, ...]":
        """All versions, oldest first."""
        return (*self.earlier, self)

    def at(self, ms: int) -> "Kpi":
        """Return the version in force at an epoch time in ms."""
        return next(one for one in reversed(self.versions) if one.since_ms is None or one.since_ms <= ms)


Definition = TypeVar("Definition", Fact, Kpi)


def versioned(versions: Sequence[Definition]) -> Definition:
    """Return one definition of its versions, oldest first."""
    return replace(versions[-1], earlier=tuple(versions[:-1]))
