"""Mail campaigns: sent, delivered or bounced, opened by people and by machines, clicked, unsubscribed."""

from collections.abc import Callable
from random import Random
from typing import Any

from streams.simulate.arrivals import Demand
from streams.simulate.customers import Customer, Customers
from streams.simulate.draws import Lognormal, poisson
from streams.simulate.engine import Engine
from streams.simulate.floor import Staff
from streams.simulate.source import Source, short_id

TICK_MS = 1000
LEAST = 0.2
"""The share of the rate that sending keeps when everything else takes more than it should."""
HORIZON_S = 15.0
"""In which the budget makes up for what went wrong."""
BOUNCED = 0.024
SCANNED = 0.14
"""Of the delivered: a proxy loads the pictures at once."""
SCANNED_LINKS = 0.04
"""Of the delivered: a scanner follows the links at once."""
EVENTS_AT_ONCE = 2.0
"""What one message costs within seconds: sent, delivered or bounced."""
OPENED = 0.34
OPENED_AGAIN = 0.15
CLICKED = 0.13
CLICKED_AGAIN = 0.15
UNSUBSCRIBED = 0.012
"""These four are shares of the opened."""
INTERESTED = 0.03
"""Of the clicks."""
WRITTEN_BY_REP = 0.2
AT_ONCE = 0.5
SOON = Lognormal(25, 0.8, 3, 240)
LATER = Lognormal(540, 1.0, 30, 7200)
PAGES = ("prices", "demo", "terms", "webinar", "renew", "contact")


class Budget:
    """Keeps all topics together at the rate that was asked for: mail fills what everything else leaves."""

    def __init__(self, rate: float, demand: Demand, told: Callable[[], int], others: float) -> None:
        self._rate, self._demand, self._told = rate, demand, told
        self._others = others
        """Events a second that do not come from sending: a moving average."""
        self._seen = told()
        self._own = 0
        self._due = 0.0

    def messages(self, rng: Random, now_ms: int) -> int:
        """Return how many messages are to be sent in the second that begins."""
        wanted = self._rate * self._demand.at(now_ms)
        told = self._told()
        self._others += (told - self._seen - self._own * EVENTS_AT_ONCE - self._others) / HORIZON_S
        self._seen = told
        behind = self._due - told
        self._due += wanted
        events = max(LEAST * wanted, wanted - self._others + behind / HORIZON_S)
        self._own = poisson(rng, events / EVENTS_AT_ONCE)
        return self._own


class Mail:
    """The mail system."""

    def __init__(self, engine: Engine, source: Source, rng: Random, staff: Staff, customers: Customers) -> None:
        self._engine, self._source, self._rng, self._customers = engine, source, rng, customers
        self._team_of = staff.team_of_campaign
        self._campaigns = list(staff.team_of_campaign)
        self._reps = {team.name: team.reps for team in staff.teams}
        self.on_interest: Callable[[dict[str, Any]], None] = lambda data: None
        """Called with a message's data when its reader wants to hear more."""

    def start(self, budget: Budget) -> None:
        """Begin to send."""
        self._engine.after(0, self._tick, budget)

    def _tick(self, budget: Budget) -> None:
        for _ in range(budget.messages(self._rng, self._engine.now)):
            self._engine.after(int(self._rng.random() * TICK_MS), self._send)
        self._engine.after(TICK_MS, self._tick, budget)

    def _send(self) -> None:
        rng = self._rng
        data = self._addressed(self._customers.draw())
        self._tell("email.sent", data)
        if rng.random() < BOUNCED:
            self._engine.after(rng.randint(400, 9000), self._tell, "email.bounced", data)
        else:
            self._engine.after(rng.randint(300, 2500), self._deliver, data)

    def _addressed(self, to: Customer) -> dict[str, Any]:
        campaign = self._rng.choice(self._campaigns)
        team = self._team_of[campaign]
        data = {
            "message_id": short_id(self._rng, "msg"),
            "recipient": to.recipient,
            "customer": to.customer,
            "team": team,
            "campaign": campaign,
        }
        if self._rng.random() < WRITTEN_BY_REP:
            data["rep"] = self._rng.choice(self._reps[team])
        return data

    def _deliver(self, data: dict[str, Any]) -> None:
        rng = self._rng
        self._tell("email.delivered", data)
        if rng.random() < SCANNED:
            self._engine.after(rng.randint(500, 8000), self._tell, "email.opened", data | {"machine": True})
        if rng.random() < SCANNED_LINKS:
            self._engine.after(rng.randint(500, 8000), self._click, data | {"machine": True})
        if rng.random() < OPENED:
            delay = SOON if rng.random() < AT_ONCE else LATER
            self._engine.after(delay.draw_ms(rng), self._open, data)

    def _open(self, data: dict[str, Any]) -> None:
        rng = self._rng
        self._tell("email.opened", data)
        if rng.random() < OPENED_AGAIN:
            self._engine.after(LATER.draw_ms(rng), self._tell, "email.opened", data)
        if rng.random() < CLICKED:
            self._engine.after(rng.randint(3000, 60_000), self._read, data)
        if rng.random() < UNSUBSCRIBED:
            self._engine.after(rng.randint(8000, 90_000), self._tell, "email.unsubscribed", data)

    def _read(self, data: dict[str, Any]) -> None:
        self._click(data)
        if self._rng.random() < CLICKED_AGAIN:
            self._engine.after(self._rng.randint(2000, 40_000), self._click, data)
        if self._rng.random() < INTERESTED:
            self.on_interest(data)

    def _click(self, data: dict[str, Any]) -> None:
        url = f"https://example.com/{data['campaign']}/{self._rng.choice(PAGES)}"
        self._source.tell("links", "link.clicked", data["message_id"], data | {"url": url})

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        self._source.tell("emails", kind, data["message_id"], data)
