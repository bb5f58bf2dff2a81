"""What the fast decoder does not look at: sizes, UTF-8 in fields that nobody reads, names that begin with `__`.

The screens read a chunk's joined bytes, at C speed, and name single values. Whether a value is named depends on its
own bytes only, never on its neighbours: a replay cuts other chunks and must decide the same. The values are joined
with a line feed, which stands in no JSON string, so nothing is found across a border.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from schemas.refusals import VALUE_MAX_BYTES

BLOCK = 256
"""Values that are joined at a time: larger buffers go back to the system at once, and its page faults cost thrice."""
SHORT = 8192
"""Bytes that are searched as text: below it a comparison of words does not pay."""
_QUOTE_UNDERSCORE = int.from_bytes(b'"_', "little")
_ESCAPED = b'"\\u005'
"""How a text begins that spells its first underscore `\\u005f`."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A chunk for the fast decoder."""

    values: Sequence[bytes]
    """The values; empty, which no decoder takes, where the fast decoder must not decide."""
    reserved: Sequence[int]
    """Places of values in which some text or key begins with `__`: no order; to be looked at again after decoding."""


def screen(values: Sequence[bytes | None]) -> Screened:
    """Return the chunk with its suspects named. `values` must not be empty."""
    plain = [*filter(None, values)]
    if len(plain) < len(values):
        plain = [value or b"" for value in values]
    suspect: list[int] = []
    reserved: list[int] = []
    for start in range(0, len(plain), BLOCK):
        block = plain[start : start + BLOCK]
        joined = b"\n".join(block)
        if len(joined) > VALUE_MAX_BYTES:
            suspect.extend(start + place for place in too_large(block))
        if not joined.isascii():
            suspect.extend(start + place for place in broken_utf8(block))
        positions = reserved_texts(joined)
        if positions:
            reserved.extend(start + place for place in _places(positions, block))
    for place in suspect:
        plain[place] = b""
    return Screened(plain, reserved)


def too_large(values: Sequence[bytes]) -> list[int]:
    """Return the places of values over the size limit."""
    return [place for place, value in enumerate(values) if len(value) > VALUE_MAX_BYTES]


def broken_utf8(values: Sequence[bytes]) -> list[int]:
    """Return the places of values that are no UTF-8."""
    plain = map(bytes.isascii, values)
    return [place for place, is_ascii in enumerate(plain) if not is_ascii and not _is_utf8(values[place])]


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def reserved_texts(joined: bytes) -> list[int]:
    """Return where texts begin with `__`, or may since they begin with an escaped underscore. In no order."""
    positions = [place for place in _quoted_underscores(joined) if joined[place + 2 : place + 3] in (b"_", b"\\")]
    if b"\\" in joined:
        positions.extend(_all(joined, _ESCAPED))
    return positions


def _quoted_underscores(joined: bytes) -> list[int]:
    """Return where `"_` stands: two comparisons of 16-bit words, a tenth of what a search for the text costs."""
    if len(joined) < SHORT:
        return list(_all(joined, b'"_'))
    found: list[int] = []
    for shift in (0, 1) if len(joined) > 1 else ():
        hits = np.frombuffer(joined, "<u2", (len(joined) - shift) // 2, shift) == _QUOTE_UNDERSCORE
        if hits.any():
            found.extend(2 * word + shift for word in _all(hits.tobytes(), b"\1"))
    return found


def _all(joined: bytes, needle: bytes) -> Iterator[int]:
    place = joined.find(needle)
    while place >= 0:
        yield place
        place = joined.find(needle, place + 1)


def _places(positions: list[int], values: Sequence[bytes]) -> set[int]:
    """Return the places of the values in which byte positions of the joined chunk lie."""
    ends = list(accumulate(map(len, values), lambda end, length: end + 1 + length))
    return {bisect_left(ends, position) for position in positions}
