"""RFC 3339 to epoch milliseconds: exact, strict, and in a seventh of a microsecond for times that look like the last.

A text is cut after its seconds: `2026-11-24T09:30:00` and the tail `.123+09:00`. Each part is right or wrong by itself,
so each has its table, and a text is right when both parts are.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

UNREADABLE = -(1 << 60)
"""Stands for a part that is no time. A sum with one or two of them lies below `NO_TIME`, whatever the other part."""
NO_TIME = UNREADABLE // 2
NO_TIME_WORDS = "time must be a real RFC 3339 time with an offset, like 2026-11-24T09:30:00.000+09:00"
TABLE_LIMIT = 100_000

_CUT = 19
_WALL = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)", re.ASCII)
_ZONE = re.compile(r"[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeError(ValueError):
    """The text is no RFC 3339 time with an offset."""


class _Table(dict[str, int]):
    """Texts read before; `__missing__` of a subclass reads a new one."""

    def keep(self, text: str, ms: int) -> int:
        """Remember what `text` means; a full table starts anew."""
        if len(self) >= TABLE_LIMIT:
            self.clear()
        self[text] = ms
        return ms


class _Walls(_Table):
    """`2026-11-24T09:30:00` → its epoch ms if it were UTC."""

    def __missing__(self, text: str) -> int:
        found = _WALL.fullmatch(text)
        if found is None:
            return UNREADABLE
        try:
            since = datetime(*map(int, found.groups()), tzinfo=UTC) - _EPOCH  # type: ignore[misc,arg-type]  # six numbers
        except ValueError:
            return UNREADABLE
        return self.keep(text, (since.days * 86_400 + since.seconds) * 1000)


class _Zones(_Table):
    """`Z` or `+09:00` → what it adds to the wall clock, in ms."""

    def __missing__(self, text: str) -> int:
        found = _ZONE.fullmatch(text)
        if found is None:
            return UNREADABLE
        sign, hours, minutes = found.groups()
        offset_ms = (int(hours) * 60 + int(minutes)) * 60_000 if sign else 0
        return self.keep(text, offset_ms if sign == "-" else -offset_ms)


class _Tails(_Table):
    """A fraction, or none, with a zone → what both add, in ms. Finer fractions than ms would fill the table: not kept."""

    def __init__(self) -> None:
        super().__init__()
        self._zones = _Zones()

    def __missing__(self, text: str) -> int:
        if not text.startswith("."):
            return self._zones[text]
        zone = text[1:].lstrip("0123456789")
        digits = text[1 : len(text) - len(zone)]
        if not 1 <= len(digits) <= 9:
            return UNREADABLE
        ms = int((digits + "00")[:3]) + self._zones[zone]
        return self.keep(text, ms) if len(digits) <= 3 and ms > NO_TIME else ms


class TimeReader:
    """Reads many times; its tables stay below `TABLE_LIMIT` texts each."""

    def __init__(self) -> None:
        self._walls = _Walls()
        self._tails = _Tails()

    def read_all(self, texts: Sequence[str]) -> list[int]:
        """Return each text's epoch ms, cut and never rounded; a number below `NO_TIME` for a text that is no time."""
        walls, tails = self._walls, self._tails
        return [walls[text[:_CUT]] + tails[text[_CUT:]] for text in texts]


def parse_ms(text: str) -> int:
    """Return epoch milliseconds; a finer fraction is cut, never rounded. Raises TimeError."""
    (ms,) = TimeReader().read_all([text])
    if ms < NO_TIME:
        raise TimeError(NO_TIME_WORDS)
    return ms
