"""Label values: any Unicode, escaped as the exposition format wants it, and nothing that a label must not hold."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import xxhash

from streams.export.names import Family

NUL = "\0"
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_PRIVATE = re.compile(
    r"""[^\s@]+@[^\s@]+\.[^\s@]+                     # an e-mail address
    | \b(?:mailto|sips?|tel):\S                     # the same, or a number, as a URI
    | [a-z][a-z0-9+.-]*://                          # a URL
    | (?<![\w:/])//\w                               # one without its scheme
    | \bwww\.[^\s]                                 # one as people write it
    | \+\d(?:[\s().-]*\d){6}                       # a phone number with its country
    | (?<!\w)(?!\d\d([./-])\d\d\1\d{4})             # no date
      \(?0\d{1,4}\)?(?:[\s().-]*\d){7,12}(?!\w)    # as it is dialled within most countries
    | (?<!\w)(?:1[\s.-]?)?\(?[2-9]\d\d\)?[\s.-]+\d{3}[\s.-]\d{4}(?!\w)  # and in North America
    | (?<!\w)(?!20\d\d[01]\d)\d{10,12}(?!\w)      # digits alone, as many as numbers with their country have
    """,
    re.IGNORECASE | re.VERBOSE,
)


@lru_cache(maxsize=8192)
def escaped(value: str) -> str:
    """Return a label value between its quotes."""
    return public(value).translate(_ESCAPES)


def public(value: str) -> str:
    """Return the value as a label may hold it: one for each value.

    In place of one that holds a phone number, an e-mail address or a URL, as far as it looks like one, stands a hash. A
    NUL, which Prometheus takes for the end of the page, is shown as a symbol, with a hash behind.
    """
    if _PRIVATE.search(unicodedata.normalize("NFKC", value)):
        return f"hidden-{_hash(value)}"
    return f"{value.replace(NUL, '␀')}-{_hash(value)}" if NUL in value else value


def _hash(value: str) -> str:
    return xxhash.xxh3_64_hexdigest(value.encode())


def series(family: Family, values: Iterable[str]) -> str:
    """Return a series as it stands before its number."""
    if not family.labels:
        return family.name
    pairs = zip(family.labels, values, strict=True)
    labels = ",".join(f'{label}="{escaped(value)}"' for label, value in pairs)
    return f"{family.name}{{{labels}}}"
