"""RFC 3339 to epoch milliseconds: exact and strict. Events' times are read by `native/rfc3339.h`, by the same rules."""

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeError(ValueError):
    """The text is no RFC 3339 time with an offset."""


def parse_ms(text: str) -> int:
    """Return epoch milliseconds; a finer fraction is cut, never rounded. Raises TimeError."""
    found = _RFC3339.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        *wall, fraction, sign, hours, minutes = found.groups()
        since = datetime(*map(int, wall), tzinfo=UTC) - _EPOCH  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        words = "time must be a real RFC 3339 time with an offset, like 2026-11-24T09:30:00.000+09:00"
        raise TimeError(words) from None
    ms = (since.days * 86_400 + since.seconds) * 1000 + int(((fraction or "") + "000")[:3])
    offset_ms = (int(hours) * 60 + int(minutes)) * 60_000 if sign else 0
    return ms + offset_ms if sign == "-" else ms - offset_ms
