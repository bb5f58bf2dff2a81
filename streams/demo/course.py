"""What only a row of readings says: how fast events are applied, and since when a topic is stale. Pure."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime

from streams.demo.reading import Reading

OVER_S = 10.0


class Course:
    """Follows readings."""

    def __init__(self) -> None:
        self.stale_since: Mapping[str, datetime] = {}
        """Stale topic → the first reading of this stretch that called it stale."""
        self._lately: deque[Reading] = deque()

    def see(self, reading: Reading) -> None:
        """Take up a reading."""
        self.stale_since = {topic: self.stale_since.get(topic, reading.at) for topic in reading.stale}
        if self._lately and reading.applied < self._lately[-1].applied:
            self._lately.clear()
        self._lately.append(reading)
        while len(self._lately) > 2 and _seconds(self._lately[1], reading) >= OVER_S:
            self._lately.popleft()

    @property
    def per_second(self) -> float | None:
        """Events applied a second over the last ten; None where there is nothing to compare."""
        if not self._lately or (seconds := _seconds(self._lately[0], self._lately[-1])) <= 0:
            return None
        return (self._lately[-1].applied - self._lately[0].applied) / seconds


def _seconds(earlier: Reading, later: Reading) -> float:
    return (later.at - earlier.at).total_seconds()
