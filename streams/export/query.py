"""What a request asks for: filters that may be repeated, and an instant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from multidict import MultiMapping

from streams.export.problems import BadQuery
from streams.kpis.panes import QUARTERS_KEPT_MS
from streams.times import TimeError, parse_ms

AHEAD_MS = 5_000
"""So far may a client's clock be ahead."""
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
KEPT_DAYS = QUARTERS_KEPT_MS // 86_400_000


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows are wanted; an empty set wants all."""

    scopes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    windows: frozenset[str] = frozenset()
    kpis: frozenset[str] = frozenset()
    version: int | None = None
    """Of the KPIs that have so many; None: those in force."""

    @classmethod
    def of(cls, query: MultiMapping[str]) -> "Filters":
        """Read `scope`, `name`, `window`, `kpi` and `version`; empty ones do not count. Raises BadQuery."""
        scopes, names, windows, kpis = (
            _wanted(query.getall(field, [])) for field in ("scope", "name", "window", "kpi")
        )
        return cls(scopes, names, windows, kpis, _version(_last(query, "version")))


def _wanted(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value in values if value)


def instant_of(query: MultiMapping[str], now_ms: int) -> int | None:
    """Return the instant `at` (epoch ms), None for now. Raises BadQuery."""
    text = _last(query, "at")
    if text is None:
        return None
    at_ms = _read(text)
    if at_ms > now_ms + AHEAD_MS:
        raise BadQuery("at is in the future")
    if at_ms < now_ms - QUARTERS_KEPT_MS:
        raise BadQuery(f"at is more than {KEPT_DAYS} days ago: figures are not kept so long")
    return at_ms


def _last(query: MultiMapping[str], field: str) -> str | None:
    return next((value for value in reversed(query.getall(field, [])) if value), None)


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise BadQuery("version is a number from 1 on: 1 asks for what each KPI was first")
    return int(text)


def _read(text: str) -> int:
    """Read a time in which a `+` may have become a space, as it does in a query that was not encoded."""
    try:
        return parse_ms(text.replace(" ", "+"))
    except TimeError as error:
        raise BadQuery(f"at: {error}") from None
