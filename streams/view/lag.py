"""Whether a partition falls behind: pure, told what was seen and when."""

from collections import deque
from itertools import pairwise
from typing import NamedTuple

BEHIND_MS = 30_000
STEP_MS = 5_000
STEPS = BEHIND_MS // STEP_MS


class Sample(NamedTuple):
    """A partition at an instant."""

    at_ms: int
    next: int
    lag: int


class LagWatch:
    """Says whether one partition has fallen behind for 30 s.

    One that stands still has when records waited for it all that time. One that moves has when the least lag of each
    5 s was greater than that of the 5 s before, and is at last half as great again as at first: the lag of a healthy
    partition swings, and its swings are no growth.
    """

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque()

    def see(self, sample: Sample) -> None:
        """Take up a sample; they come in the order of time. After a pause nothing is known of what was before."""
        if self._samples and sample.at_ms - self._samples[-1].at_ms > STEP_MS:
            self._samples.clear()
        self._samples.append(sample)
        while len(self._samples) > 1 and self._samples[1].at_ms <= sample.at_ms - BEHIND_MS:
            self._samples.popleft()

    def behind(self) -> bool:
        """Say whether it has fallen behind for 30 s."""
        if not self._samples:
            return False
        first, last = self._samples[0], self._samples[-1]
        if last.at_ms - first.at_ms < BEHIND_MS:
            return False
        if first.next == last.next:
            return all(sample.lag > 0 for sample in self._samples)
        if last.lag <= first.lag:
            return False
        least = self._least()
        return all(a < b for a, b in pairwise(least)) and 2 * least[-1] >= 3 * max(least[0], 1)

    def _least(self) -> list[int]:
        """Return the least lag of each step, oldest first."""
        end = self._samples[-1].at_ms
        least: dict[int, int] = {}
        for sample in self._samples:
            step = min((end - sample.at_ms) // STEP_MS, STEPS - 1)
            least[step] = min(sample.lag, least.get(step, sample.lag))
        return [least[step] for step in sorted(least, reverse=True)]
