"""Windows: what a board shows, as ranges of event time that panes make up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from streams.kpis.panes import (
    MINUTE_MS,
    MINUTES_A_QUARTER,
    QUARTER_MS,
    QUARTERS_KEPT_MS,
    Cover,
    cover,
    minute_of,
    quarter_of,
)

TRAILING_MINUTES = {"5m": 5, "15m": 15, "30m": 30, "1h": 60}
DAYS = ("today", "week", "month")
SHIFT = "shift"
WINDOWS = (*TRAILING_MINUTES, "today", SHIFT, "week", "month")
WHOLE_QUARTERS_AFTER_MS = 3 * 3_600_000
"""Before now by more than this, windows are made of quarters alone: minute panes do not last."""

ShiftOf = Callable[[int], tuple[int, int] | None]
"""t (epoch ms) → the [begin, end) of the calendar's shift that holds t, the one that began last where two do."""


@dataclass(frozen=True, slots=True)
class Range:
    """A window's [from, to) in epoch ms."""

    from_ms: int
    to_ms: int
    whole_quarters: bool
    """Whether quarter panes alone make it up, because t is too long ago for minute panes."""

    def cover(self) -> Cover:
        """Return the panes that make it up."""
        return cover(self.from_ms, self.to_ms)


def window_range(window: str, t_ms: int, now_ms: int, zone: ZoneInfo, shift_of: ShiftOf | None = None) -> Range | None:
    """Return the range of a window that ends with t's whole pane.

    None when it begins before what is kept (35 days before now), and for `shift` outside of shifts or without
    `shift_of`. Raises KeyError for a window that is not one of WINDOWS.
    """
    quarters = t_ms < now_ms - WHOLE_QUARTERS_AFTER_MS
    to_ms = (quarter_of(t_ms) + 1) * QUARTER_MS if quarters else (minute_of(t_ms) + 1) * MINUTE_MS
    from_ms = _begin(window, t_ms, to_ms, quarters, zone, shift_of)
    if from_ms is None or from_ms < now_ms - QUARTERS_KEPT_MS:
        return None
    return Range(from_ms, to_ms, quarters)


def _begin(window: str, t_ms: int, to_ms: int, quarters: bool, zone: ZoneInfo, shift_of: ShiftOf | None) -> int | None:
    if window == SHIFT:
        shift = shift_of(t_ms) if shift_of else None
        return shift[0] if shift else None
    if window in DAYS:
        return midnight(_first_day(window, t_ms, zone), zone)
    minutes = TRAILING_MINUTES[window]
    if quarters:
        minutes += -minutes % MINUTES_A_QUARTER
    return to_ms - minutes * MINUTE_MS


def _first_day(window: str, t_ms: int, zone: ZoneInfo) -> date:
    day = local_date(t_ms, zone)
    if window == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if window == "month" else day


def whole(window: str, t_ms: int, zone: ZoneInfo, shift_of: ShiftOf | None = None) -> tuple[int, int] | None:
    """Return the [begin, end) in epoch ms that a window has when it is over: a day, week, month or shift.

    None outside of shifts, and for trailing windows, which are never over.
    """
    if window == SHIFT:
        return shift_of(t_ms) if shift_of else None
    if window not in DAYS:
        return None
    first = _first_day(window, t_ms, zone)
    if window == "month":
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    else:
        after = first + timedelta(days=7 if window == "week" else 1)
    return midnight(first, zone), midnight(after, zone)


def local_date(ms: int, zone: ZoneInfo) -> date:
    """Return the date in a zone at an epoch time in ms."""
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return the epoch ms at which a day begins: the first of a repeated midnight, a skipped one moved on by the gap."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000
