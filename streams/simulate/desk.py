"""Who takes what: the longest idle rep gets the call, a free rep the call that waits longest."""

from collections import deque
from collections.abc import Callable
from random import Random

from streams.simulate.draws import exponential_ms
from streams.simulate.engine import Engine
from streams.simulate.lines import Call
from streams.simulate.presence import RECALLABLE, Presence, Rep

IDLE_SHARE = 0.13
"""Of a team on duty: who becomes free beyond it gets other work. What is left is the idle part of occupancy."""
FILLER_S = 240.0
GAP_S = 15.0
"""From one dial to the next."""
LONG_GAP_S = 40.0
"""A longer gap between dials is filled with other work."""


class Desk:
    """Brings calls and reps together. `ring` and `dial` must be set before the first rep is free."""

    def __init__(self, engine: Engine, rng: Random, presence: Presence, queues: list[str], gap_s: float) -> None:
        self._engine, self._rng, self._presence, self._gap_s = engine, rng, presence, gap_s
        self.ring: Callable[[Call, Rep], None]
        self.dial: Callable[[Rep], None]
        self._waiting: dict[str, deque[Call]] = {queue: deque() for queue in queues}
        self._idle: dict[str, dict[Rep, None]] = {rep.team.name: {} for rep in presence.reps}
        self._serving: dict[str, dict[str, list[Rep]]] = {queue: {} for queue in queues}
        for rep in presence.reps:
            for queue in () if rep.dials else rep.team.queues:
                self._serving[queue].setdefault(rep.team.name, []).append(rep)

    def is_open(self, queue: str) -> bool:
        """Return whether anybody who serves the queue is on duty."""
        return any(self._presence.on_duty[team] for team in self._serving[queue])

    def place(self, call: Call) -> None:
        """Ring the longest idle rep of the queue's teams, or let the call wait."""
        idle = [rep for team in self._serving[call.queue] if (rep := self._longest_idle(team))]
        if idle:
            self.ring(call, min(idle, key=lambda rep: rep.idle_since))
        else:
            self._waiting[call.queue].append(call)

    def withdraw(self, call: Call) -> None:
        """Let a call wait no longer."""
        self._waiting[call.queue].remove(call)

    def recall(self, queue: str) -> None:
        """Take a rep of the queue's teams away from their mail."""
        for reps in self._serving[queue].values():
            spare = [rep for rep in reps if rep.state in RECALLABLE]
            if spare:
                self._presence.free(self._rng.choice(spare))
                return

    def free(self, rep: Rep) -> None:
        """Find something to do for a free rep: a waiting call, other work if many are idle, or waiting."""
        queues = [waiting for queue in rep.team.queues if (waiting := self._waiting[queue])]
        if rep.dials:
            self._before_dialling(rep, exponential_ms(self._rng, self._gap_s))
        elif queues:
            self.ring(min(queues, key=lambda waiting: waiting[0].began_ms).popleft(), rep)
        elif len(self._idle_of(rep.team.name)) >= max(1, IDLE_SHARE * self._presence.on_duty[rep.team.name]):
            self._presence.fill(rep, exponential_ms(self._rng, FILLER_S))
        else:
            self._wait(rep)

    def _before_dialling(self, rep: Rep, gap_ms: int) -> None:
        if gap_ms > LONG_GAP_S * 1000:
            self._presence.fill(rep, gap_ms)
            return
        self._presence.idle(rep)
        self._engine.after(gap_ms, self._dial, rep, rep.turn)

    def _dial(self, rep: Rep, turn: int) -> None:
        if rep.turn == turn:
            self.dial(rep)

    def _wait(self, rep: Rep) -> None:
        self._presence.idle(rep)
        idle = self._idle[rep.team.name]
        idle.pop(rep, None)
        idle[rep] = None

    def _longest_idle(self, team: str) -> Rep | None:
        return next(iter(self._idle_of(team)), None)

    def _idle_of(self, team: str) -> dict[Rep, None]:
        """Return the team's idle reps, longest first; who has gone on to something else is dropped on the way."""
        idle = self._idle[team]
        for rep in [rep for rep in idle if rep.state != "available"]:
            del idle[rep]
        return idle
