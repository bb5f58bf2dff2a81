"""When a target is judged: a window of a day, shift, week or month at its last moment, a trailing one all day long.

Pure. Times are epoch ms.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from streams.kpis.panes import MINUTE_MS, MINUTES_A_QUARTER
from streams.kpis.windows import SHIFT, TRAILING_MINUTES, whole
from streams.review.shifts import judged
from streams.targets import WorkingTime


@dataclass(frozen=True, slots=True)
class Period:
    """A day, shift, week or month, and the instants at which a window is judged in it, ascending."""

    from_ms: int
    to_ms: int
    instants: tuple[int, ...]


def periods(
    window: str, from_ms: int, to_ms: int, zone: ZoneInfo, calendar: WorkingTime, now_ms: int
) -> Iterator[Period]:
    """Yield the periods of a window that end after `from_ms` and begin before `to_ms`.

    Each is judged at its own end, though it lies after `to_ms`, and one that is still under way as it is at `now_ms`. A
    trailing window is judged day by day, within the range: at each multiple of its length since midnight, or at each
    quarter where it is shorter, that ends in working time.
    """
    if window == SHIFT:
        yield from (Period(*span, (t_ms,)) for span, t_ms in judged(calendar, from_ms, to_ms, now_ms))
        return
    day = "today" if window in TRAILING_MINUTES else window
    begin, end = _whole(day, from_ms, zone)
    while begin < to_ms:
        if window not in TRAILING_MINUTES:
            yield Period(begin, end, (min(end, now_ms) - 1,))
        elif inside := _inside(_trailing(TRAILING_MINUTES[window], begin, end, calendar), from_ms, to_ms):
            yield Period(begin, end, inside)
        begin, end = _whole(day, end, zone)


def _whole(window: str, t_ms: int, zone: ZoneInfo) -> tuple[int, int]:
    span = whole(window, t_ms, zone)
    assert span
    return span


def _inside(instants: Iterable[int], from_ms: int, to_ms: int) -> tuple[int, ...]:
    return tuple(t for t in instants if from_ms <= t < to_ms)


def _trailing(minutes: int, begin: int, end: int, calendar: WorkingTime) -> Iterator[int]:
    step = max(minutes, MINUTES_A_QUARTER) * MINUTE_MS
    for border in range(begin + step, end + 1, step):
        if calendar.between(border - MINUTE_MS, border):
            yield border - 1
