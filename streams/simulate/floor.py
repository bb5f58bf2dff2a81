"""Who works on the simulated floor: teams with what they do, queues, campaigns; as big as the rate needs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from streams.floor.model import ANY, Calendar, Shift
from streams.floor.model import Floor as Config
from streams.kpis.model import Scope
from streams.simulate import names

WEEKDAYS = frozenset(range(5))
OFFICE = Calendar("office", "UTC", (Shift("day", WEEKDAYS, 9 * 60, 18 * 60, ((12 * 60, 13 * 60),)),))
"""When teams work in the profile `real` whose floor has no calendar; by the floor's clock."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of each."""

    teams: int
    reps: int
    queues: int
    campaigns: int

    @classmethod
    def for_rate(cls, rate: float) -> "Sizes":
        """Return a believable size for `rate` events a second: 15 reps for each of the first 20, then slower, since
        mail and recorded calls grow and people do not.
        """
        reps = max(6, round(15 * rate if rate <= 20 else 300 * (rate / 20) ** 0.35))
        return cls(
            teams=min(max(3, reps // 20), 12),
            reps=reps,
            queues=min(max(3, reps // 40), 8),
            campaigns=min(max(3, reps // 40), 8),
        )


@dataclass(frozen=True, slots=True)
class Team:
    """A team. One that takes calls serves queues; one that dials works the campaigns; some do both."""

    name: str
    reps: tuple[str, ...]
    queues: tuple[str, ...]
    dials: bool
    calendar: Calendar

    def is_dialler(self, place: int) -> bool:
        """Return whether the rep at this place dials; in a team that does both, every other one does."""
        return self.dials and (not self.queues or place % 2 == 1)

    @property
    def takers(self) -> int:
        """How many of its reps take calls."""
        return sum(not self.is_dialler(place) for place in range(len(self.reps)))


@dataclass(frozen=True, slots=True)
class Staff:
    """The floor's people and names."""

    teams: tuple[Team, ...]
    team_of_queue: Mapping[str, str]
    """Queue → the team that answers for it: whose call it is while no rep has it."""
    team_of_campaign: Mapping[str, str]
    zone: str
    currency: str

    @property
    def takers(self) -> int:
        """How many reps take calls."""
        return sum(team.takers for team in self.teams)

    @property
    def takers_per_team(self) -> float:
        """How many reps a team that takes calls has for them."""
        return self.takers / sum(bool(team.queues) for team in self.teams)

    @property
    def diallers(self) -> int:
        """How many reps work dial lists."""
        return sum(len(team.reps) for team in self.teams) - self.takers


def staff(sizes: Sizes, config: Config) -> Staff:
    """Return a floor of these sizes with the names, calendars, zone and currency of `config`.

    Teams take turns in taking calls, dialling, and both; every queue and every campaign has a team.
    """
    queues = names.take(sizes.queues, _given(config, Scope.QUEUE), names.QUEUES)
    campaigns = names.take(sizes.campaigns, _given(config, Scope.CAMPAIGN), names.CAMPAIGNS)
    team_names = names.take(sizes.teams, _given(config, Scope.TEAM), names.TEAMS)
    teams = _teams(team_names, sizes.reps, queues, config)
    diallers = [team.name for team in teams if team.dials] or team_names
    takers = [team.name for team in teams if team.queues]
    return Staff(
        teams,
        {queue: takers[place % len(takers)] for place, queue in enumerate(queues)},
        {name: diallers[place % len(diallers)] for place, name in enumerate(campaigns)},
        config.timezone,
        config.currency,
    )


def _teams(team_names: list[str], reps: int, queues: list[str], config: Config) -> tuple[Team, ...]:
    every = len(team_names)
    people = list(islice(names.rep_names(), reps))
    served = [place for place in range(every) if place % 3 != 1]
    office = replace(OFFICE, timezone=config.timezone)
    return tuple(
        Team(
            name,
            tuple(people[place::every]),
            _share(queues, served.index(place), len(served)) if place in served else (),
            place % 3 != 0 or every == 1,
            config.calendar_of(name) or office,
        )
        for place, name in enumerate(team_names)
    )


def _share(queues: list[str], place: int, teams: int) -> tuple[str, ...]:
    """Return the queues of one team: its own, and its neighbour's as help, so that no queue hangs on one team."""
    own = place % len(queues)
    return tuple(queue for number, queue in enumerate(queues) if number == own or place in _teams_of(number, teams))


def _teams_of(number: int, teams: int) -> tuple[int, int]:
    return number % teams, (number + 1) % teams


def _given(config: Config, scope: Scope) -> list[str]:
    """Return the names of a scope that the floor's configuration speaks of."""
    own = {Scope.TEAM: config.teams, Scope.QUEUE: config.queues}.get(scope, {})
    aimed = [target.name for target in config.targets if target.scope is scope]
    judged = [name for fact in config.facts for name in _listed(fact.where.get(scope.value))]
    return [name for name in dict.fromkeys([*own, *aimed, *judged]) if name != ANY]


def _listed(condition: object) -> list[str]:
    values = condition if isinstance(condition, list | tuple) else [condition]
    return [value for value in values if isinstance(value, str)]
