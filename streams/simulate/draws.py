"""The distributions that a floor's durations and amounts follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import log
from random import Random
from typing import Generic, TypeVar

Word = TypeVar("Word")


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Most are near the median, a few are far longer: what talk, wrap and patience look like. In seconds, cut to
    [low, high].
    """

    median: float
    sigma: float
    low: float
    high: float

    def draw_ms(self, rng: Random, factor: float = 1.0) -> int:
        """Return a duration in ms; `factor` stretches the curve, not its limits."""
        seconds = rng.lognormvariate(log(self.median * factor), self.sigma)
        return int(1000 * min(max(seconds, self.low), self.high))


def exponential_ms(rng: Random, mean_s: float) -> int:
    """Return a waiting time without memory, in ms, 1 or more."""
    return int(rng.expovariate(1.0) * mean_s * 1000) + 1


def poisson(rng: Random, mean: float) -> int:
    """Return how many came, when `mean` are expected: exact below 50, rounded normal above."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    number, passed = 0, rng.expovariate(1.0)
    while passed < mean:
        number, passed = number + 1, passed + rng.expovariate(1.0)
    return number


class Choice(Generic[Word]):
    """One of several words, each as likely as its weight."""

    def __init__(self, weights: dict[Word, float]) -> None:
        self._words: Sequence[Word] = tuple(weights)
        self._steps = tuple(accumulate(weights.values()))
        self.total = self._steps[-1]

    def draw(self, rng: Random) -> Word:
        """Return a word."""
        return rng.choices(self._words, cum_weights=self._steps)[0]
