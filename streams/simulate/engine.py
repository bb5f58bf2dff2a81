"""A discrete-event simulation: a heap of timed actions, and a heap of what they sent and has not yet arrived."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple


class Arrival(NamedTuple):
    """A record as it reaches Kafka."""

    at_ms: int
    """Arrival, epoch ms: the record's timestamp."""
    topic: str
    key: str
    value: bytes
    dirt: str = ""
    """What is wrong with it: `duplicate`, `late`, `out_of_order`, or why it will be refused; empty: clean."""


class Engine:
    """Runs actions in the order of their times, equal times in the order of their scheduling."""

    def __init__(self, start_ms: int) -> None:
        self.now = start_ms
        """Epoch ms of the simulated floor."""
        self.sent = 0
        """Records sent so far."""
        self._actions: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._under_way: list[tuple[int, int, Arrival]] = []
        self._turn = count()

    def at(self, ms: int, action: Callable[..., None], *arguments: Any) -> None:
        """Do `action` at `ms`, or now if that has passed."""
        heappush(self._actions, (max(ms, self.now), next(self._turn), action, arguments))

    def after(self, ms: int, action: Callable[..., None], *arguments: Any) -> None:
        """Do `action` in `ms` milliseconds (0 or more)."""
        heappush(self._actions, (self.now + ms, next(self._turn), action, arguments))

    def send(self, arrival: Arrival) -> None:
        """Let a record arrive at its time: after now, or first of all where that has passed."""
        self.sent += 1
        heappush(self._under_way, (arrival.at_ms, next(self._turn), arrival))

    def advance(self, until_ms: int) -> list[Arrival]:
        """Do everything that is due by `until_ms`; return what has arrived by then, in order of arrival.

        The steps in which one advances change nothing: whatever a later action sends arrives after that action.
        """
        actions = self._actions
        while actions and actions[0][0] <= until_ms:
            self.now, _, action, arguments = heappop(actions)
            action(*arguments)
        self.now = max(self.now, until_ms)
        return self._arrived(until_ms)

    def take_back(self) -> list[Arrival]:
        """Return what is still under way, in order of arrival; it will not arrive unless it is sent again."""
        return self._arrived(1 << 62)

    def _arrived(self, until_ms: int) -> list[Arrival]:
        under_way, arrived = self._under_way, []
        while under_way and under_way[0][0] <= until_ms:
            arrived.append(heappop(under_way)[2])
        return arrived
