"""Reps dial the lists of their campaigns: most do not answer, some talk, a few are interested."""

from collections.abc import Callable
from random import Random

from schemas.events.fields import CallOutcome
from streams.simulate.customers import Customers
from streams.simulate.desk import Desk
from streams.simulate.draws import Choice, Lognormal
from streams.simulate.engine import Engine
from streams.simulate.floor import Staff
from streams.simulate.lines import Call, Lines, Manner
from streams.simulate.presence import Presence, Rep
from streams.simulate.source import short_id

OUTCOMES: dict[CallOutcome, float] = {
    "answered": 0.28,
    "no_answer": 0.42,
    "voicemail": 0.17,
    "busy": 0.08,
    "failed": 0.05,
}
RING: dict[CallOutcome, Lognormal] = {
    "answered": Lognormal(11, 0.45, 3, 35),
    "no_answer": Lognormal(26, 0.2, 15, 45),
    "voicemail": Lognormal(19, 0.25, 8, 40),
    "busy": Lognormal(3, 0.3, 1, 8),
    "failed": Lognormal(2, 0.4, 1, 6),
}
BRUSHED_OFF = Manner(Lognormal(20, 0.5, 4, 55), Lognormal(10, 0.4, 3, 60), held=0.0, wrap_known=0.0)
CONVERSATION = Manner(Lognormal(170, 0.55, 62, 1800), Lognormal(32, 0.5, 6, 240), held=0.06, wrap_known=0.5)
CONVERSATIONS = 0.5
"""Of those who answer."""
LONG_TALK_MS = 60_000
INTERESTED = 0.14
"""Of those who talk for a minute or more."""


class Outbound:
    """Dial lists."""

    def __init__(
        self,
        engine: Engine,
        rng: Random,
        staff: Staff,
        lines: Lines,
        desk: Desk,
        presence: Presence,
        customers: Customers,
    ) -> None:
        self._engine, self._rng, self._lines, self._presence = engine, rng, lines, presence
        self._customers = customers
        self._outcomes = Choice(OUTCOMES)
        self._campaigns: dict[str, list[str]] = {team.name: [] for team in staff.teams}
        for campaign, team in staff.team_of_campaign.items():
            self._campaigns[team].append(campaign)
        self._any = list(staff.team_of_campaign)
        self.on_interest: Callable[[Call], None] = lambda call: None
        """Called when somebody on the phone wants to hear more."""
        desk.dial = self.dial
        lines.after_talk = self._after_talk

    def dial(self, rep: Rep) -> None:
        """Let a rep dial the next of the list."""
        call = Call(
            short_id(self._rng, "call"),
            "outbound",
            self._engine.now,
            campaign=self._rng.choice(self._campaigns[rep.team.name] or self._any),
            customer=self._customers.draw().customer,
        )
        self._lines.begin(call)
        self._lines.ring(call, rep)
        outcome = self._outcomes.draw(self._rng)
        self._engine.after(RING[outcome].draw_ms(self._rng), self._settle, call, rep, outcome)

    def _settle(self, call: Call, rep: Rep, outcome: CallOutcome) -> None:
        if outcome == "answered":
            self._lines.answer(call, CONVERSATION if self._rng.random() < CONVERSATIONS else BRUSHED_OFF)
        else:
            self._lines.over(call, outcome)
            self._presence.free(rep)

    def _after_talk(self, call: Call) -> None:
        talked = call.direction == "outbound" and call.talk_ms >= LONG_TALK_MS
        if talked and self._rng.random() < INTERESTED:
            self.on_interest(call)
