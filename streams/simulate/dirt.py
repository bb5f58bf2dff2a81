"""The dirt of real life: repeats, late and out-of-order arrivals, and broken copies beside the sound event.

Dirt never changes what is true: without what is refused and repeated, the events are those of the clean run.
"""

from heapq import heappop, heappush
from itertools import count
from random import Random

from schemas.refusals import Reason
from streams.simulate.breakage import broken
from streams.simulate.draws import Choice, Lognormal
from streams.simulate.engine import Arrival

REPEATED = Lognormal(8, 1.3, 0.02, 3600)
LATE = Lognormal(200, 0.8, 65, 3600)
OUT_OF_ORDER = Lognormal(6, 0.8, 1, 50)
BROKEN = "broken"
KINDS = Choice({"duplicate": 0.35, "late": 0.2, "out_of_order": 0.2, BROKEN: 0.25})
REASONS = Choice(
    {
        Reason.NOT_JSON: 0.25,
        Reason.INVALID: 0.35,
        Reason.UNKNOWN_TYPE: 0.12,
        Reason.WRONG_TOPIC: 0.08,
        Reason.FUTURE: 0.1,
        Reason.TOO_LATE: 0.09,
        Reason.TOO_LARGE: 0.01,
    }
)


class Dirt:
    """Makes a share of the arrivals dirty, each in one way."""

    def __init__(self, share: float, seed: str) -> None:
        self._share = share
        self._rng = Random(seed)
        self._held: list[tuple[int, int, Arrival]] = []
        self._turn = count()

    def pass_on(self, arrivals: list[Arrival], until_ms: int) -> list[Arrival]:
        """Return what arrives by `until_ms`, in order of arrival, when `arrivals` have left their sources."""
        if not self._share:
            return arrivals
        for arrival in arrivals:
            for made in self._dirty(arrival) if self._rng.random() < self._share else (arrival,):
                heappush(self._held, (made.at_ms, next(self._turn), made))
        return self._due(until_ms)

    def drain(self, now_ms: int) -> list[Arrival]:
        """Return what is held back, as if it arrived now."""
        return [arrival._replace(at_ms=min(arrival.at_ms, now_ms)) for arrival in self._due(1 << 62)]

    def _due(self, until_ms: int) -> list[Arrival]:
        due = []
        while self._held and self._held[0][0] <= until_ms:
            due.append(heappop(self._held)[2])
        return due

    def _dirty(self, arrival: Arrival) -> tuple[Arrival, ...]:
        kind = KINDS.draw(self._rng)
        if kind == "duplicate":
            return arrival, self._delayed(arrival, REPEATED, kind)
        if kind == BROKEN:
            return arrival, broken(arrival, REASONS.draw(self._rng), self._rng)
        return (self._delayed(arrival, LATE if kind == "late" else OUT_OF_ORDER, kind),)

    def _delayed(self, arrival: Arrival, delay: Lognormal, kind: str) -> Arrival:
        return arrival._replace(at_ms=arrival.at_ms + delay.draw_ms(self._rng), dirt=kind)
