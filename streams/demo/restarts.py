"""When a process that died is started again, and when that is hopeless."""

from collections import deque

LIMIT = 5
WITHIN_S = 60.0


class Restarts:
    """Allows `limit` starts within any `within_s` seconds. Knows no clock."""

    def __init__(self, limit: int = LIMIT, within_s: float = WITHIN_S) -> None:
        self.limit, self.within_s = limit, within_s
        self._at: deque[float] = deque()

    def allow(self, now_s: float) -> bool:
        """Say whether it may be started again, and count that it is."""
        while self._at and now_s - self._at[0] >= self.within_s:
            self._at.popleft()
        if len(self._at) >= self.limit:
            return False
        self._at.append(now_s)
        return True

    @property
    def lately(self) -> int:
        """How often it was started again lately."""
        return len(self._at)
