"""What a floor decides, checked and complete. Pure: everything here may be used where no file is near."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from schemas.events.fields import UNASSIGNED
from streams.kpis import catalogue
from streams.kpis.catalogue import Catalogue
from streams.kpis.model import Fact, Kpi, Scope
from streams.kpis.service_level import QueuePolicy
from streams.kpis.versions import Versions

ANY = "*"
FLOOR_NAME = "all"
"""The one name in scope `floor`."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Working hours that begin on certain weekdays. Times are minutes after midnight of the date on which it starts."""

    name: str
    days: frozenset[int]
    """0 = Monday."""
    start: int
    end: int
    """After `start`, by up to 24 h: more than 1440 is on the next day."""
    breaks: tuple[tuple[int, int], ...] = ()
    """[begin, end) within the shift, in order; they may overlap."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people work."""

    name: str
    timezone: str
    shifts: tuple[Shift, ...]
    country: str | None = None
    """Whose public holidays are days off."""
    dates: frozenset[date] = frozenset()
    """Further days off."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a KPI should reach in a scope and window."""

    kpi: str
    scope: Scope
    name: str
    """`*`: every name of the scope that has no target of its own; `all` in scope floor."""
    window: str
    bound: Literal["min", "max"]
    value: float
    since: date | None = None
    """First and last day, both included, by the floor's date; None: without limit."""
    until: date | None = None
    line: int = 0
    """Where it stands in the file."""

    def is_valid_on(self, day: date) -> bool:
        """Say whether it holds on a date of the floor."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Floor:
    """A floor's configuration."""

    name: str = "Floor"
    timezone: str = "UTC"
    currency: str = catalogue.CURRENCY
    conversation_ms: Versions[int] = catalogue.CONVERSATION_MS
    calendar: str | None = None
    queues: Mapping[str, Versions[QueuePolicy]] = field(default_factory=dict)
    """Complete: what a queue does not set, it has from `*`."""
    teams: Mapping[str, str] = field(default_factory=dict)
    """Team → its own calendar."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    facts: tuple[Fact, ...] = ()
    """The floor's own."""
    kpis: tuple[Kpi, ...] = ()
    """The floor's own."""

    @classmethod
    def default(cls) -> "Floor":
        """Return the floor of an installation without a file."""
        return cls()

    def queue_policies(self, queue: str | None) -> Versions[QueuePolicy]:
        """Return how a queue's calls are judged, and were; None is `unassigned`."""
        return self.queues.get(queue or UNASSIGNED) or self.queues.get(ANY) or Versions(QueuePolicy())

    def queue_policy(self, queue: str | None) -> QueuePolicy:
        """Return the latest version of how a queue's calls are judged; None is `unassigned`."""
        return self.queue_policies(queue).latest

    def calendar_of(self, team: str | None = None) -> Calendar | None:
        """Return a team's calendar, which is the floor's if it has none of its own; None when all time works."""
        name = self.teams.get(team, self.calendar) if team is not None else self.calendar
        return self.calendars[name] if name is not None else None

    def catalogue(self) -> Catalogue:
        """Return the built-in catalogue under the floor's settings, with its own facts and KPIs."""
        built_in = catalogue.load(self.conversation_ms, self.currency)
        return built_in.with_facts(self.facts).with_kpis(self.kpis)
