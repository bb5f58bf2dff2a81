"""What the fast decoder does not look at: sizes, UTF-8 in fields that nobody reads, names that begin with `__`.

The screens read a chunk's joined bytes, at C speed, and name single values. Whether a value is named depends on its
own bytes only, never on its neighbours: a replay cuts other chunks and must decide the same. The values are joined
with a line feed, which stands in no JSON string, so nothing is found across a border.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.refusals import VALUE_MAX_BYTES

_QUOTE_UNDERSCORE = int.from_bytes(b'"_', "little")
_ESCAPED = b'"\\u005'
"""How a text begins that spells its first underscore `\\u005f`."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A chunk for the fast decoder."""

    values: Sequence[bytes]
    """The values; empty, which no decoder takes, where the fast decoder must not decide."""
    reserved: Sequence[int]
    """Places of values in which some text or key begins with `__`: to be looked at again after decoding."""


def screen(values: Sequence[bytes | None]) -> Screened:
    """Return the chunk with its suspects named. `values` must not be empty."""
    plain = [value or b"" for value in values]
    lengths = list(map(len, plain))
    if max(lengths) > VALUE_MAX_BYTES:
        plain = [value if len(value) <= VALUE_MAX_BYTES else b"" for value in plain]
        lengths = list(map(len, plain))
    joined = b"\n".join(plain)
    for place in () if joined.isascii() else broken_utf8(plain):
        plain[place] = b""
    return Screened(plain, _places(reserved_texts(joined), lengths))


def broken_utf8(values: Sequence[bytes]) -> list[int]:
    """Return the places of values that are no UTF-8."""
    return [place for place, value in enumerate(values) if not value.isascii() and not _is_utf8(value)]


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
    found: list[int] = []
    for shift in (0, 1):
        words = np.frombuffer(joined, "<u2", max(0, len(joined) - shift) // 2, shift if len(joined) > shift else 0)
        hits = words == _QUOTE_UNDERSCORE
        if hits.any():
            found.extend((np.flatnonzero(hits) * 2 + shift).tolist())
    return found


def _all(joined: bytes, needle: bytes) -> Iterator[int]:
    place = joined.find(needle)
    while place >= 0:
        yield place
        place = joined.find(needle, place + 1)


def _places(positions: list[int], lengths: list[int]) -> list[int]:
    """Return the places of the values in which byte positions of the joined chunk lie."""
    if not positions:
        return []
    ends: npt.NDArray[np.int64] = np.cumsum(np.array(lengths, np.int64) + 1)
    found: list[int] = np.unique(np.searchsorted(ends, positions, side="right")).tolist()
    return found
