"""Leads become meetings, meetings deals, deals money: quickly, so that a board shows all of it within the hour."""

from collections.abc import Callable
from random import Random
from typing import Any

from streams.kpis.currencies import EXPONENTS
from streams.simulate.arrivals import Demand, Poisson
from streams.simulate.customers import Customers
from streams.simulate.draws import Lognormal
from streams.simulate.engine import Engine
from streams.simulate.floor import Staff
from streams.simulate.source import Source, short_id

BOOKED = 0.3
"""Of the leads that came by themselves."""
BOOKED_ON_THE_PHONE = 0.9
HELD = 0.8
CONVERTED = 0.6
"""Of the meetings that were held: the lead becomes a deal."""
WON = 0.34
GOES_ON = 0.88
"""Of the deals in each stage before the last; the others are lost there."""
LEAD_FIELDS = ("team", "rep", "campaign", "customer")
STAGES = ("qualified", "proposal", "negotiation")
FOREIGN = 0.02
"""Of the deals: in a currency that is not the floor's."""

ANSWERED = Lognormal(40, 0.8, 5, 900)
BOOKING = Lognormal(12, 0.6, 3, 120)
MEETING = Lognormal(60, 1.0, 8, 3600)
OPENED = Lognormal(10, 0.8, 2, 300)
STAGE = Lognormal(45, 0.9, 5, 1800)
AMOUNT_USD = Lognormal(3200, 0.9, 200, 250_000)
PER_USD = {"JPY": 150, "KRW": 1350, "EUR": 0.9, "GBP": 0.8}
"""What is asked for rounds to such prices; other currencies are taken as dollars."""


class Crm:
    """The CRM."""

    def __init__(
        self, engine: Engine, source: Source, rng: Random, staff: Staff, customers: Customers, currency: str
    ) -> None:
        self._engine, self._source, self._rng, self._customers = engine, source, rng, customers
        self._currency = currency
        self._campaigns = list(staff.team_of_campaign)
        self._team_of = staff.team_of_campaign
        self._reps = {team.name: team.reps for team in staff.teams}
        self.open: set[str] = set()
        """Keys of leads, meetings and deals of which more will be told, and of those these came from."""

    def start(self, leads_per_second: float, demand: Demand) -> None:
        """Let leads come in from the web."""
        Poisson(self._engine, self._rng, leads_per_second, demand, self._from_the_web).start()

    def from_call(self, data: dict[str, Any]) -> None:
        """Take the lead of a conversation; its rep books the meeting."""
        self._lead(data, BOOKED_ON_THE_PHONE, BOOKING)

    def from_mail(self, data: dict[str, Any]) -> None:
        """Take the lead of a click: the message's rep, or one of the team, calls back."""
        self._lead(self._assigned(data), BOOKED, ANSWERED)

    def _from_the_web(self) -> None:
        campaign = self._rng.choice(self._campaigns)
        data = {"team": self._team_of[campaign], "campaign": campaign, "customer": self._customers.draw().customer}
        self._lead(self._assigned(data), BOOKED, ANSWERED)

    def _assigned(self, data: dict[str, Any]) -> dict[str, Any]:
        anyone = {"rep": self._rng.choice(self._reps[data["team"]])}
        return anyone | {name: data[name] for name in LEAD_FIELDS if name in data}

    def _lead(self, data: dict[str, Any], booked: float, delay: Lognormal) -> None:
        lead = {"lead_id": short_id(self._rng, "lead"), **data}
        self._tell("lead.created", lead["lead_id"], lead)
        if self._rng.random() < booked:
            self._later(delay, self._book, {lead["lead_id"]}, lead)

    def _book(self, life: set[str], lead: dict[str, Any]) -> None:
        meeting = {"meeting_id": short_id(self._rng, "meet"), **lead}
        self._tell("meeting.booked", meeting["meeting_id"], meeting)
        if self._rng.random() < HELD:
            self._later(MEETING, self._hold, life | {meeting["meeting_id"]}, meeting)

    def _hold(self, life: set[str], meeting: dict[str, Any]) -> None:
        self._tell("meeting.held", meeting["meeting_id"], meeting)
        if self._rng.random() < CONVERTED:
            lead = {name: value for name, value in meeting.items() if name != "meeting_id"}
            self._later(OPENED, self._convert, life, lead)

    def _convert(self, life: set[str], lead: dict[str, Any]) -> None:
        self._tell("lead.converted", lead["lead_id"], lead)
        deal = {name: value for name, value in lead.items() if name != "lead_id"}
        deal |= {"deal_id": short_id(self._rng, "deal"), **self._amount()}
        self._stage(life | {deal["deal_id"]}, deal, 0)

    def _stage(self, life: set[str], deal: dict[str, Any], number: int) -> None:
        self._tell_deal(deal, STAGES[number], "open")
        if self._rng.random() >= GOES_ON:
            self._later(STAGE, self._decide, life, deal, False)
        elif number + 1 < len(STAGES):
            self._later(STAGE, self._stage, life, deal, number + 1)
        else:
            self._later(STAGE, self._decide, life, deal, self._rng.random() < WON / GOES_ON ** len(STAGES))

    def _decide(self, life: set[str], deal: dict[str, Any], won: bool) -> None:
        self._tell_deal(deal, "closed", "won" if won else "lost")

    def _amount(self) -> dict[str, Any]:
        foreign = "EUR" if self._currency == "USD" else "USD"
        currency = foreign if self._rng.random() < FOREIGN else self._currency
        dollars = AMOUNT_USD.draw_ms(self._rng) / 1000
        price = round(dollars * PER_USD.get(currency, 1) / 100) * 100
        return {"amount_minor": price * 10 ** EXPONENTS.get(currency, 2), "currency": currency}

    def _tell_deal(self, deal: dict[str, Any], stage: str, outcome: str) -> None:
        self._tell("deal.stage_changed", deal["deal_id"], {**deal, "stage": stage, "outcome": outcome})

    def _tell(self, kind: str, key: str, data: dict[str, Any]) -> None:
        self._source.tell("crm", kind, key, data)

    def _later(self, delay: Lognormal, action: Callable[..., None], life: set[str], *arguments: Any) -> None:
        """Go on with a life, whose keys are open until then."""
        self.open |= life
        self._engine.after(delay.draw_ms(self._rng), self._go_on, action, life, arguments)

    def _go_on(self, action: Callable[..., None], life: set[str], arguments: tuple[Any, ...]) -> None:
        self.open -= life
        action(life, *arguments)
