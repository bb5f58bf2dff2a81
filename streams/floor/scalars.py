"""The single values of a floor's configuration. Each function takes a node and raises Wrong with the reason."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from holidays.registry import EntityLoader
from yaml.nodes import Node, ScalarNode

from streams.floor.problems import nearest
from streams.floor.reading import Wrong, is_null
from streams.kpis.currencies import EXPONENTS
from streams.kpis.panes import QUARTER_MS
from streams.texts import is_text

NAME_CHARS = 64
TEXT_CHARS = 1000
MAX_MS = 86_400_000
NO_ZONES = {"localtime", "Factory", "posixrules"}
"""Files beside the time zones that mean another one on each machine, or none."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(_DATE.pattern + r"(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)


def text(node: Node) -> str:
    """Return a scalar as it was written, not empty."""
    if not isinstance(node, ScalarNode) or is_null(node) or not node.value.strip():
        raise Wrong(node, "must be text")
    if len(node.value) > TEXT_CHARS:
        raise Wrong(node, f"must not be longer than {TEXT_CHARS} characters")
    if not is_text(node.value):
        raise Wrong(node, f"{node.value!a} is no text: half a character")
    return str(node.value)


def name(node: Node) -> str:
    """Return the name of a team, queue, campaign or rep, as events may hold it."""
    found = text(node)
    if len(found) > NAME_CHARS or found.startswith("__"):
        raise Wrong(node, f"{found!r} is no name: 1 to {NAME_CHARS} characters that do not begin with '__'")
    return found


def identifier(node: Node) -> str:
    """Return the name of a fact or KPI: letters, digits, `_` and `-`."""
    found = text(node)
    if not _ID.fullmatch(found):
        raise Wrong(node, f"{found!r} must begin with a letter and hold only letters, digits, '_' and '-' (64 at most)")
    return found


def number(node: Node) -> float:
    """Return a decimal number; whole ones as int."""
    if not isinstance(node, ScalarNode):
        raise Wrong(node, "must be a number")
    found = text(node)
    if getattr(node, "style", None) is not None or not _NUMBER.fullmatch(found):
        raise Wrong(node, f"{found!r} is no number")
    value = float(found)
    if value in (float("inf"), float("-inf")):
        raise Wrong(node, f"{found!r} is too large")
    return int(found) if found.lstrip("+-").isdigit() else value


def whole(node: Node) -> int:
    """Return a whole number."""
    found = number(node)
    if found != int(found):
        raise Wrong(node, f"{text(node)!r} must be a whole number")
    return int(found)


def duration_ms(node: Node) -> int:
    """Return seconds as ms: 0 to a day, with up to 3 decimals."""
    ms = number(node) * 1000
    if not 0 <= ms <= MAX_MS or abs(ms - round(ms)) > 1e-6:
        raise Wrong(node, f"{text(node)!r} must be 0 to {MAX_MS // 1000} seconds, in whole milliseconds")
    return round(ms)


def flag(node: Node) -> bool:
    """Return true or false."""
    if node.tag != "tag:yaml.org,2002:bool":
        raise Wrong(node, f"{text(node)!r} must be true or false")
    return text(node).lower() in ("true", "yes", "on")


def one_of(valid: Iterable[str], what: str) -> Callable[[Node], str]:
    """Return a function that takes one of the valid words."""

    def choose(node: Node) -> str:
        found = text(node)
        if found not in valid:
            raise Wrong(node, f"unknown {what} {found!r}{nearest(found, valid)}")
        return found

    return choose


def time_of_day(node: Node) -> int:
    """Return HH:MM on a quarter hour as minutes after midnight."""
    found = text(node)
    parts = _TIME.fullmatch(found)
    if parts is None:
        raise Wrong(node, f"{found!r} is no time of day like 09:00")
    hour, minute = int(parts[1]), int(parts[2])
    if hour > 23 or minute > 59:
        raise Wrong(node, f"{found!r} is an impossible time" + ("; midnight is 00:00" if found == "24:00" else ""))
    if minute % 15:
        raise Wrong(
            node, f"{found!r} is not on a quarter hour: shifts and breaks begin and end at :00, :15, :30 or :45"
        )
    return hour * 60 + minute


def day(node: Node) -> date:
    """Return YYYY-MM-DD as a date."""
    found = text(node)
    try:
        return date.fromisoformat(found if _DATE.fullmatch(found) else "")
    except ValueError:
        raise Wrong(node, f"{found!r} is no date like 2026-11-01") from None


def instant(node: Node, zone: ZoneInfo) -> int:
    """Return a date, or a date with a time, on a quarter hour as epoch ms: by the floor's clock, or with an offset."""
    found = text(node)
    try:
        at = datetime.fromisoformat(found if _INSTANT.fullmatch(found) else "")
    except ValueError:
        raise Wrong(node, f"{found!r} is no date or time like 2026-11-01, 2026-11-01T09:00 or with +09:00") from None
    ms = int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()) * 1000
    if ms % QUARTER_MS:
        raise Wrong(node, f"{found!r} is not on a quarter hour: figures are kept by quarters")
    return ms


def timezone(node: Node) -> str:
    """Return the name of a time zone of the IANA database."""
    return one_of(_zones(), "time zone")(node)


def currency(node: Node) -> str:
    """Return an ISO 4217 currency code."""
    return one_of(EXPONENTS, "currency (ISO 4217)")(node)


def country(node: Node) -> str:
    """Return the ISO 3166 code of a country whose holidays are known."""
    return one_of(_countries(), "country")(node)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_ZONES)


@cache
def _countries() -> frozenset[str]:
    return frozenset(EntityLoader.get_country_codes())  # `list_supported_countries` would import them all
