"""RFC 3339 to epoch milliseconds: exact, strict, and in a fraction of a microsecond for times that look like the last.

A text is cut after its seconds: `2026-11-24T09:30:00` and the tail `.123+09:00`. Each part is right or wrong by itself,
so each has its table, and a text is right when both parts are.

Many texts that differ from the first one by digits of the time of day alone, as those of one source do all day, are
read together: each lies as far from the first as its digits do.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
"""Moments, epoch ms."""

UNREADABLE = -(1 << 60)
"""Stands for a part that is no time. A sum with one or two of them lies below `NO_TIME`, whatever the other part."""
NO_TIME = UNREADABLE // 2
NO_TIME_WORDS = "time must be a real RFC 3339 time with an offset, like 2026-11-24T09:30:00.000+09:00"
TABLE_LIMIT = 100_000
MANY = 200
"""So many texts are read together if they are alike: for fewer it does not pay."""

_DATE, _CUT = 11, 19
_OF_A_DAY = (36e6, 36e5, 0, 6e5, 6e4, 0, 1e4, 1e3)
"""What the digits of `09:30:00` are worth, in ms."""
_OF_A_SECOND = (0, 100, 10, 1)
"""What a point and the first three digits after it are worth, in ms."""
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

    def read_all(self, texts: Sequence[str]) -> Times:
        """Return each text's epoch ms, cut and never rounded; a number below `NO_TIME` for a text that is no time."""
        if len(texts) >= MANY and (together := self._alike(texts)) is not None:
            return together
        walls, tails = self._walls, self._tails
        return np.array([walls[text[:_CUT]] + tails[text[_CUT:]] for text in texts], dtype=np.int64)

    def _alike(self, texts: Sequence[str]) -> Times | None:
        """Read texts that all look like the first one; None if some do not, or if that one is no time."""
        first = texts[0]
        ms = self._walls[first[:_CUT]] + self._tails[first[_CUT:]]
        joined = "\n".join([*texts, ""]).encode("ascii", "replace")
        if ms < NO_TIME or len(joined) != len(texts) * (len(first) + 1):
            return None
        rows = np.frombuffer(joined, dtype=np.uint8).reshape(len(texts), -1)
        least, most, worth = _bounds(first)
        if (rows < least).any() or (rows > most).any() or _is_over(rows[:, _DATE], rows[:, _DATE + 1]):
            return None
        within_day = (rows.astype(np.float64) @ worth).astype(np.int64)
        together: Times = ms + within_day - within_day[0]
        return together


def _bounds(first: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Return the least and the most that each byte of a text like the first one may be, with the line feed after it,
    and what it is worth in ms: all but the digits of the time of day must be the first one's. An hour may still be over.
    """
    tail = first[_CUT:]
    fraction = len(tail) - len(tail.lstrip(".0123456789"))
    least, most = (
        first[:_DATE] + clock + ("." + digit * (fraction - 1) if fraction else "") + tail[fraction:] + "\n"
        for clock, digit in (("00:00:00", "0"), ("29:59:59", "9"))
    )
    worth = np.zeros(len(least))
    worth[_DATE:_CUT] = _OF_A_DAY
    read = _OF_A_SECOND[:fraction]
    worth[_CUT : _CUT + len(read)] = read
    return np.frombuffer(least.encode(), dtype=np.uint8), np.frombuffer(most.encode(), dtype=np.uint8), worth


def _is_over(tens: npt.NDArray[np.uint8], ones: npt.NDArray[np.uint8]) -> bool:
    """Say whether some hour, of two digits the first of which is 2 at most, is beyond 23."""
    return bool(((tens == ord("2")) & (ones > ord("3"))).any())


def parse_ms(text: str) -> int:
    """Return epoch milliseconds; a finer fraction is cut, never rounded. Raises TimeError."""
    ms = int(TimeReader().read_all([text])[0])
    if ms < NO_TIME:
        raise TimeError(NO_TIME_WORDS)
    return ms
