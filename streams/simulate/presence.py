"""Reps come to work, take their breaks, meet, learn, write, and go home; every change of state is told."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from schemas.events.fields import RepState
from streams.simulate.engine import Engine
from streams.simulate.floor import Team
from streams.simulate.shifts import Duty
from streams.simulate.source import Source

MINUTE_MS = 60_000
LOG_IN_MS = 90_000
"""Within which everyone has logged in when a shift begins."""
RECALLABLE = ("email", "admin")
"""Work that is left for a call when too many wait."""


class Activity(NamedTuple):
    """A stretch of a duty that is not for calls."""

    at_ms: int
    state: RepState
    ms: int
    reason: str


class Habit(NamedTuple):
    """An activity of most duties: how likely it is, when it begins (share of the duty), how long it takes (minutes)."""

    state: RepState
    reason: str
    likely: float
    begins: tuple[float, float]
    minutes: tuple[int, int]


HABITS = (
    Habit("break", "short break", 0.95, (0.08, 0.28), (10, 15)),
    Habit("meal", "meal", 1.0, (0.22, 0.68), (40, 55)),
    Habit("break", "short break", 0.95, (0.7, 0.92), (10, 15)),
    Habit("meeting", "team meeting", 0.5, (0.05, 0.9), (20, 30)),
    Habit("training", "coaching", 0.15, (0.1, 0.9), (30, 45)),
    Habit("email", "replies", 0.9, (0.05, 0.5), (8, 16)),
    Habit("email", "replies", 0.9, (0.5, 0.95), (8, 16)),
    Habit("admin", "follow-up", 0.8, (0.1, 0.9), (6, 14)),
)
FILLERS: tuple[tuple[RepState, str], ...] = (("email", "replies"), ("admin", "research"), ("admin", "follow-up"))


@dataclass(slots=True, eq=False)
class Rep:
    """A rep and what they are about."""

    name: str
    team: Team
    duties: Iterator[Duty]
    dials: bool
    """Works a dial list; the others take calls."""
    state: RepState = "offline"
    turn: int = 0
    """Grows with every change: what was planned for an earlier turn is void."""
    ends_ms: int = 0
    """When the duty ends."""
    idle_since: int = 0
    plan: deque[Activity] = field(default_factory=deque)


class Presence:
    """Changes reps' states. Somebody must say what a free rep does: `on_free`."""

    def __init__(self, engine: Engine, source: Source, rng: Random, reps: list[Rep]) -> None:
        self._engine, self._source, self._rng = engine, source, rng
        self.reps = reps
        self.on_free: Callable[[Rep], None] = self.idle
        self.on_duty: dict[str, int] = {rep.team.name: 0 for rep in reps}
        """Team → reps who are at work, in any state."""

    def start(self) -> None:
        """Let everyone's duties begin; who is on duty now is at work soon."""
        for rep in self.reps:
            self._next_duty(rep)

    def change(self, rep: Rep, state: RepState, reason: str | None = None) -> None:
        """Put a rep into a state; the same state again is not told."""
        rep.turn += 1
        if state == rep.state:
            return
        rep.state = state
        data = {"rep": rep.name, "state": state, "team": rep.team.name}
        self._source.tell("reps", "rep.state_changed", rep.name, data | ({"reason": reason} if reason else {}))

    def free(self, rep: Rep) -> None:
        """Say that what a rep did is done: they leave, do what their plan has next, or are free."""
        now = self._engine.now
        if now >= rep.ends_ms:
            self._leave(rep)
        elif rep.plan and rep.plan[0].at_ms <= now:
            self._do(rep, rep.plan.popleft())
        else:
            self.on_free(rep)

    def idle(self, rep: Rep) -> None:
        """Let a rep wait for what comes."""
        rep.idle_since = self._engine.now
        self.change(rep, "available")

    def fill(self, rep: Rep, ms: int) -> None:
        """Give a rep who has nothing to do some other work."""
        state, reason = self._rng.choice(FILLERS)
        self._do(rep, Activity(self._engine.now, state, ms, reason))

    def close(self) -> None:
        """Send everyone home."""
        for rep in self.reps:
            self.change(rep, "offline")

    def _next_duty(self, rep: Rep) -> None:
        duty = next(rep.duties, None)
        if duty:
            late_ms = self._rng.randint(0, LOG_IN_MS)
            self._engine.at(max(duty.start_ms, self._engine.now) + late_ms, self._arrive, rep, duty)

    def _arrive(self, rep: Rep, duty: Duty) -> None:
        now = self._engine.now
        rep.ends_ms = duty.end_ms
        plan = sorted(_plan(self._rng, duty))
        under_way = [activity for activity in plan if activity.at_ms < now < activity.at_ms + activity.ms]
        rep.plan = deque(activity for activity in plan if activity.at_ms >= now)
        self.on_duty[rep.team.name] += 1
        for moment in [*(activity.at_ms for activity in rep.plan), rep.ends_ms]:
            self._engine.at(moment, self._nudge, rep)
        if under_way:
            last = under_way[-1]
            self._do(rep, last._replace(ms=last.at_ms + last.ms - now))
        else:
            self.free(rep)

    def _nudge(self, rep: Rep) -> None:
        """Remind a rep who waits for calls that something is due; who is busy looks when they are done."""
        if rep.state == "available":
            self.free(rep)

    def _do(self, rep: Rep, activity: Activity) -> None:
        self.change(rep, activity.state, activity.reason)
        self._engine.after(activity.ms, self._done, rep, rep.turn)

    def _done(self, rep: Rep, turn: int) -> None:
        if rep.turn == turn:
            self.free(rep)

    def _leave(self, rep: Rep) -> None:
        self.on_duty[rep.team.name] -= 1
        self.change(rep, "offline", "end of shift")
        self._next_duty(rep)


def _plan(rng: Random, duty: Duty) -> Iterator[Activity]:
    length = duty.end_ms - duty.start_ms
    for habit in HABITS:
        if rng.random() < habit.likely:
            at_ms = duty.start_ms + int(length * rng.uniform(*habit.begins))
            yield Activity(at_ms, habit.state, rng.randint(*habit.minutes) * MINUTE_MS, habit.reason)
