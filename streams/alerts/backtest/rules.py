"""Alert rules as they stand in Prometheus' rule files, and which of them stored history can answer."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from streams.alerts.expressions import metrics
from streams.export.names import (
    ATTAINMENT,
    DENOMINATOR,
    FORECAST,
    INFO,
    NUMERATOR,
    PACE,
    REQUIRED,
    STALE,
    TARGET,
    VALUE,
    WORKED,
)

STORED = {
    one.name for one in (VALUE, NUMERATOR, DENOMINATOR, TARGET, ATTAINMENT, PACE, FORECAST, REQUIRED, INFO, WORKED)
}
"""What can be told of any quarter of an hour of the last 35 days."""
ASSUMED = {STALE.name}
"""What was not stored and is taken to have been 0: stored figures are whole."""
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_SECONDS = (86_400, 3600, 60, 1)


class BadRules(Exception):
    """A rule file cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert."""

    name: str
    expr: str
    hold_s: int
    """How long the expression must hold before it fires."""

    @property
    def unanswerable(self) -> str:
        """Why history cannot say when it would have fired; empty when it can."""
        asked = metrics(self.expr)
        if unknown := sorted(asked - STORED - ASSUMED):
            return f"not in history: {', '.join(unknown)}"
        return "" if asked & STORED else "not in history: it asks for no figures"


def read(files: Iterable[Path]) -> list[Rule]:
    """Return the alerts of rule files, in their order. Raises BadRules."""
    found = [rule for file in files for rule in _alerts(file)]
    if not found:
        raise BadRules("--rules: there is no alert in the files")
    return found


def _alerts(file: Path) -> Iterator[Rule]:
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
        rules = [rule for group in content["groups"] for rule in group["rules"]]
        yield from (Rule(rule["alert"], rule["expr"], _seconds(rule)) for rule in rules if "alert" in rule)
    except OSError as error:
        raise BadRules(f"{file}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadRules(f"{file}: no rule file of Prometheus: {error}") from None


def _seconds(rule: dict[str, Any]) -> int:
    text = str(rule.get("for", "0s"))
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"`for: {text}` of {rule['alert']} is no duration like 15m")
    return sum(int(number) * unit for number, unit in zip(match.groups("0"), _SECONDS, strict=True))
