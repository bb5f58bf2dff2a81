"""How long things are kept. Both kinds of store obey."""

from streams.store.protocol import HOUR_MS, MINUTE_MS, QUARTER_MS

MINUTE_KEPT_S = 5 * 3600
QUARTER_KEPT_S = 35 * 86_400 + 3600
SILENT_DAYS = 36
"""A name that nobody showed for so many days gives up its place, when another one needs it."""
MOST_SOURCES = 200
"""Sources that a partition keeps the latest event time of: the first ones."""


def expiry_s(pane: str) -> int:
    """Return when a pane `m:<minute>` or `q:<quarter>` is forgotten, epoch seconds: so long after its end."""
    length_ms, kept_s = (MINUTE_MS, MINUTE_KEPT_S) if pane[0] == "m" else (QUARTER_MS, QUARTER_KEPT_S)
    return (int(pane[2:]) + 1) * length_ms // 1000 + kept_s


def forgotten_hour(arrival: int, horizon_hours: int) -> int:
    """Return the last arrival hour whose ids are forgotten once `arrival` was the highest. Never the clock's say: a
    back-fill of last week remembers as long as that week did. Two hours more than the horizon are kept: hours are
    whole, and arrivals may go back a little.
    """
    return arrival // HOUR_MS - horizon_hours - 2
