"""Recorded calls: reminders that a machine dials, many at a time. Only large floors have them; no rep is on them."""

from random import Random

from schemas.events.fields import CallOutcome
from streams.simulate.arrivals import Demand, Poisson
from streams.simulate.customers import Customers
from streams.simulate.draws import Choice, Lognormal
from streams.simulate.engine import Engine
from streams.simulate.outbound import OUTCOMES, RING
from streams.simulate.source import Source, short_id

MESSAGE = Lognormal(24, 0.35, 6, 58)


class Bots:
    """The automatic dialler."""

    def __init__(
        self, engine: Engine, source: Source, rng: Random, team_of_campaign: dict[str, str], customers: Customers
    ) -> None:
        self._engine, self._source, self._rng, self._customers = engine, source, rng, customers
        self._team_of = team_of_campaign
        self._campaigns = list(team_of_campaign)
        self._outcomes = Choice(OUTCOMES)
        self._speaking: dict[str, tuple[int, dict[str, object]]] = {}
        """Call → since when, and what its end will tell."""

    def start(self, calls_per_second: float, demand: Demand) -> None:
        """Begin to dial."""
        Poisson(self._engine, self._rng, calls_per_second, demand, self._dial).start()

    def _dial(self) -> None:
        campaign = self._rng.choice(self._campaigns)
        outcome = self._outcomes.draw(self._rng)
        ring_ms = RING[outcome].draw_ms(self._rng)
        data = {"call_id": short_id(self._rng, "bot"), "direction": "outbound", "team": self._team_of[campaign]}
        ended = {"campaign": campaign, "customer": self._customers.draw().customer, "ring_ms": ring_ms}
        self._engine.after(ring_ms, self._settle, data, data | ended, outcome)

    def close(self) -> None:
        """Cut every call that was answered."""
        for call_id in list(self._speaking):
            self._hang_up(call_id)

    def _settle(self, data: dict[str, object], ended: dict[str, object], outcome: CallOutcome) -> None:
        ended |= {"outcome": outcome}
        if outcome != "answered":
            self._tell("call.ended", ended)
            return
        self._tell("call.answered", data)
        call_id = str(data["call_id"])
        self._speaking[call_id] = (self._engine.now, ended)
        self._engine.after(MESSAGE.draw_ms(self._rng), self._hang_up, call_id)

    def _hang_up(self, call_id: str) -> None:
        since_ms, ended = self._speaking.pop(call_id)
        self._tell("call.ended", ended | {"talk_ms": self._engine.now - since_ms})

    def _tell(self, kind: str, data: dict[str, object]) -> None:
        self._source.tell("calls", kind, str(data["call_id"]), data)
