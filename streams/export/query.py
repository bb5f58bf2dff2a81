"""What a request asks for: filters that may be repeated, and an instant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from multidict import MultiMapping

from streams.export.problems import BadQuery
from streams.kpis.panes import QUARTERS_KEPT_MS
from streams.times import TimeError, parse_ms

AHEAD_MS = 5_000
"""So far may a client's clock be ahead."""
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
KEPT_DAYS = QUARTERS_KEPT_MS // 86_400_000


class Wanted(NamedTuple):
    """One KPI of a scope in a window: `figure=scope/window/kpi` or `figure=scope/window/kpi/10`."""

    scope: str
    window: str
    kpi: str
    most: int | None = None
    """Of so many names, the best ones; None: of all."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows are wanted; an empty set wants all."""

    scopes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    windows: frozenset[str] = frozenset()
    kpis: frozenset[str] = frozenset()
    version: int | None = None
    """Of the KPIs that have so many; None: those in force."""
    figures: frozenset[Wanted] = frozenset()
    """Of what the others leave, these."""

    @classmethod
    def of(cls, query: MultiMapping[str]) -> "Filters":
        """Read `scope`, `name`, `window`, `kpi`, `version`, `figure`; empty ones do not count. Raises BadQuery."""
        scopes, names, windows, kpis = (
            _wanted(query.getall(field, [])) for field in ("scope", "name", "window", "kpi")
        )
        figures = _figures(_wanted(query.getall("figure", [])))
        return cls(scopes, names, windows, kpis, version_of(query), figures)

    def of_table(self, scope: str, window: str) -> dict[str, int | None] | None:
        """Return KPI → how many names are wanted of it (None: all), for one table; nothing where none is.

        None where the table is wanted whole.
        """
        if (self.scopes and scope not in self.scopes) or (self.windows and window not in self.windows):
            return {}
        if not self.figures:
            return dict.fromkeys(self.kpis) if self.kpis else None
        chosen = [one for one in self.figures if (one.scope, one.window) == (scope, window)]
        return {one.kpi: one.most for one in chosen if not self.kpis or one.kpi in self.kpis}


def one_of_each(query: MultiMapping[str]) -> dict[str, str | None]:
    """Return `scope`, `name`, `window` and `kpi`, each asked for once. Raises BadQuery."""
    return {field: _single(query, field) for field in ("scope", "name", "window", "kpi")}


def version_of(query: MultiMapping[str]) -> int | None:
    """Return the version that is asked for, None for the one in force. Raises BadQuery."""
    return _version(_last(query, "version"))


def _single(query: MultiMapping[str], field: str) -> str | None:
    values = [value for value in query.getall(field, []) if value]
    if len(values) > 1:
        raise BadQuery(f"{field} is given {len(values)} times: one figure is explained at a time")
    return values[0] if values else None


def _wanted(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value for value in values if value)


def instant_of(query: MultiMapping[str], now_ms: int) -> int | None:
    """Return the instant `at` (epoch ms), None for now. Raises BadQuery."""
    text = _last(query, "at")
    return None if text is None else instant(text, now_ms)


def instant(text: str, now_ms: int) -> int:
    """Return an instant (epoch ms) for which there may be figures. Raises BadQuery."""
    at_ms = _read(text)
    if at_ms > now_ms + AHEAD_MS:
        raise BadQuery("at is in the future")
    if at_ms < now_ms - QUARTERS_KEPT_MS:
        raise BadQuery(f"at is more than {KEPT_DAYS} days ago: figures are not kept so long")
    return at_ms


def _figures(texts: Iterable[str]) -> frozenset[Wanted]:
    found = frozenset(map(_figure, texts))
    if len({one[:3] for one in found}) < len(found):
        raise BadQuery("figure: the same one stands there with different numbers of names")
    return found


def _figure(text: str) -> Wanted:
    match text.split("/"):
        case [scope, window, kpi]:
            return Wanted(scope, window, kpi)
        case [scope, window, kpi, most] if _NUMBER.fullmatch(most):
            return Wanted(scope, window, kpi, int(most))
    raise BadQuery(f"figure={text}: wanted is scope/window/kpi, or scope/window/kpi/10 for the ten best names")


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
