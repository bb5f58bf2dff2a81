"""Which shift is judged when: each at its end, over all of its length, whatever other shift has begun meanwhile.

Pure. An instant is the last millisecond of a shift, or one before it where several end together: so it tells which one.
"""

from collections.abc import Iterator
from itertools import groupby

from streams.kpis.panes import MINUTE_MS
from streams.kpis.windows import ShiftOf
from streams.targets import WorkingTime

Span = tuple[int, int]
"""[begin, end), epoch ms."""


def judged(calendar: WorkingTime, from_ms: int, to_ms: int, now_ms: int) -> Iterator[tuple[Span, int]]:
    """Yield the shifts that end after `from_ms` and begin before `to_ms`, each with the instant at which it is judged. Of
    those under way at `now_ms`, that is the one that boards show then.
    """
    spans = sorted(calendar.shifts(from_ms, to_ms), key=lambda span: (span[1], -span[0]))
    for end, together in groupby((span for span in spans if span[1] <= now_ms), key=lambda span: span[1]):
        for place, span in enumerate(together):
            yield span, end - 1 - place
    if now_ms > from_ms and (shown := calendar.shift_at(now_ms - 1)) in spans and shown[1] > now_ms:
        yield shown, now_ms - 1


def shift_judged(calendar: WorkingTime) -> ShiftOf:
    """Return what tells which shift is judged at an instant; at all others it is the one that boards show."""

    def shift_of(t_ms: int) -> Span | None:
        end = (t_ms // MINUTE_MS + 1) * MINUTE_MS
        ending = [span for span in reversed(calendar.shifts(t_ms, t_ms + 1)) if span[1] == end]
        place = end - 1 - t_ms
        return ending[place] if place < len(ending) else calendar.shift_at(t_ms)

    return shift_of
