"""What panels show: a query, its unit, and what its numbers mean. A KPI's signals follow from the catalogue."""

from dataclasses import dataclass
from functools import cached_property

from grafana.queries import fresh, told
from grafana.words import Say
from streams.export.names import ATTAINMENT, FORECAST, PACE, REQUIRED, TARGET, VALUE, Family
from streams.kpis.catalogue import Catalogue, load
from streams.kpis.model import Kind, Kpi, Unit

SHARE = "percentunit"
NUMBER = "locale"
"""2,199 and not 2.20 K: a KPI is exact."""
UNITS = {Unit.COUNT: NUMBER, Unit.RATIO: SHARE, Unit.SECONDS: "s", Unit.CURRENCY: NUMBER, Unit.PER_HOUR: "suffix:/h"}
"""Grafana's unit of a KPI's; the floor's currency is not known here."""
CATALOGUE: Catalogue = load()


@dataclass(frozen=True, slots=True)
class Signal:
    """One query of a panel."""

    query: str
    legend: str
    """May hold `{{label}}`."""
    instant: bool = False


@dataclass(frozen=True)
class Figure:
    """A KPI of one row; scope, name and window may be variables: `$team`."""

    kpi: Kpi
    scope: str
    name: str
    window: str

    @property
    def unit(self) -> str:
        """Grafana's unit."""
        return UNITS[self.kpi.unit]

    @property
    def decimals(self) -> int | None:
        """How many are shown; None: as many as the size of the number asks for."""
        if self.kpi.unit is Unit.SECONDS:
            return None
        return 0 if self.kpi.denominator is None else 1

    @cached_property
    def value(self) -> str:
        """The query of its value."""
        return self.of(VALUE)

    @cached_property
    def fresh(self) -> str:
        """The same, without a value while a topic that it is made of is stale."""
        return fresh(self.value, CATALOGUE.topics(self.kpi))

    def of(self, family: Family) -> str:
        """Return the query of what a family says of it."""
        return told(family, kpi=self.kpi.id, scope=self.scope, name=self.name, window=self.window)


@dataclass(frozen=True, slots=True)
class Row:
    """Whose figures: `row("dials")` is that KPI of it."""

    scope: str
    name: str
    window: str

    def __call__(self, kpi: str, window: str | None = None) -> Figure:
        """Return a figure of the row. Raises KeyError."""
        return Figure(CATALOGUE.kpis[kpi], self.scope, self.name, window or self.window)


FLOOR = Row("floor", "all", "today")


def judged(figure: Figure, say: Say) -> list[Signal]:
    """Return value, target and attainment as they are now: A, B, C."""
    return [
        Signal(figure.fresh, say("Value", "実績"), instant=True),
        Signal(figure.of(TARGET), say("Target", "目標") + " ({{bound}})", instant=True),
        Signal(fresh(figure.of(ATTAINMENT), CATALOGUE.topics(figure.kpi)), say("Attainment", "達成率"), instant=True),
    ]


def against_target(figure: Figure, say: Say) -> list[Signal]:
    """Return value and target over time: A, B."""
    return [
        Signal(figure.value, say("Value", "実績")),
        Signal(figure.of(TARGET), say("Target", "目標") + " ({{bound}})"),
    ]


ADDITIVE = (Kind.COUNT, Kind.SUM)
"""Kinds that have a pace."""
COURSE = {
    "pace": PACE,
    "forecast": FORECAST,
    "required": REQUIRED,
}
"""What is said of additive KPIs in windows that end."""
