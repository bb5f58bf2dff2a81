"""How busy a stream of arrivals is over the day and the week, and Poisson arrivals that follow it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import pi, sin
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from streams.simulate.draws import exponential_ms
from streams.simulate.engine import Engine

Profile = Literal["real", "busy"]
"""`real`: the local day and week; `busy`: an ordinary busy hour at any hour, for demos."""

PEAK = 1.3
"""The most that `Demand.at` returns."""
MINUTE_MS = 60_000

# Demand by local hour, 1 = an ordinary busy hour. After the intraday curves of call-centre textbooks: two humps.
DAY = (
    0.12, 0.08, 0.06, 0.05, 0.05, 0.07, 0.12, 0.25, 0.5, 0.85, 1, 0.95, 0.8, 0.85, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5,
    0.4, 0.3, 0.2,
)  # fmt: skip
WEEK = (1.1, 1, 0.95, 0.95, 0.9, 0.35, 0.25)
FOR_EACH_REP = tuple(0.4 + 0.62 * level for level in DAY)
"""Calls for each rep on duty: staff is planned after the day's demand, and never quite fits it."""
ANY_HOUR = (1,) * 24
EVERY_DAY = (1,) * 7


class Demand:
    """The factor on a stream's ordinary busy hour."""

    def __init__(
        self, zone: str, day: Sequence[float], week: Sequence[float], waves: Callable[[int], float] | None = None
    ) -> None:
        self._zone = ZoneInfo(zone)
        self._day, self._week, self._waves = day, week, waves
        self._minute = -1
        self._factor = 0.0

    @classmethod
    def of(cls, profile: Profile, zone: str) -> "Demand":
        """Return the demand for everything together: the day and the week, or the same at any hour."""
        return cls(zone, DAY, WEEK) if profile == "real" else cls(zone, ANY_HOUR, EVERY_DAY)

    @classmethod
    def for_each_rep(cls, profile: Profile, zone: str, phase: float) -> "Demand":
        """Return the demand for each rep on duty, in slow waves that begin at `phase` (0 to 1)."""
        return cls(zone, FOR_EACH_REP if profile == "real" else ANY_HOUR, EVERY_DAY, waves(phase))

    def at(self, ms: int) -> float:
        """Return the factor in the minute of `ms`: 0 to PEAK."""
        minute = ms // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._factor = min(PEAK, self._level(minute) * (self._waves(minute) if self._waves else 1))
        return self._factor

    def _level(self, minute: int) -> float:
        local = datetime.fromtimestamp(minute * 60, self._zone)
        this, following = self._day[local.hour], self._day[(local.hour + 1) % 24]
        return self._week[local.weekday()] * (this + (following - this) * local.minute / 60)


def waves(phase: float) -> Callable[[int], float]:
    """Return waves of 37 and 11 minutes: a floor has easier and harder quarters of an hour."""
    turn = 2 * pi * phase
    return lambda minute: 1 + 0.12 * sin(2 * pi * minute / 37 + turn) + 0.06 * sin(2 * pi * minute / 11 + 3 * turn)


class Poisson:
    """Independent arrivals: `action` is done `per_second` · demand times a second (thinned from the peak's rate)."""

    def __init__(
        self, engine: Engine, rng: Random, per_second: float, demand: Demand, action: Callable[[], None]
    ) -> None:
        self._engine, self._rng, self._demand, self._action = engine, rng, demand, action
        self._mean_s = 1 / (per_second * PEAK) if per_second > 0 else 0.0

    def start(self) -> None:
        """Begin now; a rate of 0 never arrives."""
        if self._mean_s:
            self._next()

    def _next(self) -> None:
        self._engine.after(exponential_ms(self._rng, self._mean_s), self._arrive)

    def _arrive(self) -> None:
        if self._rng.random() * PEAK < self._demand.at(self._engine.now):
            self._action()
        self._next()
