"""RFC 3339 to epoch milliseconds: exact, strict, and in a fifth of a microsecond for times that look like the last."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CACHE_LIMIT = 100_000


class TimeError(ValueError):
    """The text is no RFC 3339 time with an offset."""


def parse_ms(text: str) -> int:
    """Return epoch milliseconds; a finer fraction is cut, never rounded. Raises TimeError."""
    wall_ms, rest_ms = _parse(text)
    return wall_ms + rest_ms


def _parse(text: str) -> tuple[int, int]:
    """Return the milliseconds of the wall clock's whole seconds, and what fraction and offset add to them."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise TimeError("time must be RFC 3339 with an offset, like 2026-11-24T09:30:00.000+09:00")
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    try:
        wall = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError as error:
        raise TimeError(f"time is no real time: {error}") from None
    since = wall - _EPOCH
    wall_ms = (since.days * 86_400 + since.seconds) * 1000
    fraction_ms = int((fraction or "")[:3].ljust(3, "0"))
    return wall_ms, fraction_ms - _offset_ms(sign, off_hour, off_minute)


def _offset_ms(sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None or hours is None or minutes is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise TimeError("time has an impossible offset")
    offset = (int(hours) * 60 + int(minutes)) * 60_000
    return -offset if sign == "-" else offset


class TimeReader:
    """Reads many times: seconds and tails (fraction with offset) that were seen before cost a look-up each.

    Only whole texts that parsed enter the two tables, and any known second goes with any known tail: both are
    then parts of valid texts, cut at the same place.
    """

    def __init__(self) -> None:
        self._seconds: dict[str, int] = {}
        self._tails: dict[str, int] = {}

    def read_all(self, texts: Sequence[str]) -> list[int]:
        """Return each text's epoch ms. Raises TimeError or KeyError-free: see `read` for single bad texts."""
        seconds, tails = self._seconds, self._tails
        try:
            return [seconds[text[:19]] + tails[text[19:]] for text in texts]
        except KeyError:
            return [self.read(text) for text in texts]

    def read(self, text: str) -> int:
        """Return epoch ms. Raises TimeError."""
        wall_ms = self._seconds.get(text[:19])
        rest_ms = self._tails.get(text[19:])
        if wall_ms is None or rest_ms is None:
            wall_ms, rest_ms = _parse(text)
            if len(self._seconds) >= CACHE_LIMIT or len(self._tails) >= CACHE_LIMIT:
                self._seconds.clear()
                self._tails.clear()
            self._seconds[text[:19]] = wall_ms
            self._tails[text[19:]] = rest_ms
        return wall_ms + rest_ms
