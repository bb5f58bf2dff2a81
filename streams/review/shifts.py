"""Which shift is judged when: each at its end, over all of its length, whatever other shift has begun meanwhile.

Pure. An instant is the last millisecond of a shift, or one before it where several end together: so it tells which one.
"""

from collections.abc import Iterator

from streams.kpis.panes import MINUTE_MS
from streams.kpis.windows import ShiftOf
from streams.targets import WorkingTime
from streams.targets.working_time import Span


def judged(calendar: WorkingTime, from_ms: int, to_ms: int, now_ms: int) -> Iterator[tuple[Span, int]]:
    """Yield the shifts that end after `from_ms` and begin before `to_ms`, each with the instant at which it is judged. Of
    those under way at `now_ms`, that is the one that boards show then.
    """
    shown = calendar.shift_at(now_ms - 1)
    for span in calendar.shifts(from_ms, to_ms):
        end_ms = span[1]
        if end_ms <= now_ms:
            yield span, end_ms - 1 - _ending(calendar, end_ms).index(span)
        elif span == shown:
            yield span, now_ms - 1


def shift_judged(calendar: WorkingTime) -> ShiftOf:
    """Return what tells which shift is judged at an instant; at all others it is the one that boards show."""

    def shift_of(t_ms: int) -> Span | None:
        end_ms = (t_ms // MINUTE_MS + 1) * MINUTE_MS
        ending, place = _ending(calendar, end_ms), end_ms - 1 - t_ms
        return ending[place] if place < len(ending) else calendar.shift_at(t_ms)

    return shift_of


def _ending(calendar: WorkingTime, end_ms: int) -> list[Span]:
    """Return all shifts that end at an instant, the one that began last first."""
    return [span for span in reversed(calendar.shifts(end_ms - 1, end_ms)) if span[1] == end_ms]
