"""Panes: fixed slices of event time, numbered from the epoch. Quarters are of UTC, and of every zone in use today."""

from dataclasses import dataclass

MINUTE_MS = 60_000
QUARTER_MS = 900_000
MINUTES_A_QUARTER = 15
QUARTERS_KEPT_MS = 35 * 86_400_000


def minute_of(ms: int) -> int:
    """Return the minute pane that an epoch time in ms falls into; its borders are minute · 60 000 ms."""
    return ms // MINUTE_MS


def quarter_of(ms: int) -> int:
    """Return the 15-minute pane that an epoch time in ms falls into."""
    return ms // QUARTER_MS


def minute_start(minute: int) -> int:
    """Return the first ms of a minute pane."""
    return minute * MINUTE_MS


def quarter_start(quarter: int) -> int:
    """Return the first ms of a quarter pane."""
    return quarter * QUARTER_MS


def pane_span(name: str) -> tuple[int, int]:
    """Return the [begin, end), epoch ms, of a pane as it is stored: `m:<minute>` or `q:<quarter>`."""
    length = MINUTE_MS if name[0] == "m" else QUARTER_MS
    begin = int(name[2:]) * length
    return begin, begin + length


@dataclass(frozen=True, slots=True)
class Cover:
    """The panes that make a range: whole quarters, and the minutes before and after them. No moment is in two."""

    quarters: range
    head: range
    """Minutes before the first quarter; all minutes if no whole quarter fits in."""
    tail: range
    """Minutes after the last quarter."""


def cover(from_ms: int, to_ms: int) -> Cover:
    """Return the panes of [from, to), both minute borders, with as few panes as there can be."""
    first, last = -(-from_ms // QUARTER_MS), to_ms // QUARTER_MS
    from_minute, to_minute = minute_of(from_ms), minute_of(to_ms)
    if first >= last:
        return Cover(range(0), range(from_minute, to_minute), range(0))
    return Cover(
        quarters=range(first, last),
        head=range(from_minute, first * MINUTES_A_QUARTER),
        tail=range(last * MINUTES_A_QUARTER, to_minute),
    )
