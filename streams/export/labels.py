"""Label values: any Unicode, escaped as the exposition format wants it, and nothing that a label must not hold."""

import re
from collections.abc import Iterable
from functools import lru_cache

import xxhash

from streams.export.names import Family

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\"", "\0": "␀"})
"""Prometheus takes a NUL for the end of the page."""
_PRIVATE = re.compile(
    r"""[^\s@]+@[^\s@]+\.[^\s@]+      # an e-mail address
    | [a-z][a-z0-9+.-]*://            # a URL
    | \bwww\.[^\s]                    # the same, as people write it
    | \+\d(?:[\s().-]*\d){6}          # a phone number
    """,
    re.IGNORECASE | re.VERBOSE,
)


@lru_cache(maxsize=8192)
def escaped(value: str) -> str:
    """Return a label value between its quotes."""
    return public(value).translate(_ESCAPES)


def public(value: str) -> str:
    """Return the value, or a hash in place of one that holds a phone number, an e-mail address or a URL."""
    return f"hidden-{xxhash.xxh3_64_hexdigest(value.encode())}" if _PRIVATE.search(value) else value


def series(family: Family, values: Iterable[str]) -> str:
    """Return a series as it stands before its number."""
    if not family.labels:
        return family.name
    pairs = zip(family.labels, values, strict=True)
    labels = ",".join(f'{label}="{escaped(value)}"' for label, value in pairs)
    return f"{family.name}{{{labels}}}"
