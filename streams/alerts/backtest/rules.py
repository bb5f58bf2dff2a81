"""Alert rules as they stand in Prometheus' rule files, and which of them stored history can answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from streams.alerts.expressions import duration_ms, metrics, ranges_ms
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
from streams.kpis.panes import QUARTER_MS

STORED = {
    one.name for one in (VALUE, NUMERATOR, DENOMINATOR, TARGET, ATTAINMENT, PACE, FORECAST, REQUIRED, INFO, WORKED)
}
"""What can be told of any quarter of an hour of the last 35 days."""
ASSUMED = {STALE.name}
"""What was not stored and is taken to have been 0: stored figures are whole."""
SHORTEST_MS = 2 * QUARTER_MS
"""History has one sample a quarter of an hour: what looks at a shorter range would find one, or none."""


class BadRules(Exception):
    """A rule file cannot be used; the message says which and why."""


class _Rule(msgspec.Struct):
    """A rule as its file has it; without an alert it records something."""

    alert: str | None = None
    expr: str | int | float = ""
    hold: str | int = msgspec.field(default="0s", name="for")


class _Group(msgspec.Struct):
    rules: list[_Rule] | None = None


class _File(msgspec.Struct):
    groups: list[_Group] | None


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
        if not asked & STORED:
            return "not in history: it asks for no figures"
        short = [f"[{text}]" for text, ms in ranges_ms(self.expr).items() if ms < SHORTEST_MS]
        return f"not in history, which is by quarters of an hour: {', '.join(short)}" if short else ""


def read(files: Iterable[Path]) -> list[Rule]:
    """Return the alerts of rule files, in their order. Raises BadRules."""
    found = [rule for file in files for rule in _alerts(file)]
    if not found:
        raise BadRules("--rules: there is no alert in the files")
    return found


def _alerts(file: Path) -> Iterator[Rule]:
    try:
        content = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), _File)
        for rule in (rule for group in content.groups or () for rule in group.rules or ()):
            if rule.alert is not None:
                yield Rule(rule.alert, str(rule.expr), _seconds(rule))
    except OSError as error:
        raise BadRules(f"{file}: {error.strerror}") from None
    except RecursionError:
        raise BadRules(f"{file}: no rule file of Prometheus: it is nested too deeply") from None
    except (yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        raise BadRules(f"{file}: no rule file of Prometheus: {error}") from None


def _seconds(rule: _Rule) -> int:
    hold_ms = duration_ms(str(rule.hold))
    if hold_ms is None:
        raise ValueError(f"`for: {rule.hold}` of {rule.alert} is no duration like 15m")
    return hold_ms // 1000
