"""A call from its first to its last event: what inbound, outbound and recorded calls share."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from schemas.events.fields import CallOutcome, Direction
from streams.simulate.draws import Lognormal
from streams.simulate.engine import Engine
from streams.simulate.presence import Presence, Rep
from streams.simulate.source import Source


@dataclass(frozen=True, slots=True)
class Manner:
    """How calls of a kind go once both sides speak."""

    talk: Lognormal
    wrap: Lognormal
    held: float
    """How many are put on hold, once."""
    wrap_known: float
    """How many end with a fixed time for after-call work, which telephony tells with the end; of the others it tells
    the measured time when it is over, as `call.wrapped`."""


HOLD = Lognormal(35, 0.6, 6, 240)
FIXED_WRAP_MS = 20_000


@dataclass(slots=True, eq=False)
class Call:
    """A call that is not over."""

    call_id: str
    direction: Direction
    began_ms: int
    queue: str = ""
    team: str = ""
    campaign: str = ""
    customer: str = ""
    rep: Rep | None = None
    state: Literal["waiting", "ringing", "talking", "held", "wrapping", "over"] = "waiting"
    since_ms: int = 0
    """When the state began."""
    wait_ms: int | None = None
    ring_ms: int | None = None
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_ms: int | None = None
    """Only where the end tells it."""

    def told(self, *names: str) -> dict[str, Any]:
        """Return these fields as data of an event; what is empty is left out."""
        values = {name: getattr(self, name) for name in names}
        data = {"call_id": self.call_id, "direction": self.direction, **values}
        if self.rep:
            data["rep"] = self.rep.name
        return {name: value for name, value in data.items() if value is not None and value != ""}


class Lines:
    """Carries calls: answer, hold, hang up, wrap up. Telephony tells each step."""

    def __init__(self, engine: Engine, source: Source, presence: Presence, rng: Random) -> None:
        self._engine, self._source, self._presence, self._rng = engine, source, presence, rng
        self.open: dict[str, Call] = {}
        """Calls of which telephony will say more."""
        self.after_talk: Callable[[Call], None] = lambda call: None
        """Called when a rep has hung up."""

    def begin(self, call: Call) -> None:
        """Carry a new call."""
        call.since_ms = self._engine.now
        self.open[call.call_id] = call

    def queued(self, call: Call) -> None:
        """Tell that a call waits."""
        self._tell("call.queued", call, call.told("queue", "team", "customer"))

    def ring(self, call: Call, rep: Rep) -> None:
        """Let a rep's telephone ring."""
        call.rep, call.team = rep, rep.team.name
        self._step(call, "ringing")
        self._presence.change(rep, "ringing")

    def answer(self, call: Call, manner: Manner, factor: float = 1.0) -> None:
        """Let both sides speak, for as long as such calls take, stretched by `factor`."""
        rep = _rep(call)
        self._step(call, "talking")
        self._tell("call.answered", call, call.told("queue", "team", "wait_ms"))
        self._presence.change(rep, "on_call")
        talk_ms = manner.talk.draw_ms(self._rng, factor)
        if self._rng.random() < manner.held:
            before = int(talk_ms * self._rng.uniform(0.2, 0.8))
            self._engine.after(before, self._hold, call, manner, talk_ms - before)
        else:
            self._engine.after(talk_ms, self._hang_up, call, manner)

    def over(self, call: Call, outcome: CallOutcome) -> None:
        """Tell a call's end, as it is now."""
        self._step(call, "over")
        fields = ["queue", "team", "campaign", "customer", "wait_ms", "ring_ms"]
        if outcome == "answered":
            fields += ["talk_ms", "hold_ms", "wrap_ms"]
        self._tell("call.ended", call, {**call.told(*fields), "outcome": outcome})
        self.open.pop(call.call_id, None)

    def close(self) -> None:
        """Cut every call."""
        for call in list(self.open.values()):
            if call.state == "wrapping":
                self._wrapped(call)
            elif call.state in ("talking", "held"):
                self.over(call, "answered")
            elif call.direction == "inbound":
                call.wait_ms = self._engine.now - call.began_ms
                call.rep = None
                self.over(call, "abandoned")
            else:
                self.over(call, "failed")

    def _hold(self, call: Call, manner: Manner, rest_ms: int) -> None:
        self._step(call, "held")
        self._presence.change(_rep(call), "on_hold")
        self._engine.after(HOLD.draw_ms(self._rng), self._resume, call, manner, rest_ms)

    def _resume(self, call: Call, manner: Manner, rest_ms: int) -> None:
        self._step(call, "talking")
        self._presence.change(_rep(call), "on_call")
        self._engine.after(rest_ms, self._hang_up, call, manner)

    def _hang_up(self, call: Call, manner: Manner) -> None:
        fixed = self._rng.random() < manner.wrap_known
        wrap_ms = FIXED_WRAP_MS if fixed else manner.wrap.draw_ms(self._rng)
        call.wrap_ms = wrap_ms if fixed else None
        self.over(call, "answered")
        self._presence.change(_rep(call), "wrap_up")
        if fixed:
            self._engine.after(wrap_ms, self._presence.free, _rep(call))
        else:
            self.open[call.call_id] = call
            self._step(call, "wrapping")
            self._engine.after(wrap_ms, self._done, call)
        self.after_talk(call)

    def _done(self, call: Call) -> None:
        self._wrapped(call)
        self._presence.free(_rep(call))

    def _wrapped(self, call: Call) -> None:
        del self.open[call.call_id]
        call.wrap_ms = self._engine.now - call.since_ms
        self._tell("call.wrapped", call, call.told("queue", "team", "campaign", "wrap_ms"))

    def _step(self, call: Call, state: Literal["ringing", "talking", "held", "wrapping", "over"]) -> None:
        """Go from one state to the next; the time in the last one is the call's."""
        passed = self._engine.now - call.since_ms
        if call.state == "ringing":
            call.ring_ms = passed
        elif call.state == "talking":
            call.talk_ms += passed
        elif call.state == "held":
            call.hold_ms += passed
        call.state, call.since_ms = state, self._engine.now

    def _tell(self, kind: str, call: Call, data: dict[str, Any]) -> None:
        self._source.tell("calls", kind, call.call_id, data)


def _rep(call: Call) -> Rep:
    assert call.rep is not None
    return call.rep
