"""Points in time as people type them."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from streams.times import TimeError, parse_ms

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def epoch_ms(text: str, zone: str) -> int:
    """Return the epoch ms of an RFC 3339 time, or of a date's first moment in `zone`. Raises ValueError."""
    try:
        if _DATE.fullmatch(text):
            midnight = datetime.combine(date.fromisoformat(text), time(), ZoneInfo(zone))
            return int(midnight.timestamp()) * 1000
        return parse_ms(text)
    except (TimeError, ValueError):
        raise ValueError(
            f"{text!r} is neither a date like 2026-11-24 nor an RFC 3339 time with an offset like "
            "2026-11-24T09:30:00+09:00"
        ) from None
