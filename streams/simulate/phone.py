"""Customers call: they wait, lose patience, or are answered."""

from random import Random

from streams.simulate.arrivals import Demand, Poisson
from streams.simulate.customers import Customers
from streams.simulate.desk import Desk
from streams.simulate.draws import Choice, Lognormal
from streams.simulate.engine import Engine
from streams.simulate.floor import Staff
from streams.simulate.lines import Call, Lines, Manner
from streams.simulate.presence import Presence, Rep
from streams.simulate.source import short_id

SERVICE = Manner(Lognormal(165, 0.65, 12, 2400), Lognormal(30, 0.55, 4, 300), held=0.2, wrap_known=0.4)
RING = Lognormal(4, 0.4, 1, 14)
PATIENCE = Lognormal(110, 0.9, 3, 1500)
HASTE = Lognormal(5, 0.5, 1, 15)
"""The patience of who has misdialled, or thinks better of it."""
HASTY = 0.05
RECALL_AFTER = Lognormal(18, 0.5, 5, 60)
"""How long a call waits until the desk looks for somebody to recall from other work."""


class Phone:
    """Inbound calls."""

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
        self._engine, self._rng, self._lines, self._desk, self._presence = engine, rng, lines, desk, presence
        self._customers = customers
        self._team_of = staff.team_of_queue
        self._effort = {queue: rng.uniform(0.75, 1.25) for queue in staff.team_of_queue}
        self._shares = _shares(staff)
        weights = {queue: sum(teams.values()) / self._effort[queue] for queue, teams in self._shares.items()}
        self._queues = Choice(weights)
        self._full = {team.name: len(team.reps) for team in staff.teams}
        desk.ring = self.ring

    def start(self, calls_per_second: float, demand: Demand) -> None:
        """Let customers call, so often when every rep is on duty and calls take no more effort than usual."""
        usual = sum(sum(teams.values()) for teams in self._shares.values())
        calls_per_second *= self._queues.total / usual
        Poisson(self._engine, self._rng, calls_per_second, demand, self._arrive).start()

    def ring(self, call: Call, rep: Rep) -> None:
        """Let the call ring at a rep's."""
        self._lines.ring(call, rep)
        self._engine.after(RING.draw_ms(self._rng), self._answer, call)

    def _arrive(self) -> None:
        queue = self._queues.draw(self._rng)
        if self._rng.random() >= self._staffed(queue) or not self._desk.is_open(queue):
            return  # staff is planned after demand; out of hours a tape answers, which nobody reports
        call = Call(
            short_id(self._rng, "call"),
            "inbound",
            self._engine.now,
            queue,
            self._team_of[queue],
            customer=self._customers.draw().customer,
        )
        self._lines.begin(call)
        self._lines.queued(call)
        patience = HASTE if self._rng.random() < HASTY else PATIENCE
        self._engine.after(patience.draw_ms(self._rng), self._abandon, call)
        self._desk.place(call)
        if call.state == "waiting":
            self._engine.after(RECALL_AFTER.draw_ms(self._rng), self._look, call)

    def _staffed(self, queue: str) -> float:
        shares = self._shares[queue]
        there = sum(share * self._presence.on_duty[team] / self._full[team] for team, share in shares.items())
        return there / sum(shares.values())

    def _look(self, call: Call) -> None:
        if call.state == "waiting":
            self._desk.recall(call.queue)

    def _answer(self, call: Call) -> None:
        if call.state == "ringing":
            call.wait_ms = self._engine.now - call.began_ms
            self._lines.answer(call, SERVICE, self._effort[call.queue])

    def _abandon(self, call: Call) -> None:
        if call.state not in ("waiting", "ringing"):
            return
        rep, call.rep = call.rep, None
        if rep is None:
            self._desk.withdraw(call)
        call.wait_ms = self._engine.now - call.began_ms
        self._lines.over(call, "abandoned")
        if rep is not None:
            self._presence.free(rep)


def _shares(staff: Staff) -> dict[str, dict[str, float]]:
    """Return queue → team → for how many reps' time it is."""
    shares: dict[str, dict[str, float]] = {queue: {} for queue in staff.team_of_queue}
    for team in staff.teams:
        for queue in team.queues:
            shares[queue][team.name] = team.takers / len(team.queues)
    return shares
