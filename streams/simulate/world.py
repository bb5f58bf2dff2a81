"""The whole floor: builds everyone and everything, lets them run, and returns what arrives."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from streams.floor.model import Floor as Config
from streams.simulate.arrivals import Demand, Profile
from streams.simulate.bots import Bots
from streams.simulate.crm import Crm
from streams.simulate.customers import Customers
from streams.simulate.desk import GAP_S, Desk
from streams.simulate.engine import Arrival, Engine
from streams.simulate.floor import Sizes, Team, staff
from streams.simulate.lines import Call, Lines
from streams.simulate.load import Load
from streams.simulate.mail import Budget, Mail
from streams.simulate.outbound import Outbound
from streams.simulate.phone import Phone
from streams.simulate.presence import Presence, Rep
from streams.simulate.shifts import Duty, by_calendar, rotating
from streams.simulate.source import Source

WARM_UP_MS = 15 * 60_000
"""How long a warm floor has worked before it starts."""
DIAL_CYCLE_S = 60.0
"""From one dial to the next, with what is between."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be simulated; with a start it decides every byte."""

    config: Config
    sizes: Sizes
    rate: float = 50.0
    """Events a second over all topics at an ordinary busy hour."""
    profile: Profile = "busy"
    seed: int = 1


class World:
    """A floor from `start_ms` on. A warm one is met at work: what was told of calls, leads and deals under way arrives
    first, stamped in the quarter of an hour before the start; a cold one begins with silent telephones.
    """

    def __init__(self, plan: Plan, start_ms: int, warm: bool) -> None:
        self.start_ms = start_ms
        self._plan = plan
        self._seed = f"{plan.seed}/{start_ms}"
        self._staff = staff(plan.sizes, plan.config)
        self._load = Load.of(plan.rate, self._staff)
        self._engine = Engine(start_ms - WARM_UP_MS if warm else start_ms)
        self._customers = Customers(self._rng("customers"), max(4000, int(600 * plan.rate)))
        self._presence = Presence(
            self._engine, self._source("presence", (20, 250), self._staff.zone), self._rng("presence"), self._reps()
        )
        telephony = self._source("telephony", (30, 600), self._staff.zone)
        self._lines = Lines(self._engine, telephony, self._presence, self._rng("lines"))
        self._crm = Crm(
            self._engine,
            self._source("crm", (200, 2500)),
            self._rng("crm"),
            self._staff,
            self._customers,
            self._staff.currency,
        )
        self._people_start()
        self._machines_start(self._warm_up() if warm else 0.0)

    @property
    def now_ms(self) -> int:
        """The floor's time."""
        return self._engine.now

    def advance(self, until_ms: int) -> list[Arrival]:
        """Return what arrives after the last call and by `until_ms`, in order of arrival. The steps change nothing."""
        return self._engine.advance(until_ms)

    def close(self) -> list[Arrival]:
        """Return the end: every call is cut, everyone goes home, and all that is under way arrives now."""
        self._lines.close()
        self._bots.close()
        self._presence.close()
        now = self._engine.now
        return [arrival._replace(at_ms=min(arrival.at_ms, now)) for arrival in self._engine.take_back()]

    def _people_start(self) -> None:
        demand = Demand.for_each_rep(self._plan.profile, self._staff.zone, self._rng("demand").random())
        gap_s = GAP_S + DIAL_CYCLE_S * (1 / self._load.pace - 1)
        queues = list(self._staff.team_of_queue)
        desk = Desk(self._engine, self._rng("desk"), self._presence, queues, gap_s)
        self._presence.on_free = desk.free
        people = (self._staff, self._lines, desk, self._presence, self._customers)
        outbound = Outbound(self._engine, self._rng("outbound"), *people)
        outbound.on_interest = self._interested
        phone = Phone(self._engine, self._rng("phone"), *people)
        self._presence.start()
        phone.start(self._load.inbound_calls, demand)
        self._crm.start(self._load.leads, Demand.of(self._plan.profile, self._staff.zone))

    def _machines_start(self, people_rate: float) -> None:
        demand = Demand.of(self._plan.profile, self._staff.zone)
        mail = Mail(self._engine, self._source("mail", (50, 900)), self._rng("mail"), self._staff, self._customers)
        mail.on_interest = self._crm.from_mail
        mail.start(Budget(self._load.rate, demand, self._told_or_owed, others=people_rate))
        self._bots = Bots(
            self._engine,
            self._source("recorded-calls", (30, 600)),
            self._rng("bots"),
            dict(self._staff.team_of_campaign),
            self._customers,
        )
        self._bots.start(self._load.bot_calls, demand)

    def _warm_up(self) -> float:
        """Work unseen until the start, then send what must be known of what is under way: all events of open calls,
        leads and deals, and the last state of everyone at work. Return how many events people told a second.
        """
        told = self._engine.advance(self.start_ms) + self._engine.take_back()
        rate = self._engine.sent / (WARM_UP_MS / 1000)
        self._engine.sent = 0
        under_way = self._lines.open.keys() | self._crm.open
        states = {arrival.key: place for place, arrival in enumerate(told) if arrival.topic == "reps"}
        at_work = {states[rep.name] for rep in self._presence.reps if rep.state != "offline"}
        for place, arrival in enumerate(told):
            if place in at_work or arrival.key in under_way:
                self._engine.send(arrival)
        return rate

    def _told_or_owed(self) -> int:
        """Return how many events were told, and how many more there would be if the floor closed now."""
        return self._engine.sent + sum(self._presence.on_duty.values()) + len(self._lines.open)

    def _interested(self, call: Call) -> None:
        assert call.rep is not None
        self._crm.from_call(
            {"team": call.team, "rep": call.rep.name, "campaign": call.campaign, "customer": call.customer}
        )

    def _reps(self) -> list[Rep]:
        number = count()
        return [
            Rep(name, team, self._duties(team, place, next(number)), team.is_dialler(place))
            for team in self._staff.teams
            for place, name in enumerate(team.reps)
        ]

    def _duties(self, team: Team, place: int, number: int) -> Iterator[Duty]:
        if self._plan.profile == "busy":
            return rotating(number, self._engine.now)
        return by_calendar(team.calendar, place, self._engine.now)

    def _source(self, name: str, delay_ms: tuple[int, int], zone: str | None = None) -> Source:
        return Source(self._engine, name, self._rng(f"{name} ids"), delay_ms, zone)

    def _rng(self, part: str) -> Random:
        return Random(f"{self._seed}/{part}")
