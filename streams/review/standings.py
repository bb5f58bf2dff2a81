"""Every target as it stands at an instant: the figures that it applies to, or why it applies to none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from streams.export.applied import applied
from streams.export.floor_targets import FloorTargets
from streams.export.judgement import Judgement
from streams.floor.model import ANY, Floor, Target
from streams.kpis.model import Kpi
from streams.kpis.windows import local_date
from streams.targets import Targets
from streams.view.figures import Figures


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and one figure that it applies to."""

    target: Target
    kpi: Kpi
    name: str
    value: float | None
    judgement: Judgement
    note: str = ""
    """Why it applies to nothing."""

    @property
    def met(self) -> bool | None:
        """Whether the value is on target; None without a value."""
        if self.value is None:
            return None
        return self.value >= self.target.value if self.target.bound == "min" else self.value <= self.target.value

    def answer(self) -> dict[str, Any]:
        """Return the standing as JSON has it."""
        return {
            "line": self.target.line,
            "kpi": self.target.kpi,
            "scope": self.target.scope.value,
            "name": self.name,
            "window": self.target.window,
            "target": self.target.value,
            "bound": self.target.bound,
            "value": self.value,
            "attainment": self.judgement.attainment,
            "met": self.met,
            "pace": self.judgement.pace,
            "forecast": self.judgement.forecast,
            "required_per_hour": self.judgement.required_per_hour,
            "note": self.note,
        }


def standings(figures: Figures, floor: Floor, t_ms: int) -> list[Standing]:
    """Return the standings of a floor's targets, in the file's order, then by name."""
    day = local_date(t_ms, ZoneInfo(floor.timezone))
    found = list(_applying(figures, floor, t_ms, day))
    used = {one.target for one in found}
    kpis = floor.catalogue().kpis
    found += [
        Standing(target, kpis[target.kpi], target.name, None, Judgement(), _note(target, day))
        for target in floor.targets
        if target not in used
    ]
    return sorted(found, key=lambda one: (one.target.line, one.name))


def _applying(figures: Figures, floor: Floor, t_ms: int, day: date) -> Iterator[Standing]:
    judge, targets = FloorTargets(floor), Targets(floor.targets)
    for scope, window in sorted({(target.scope.value, target.window) for target in floor.targets}):
        table = figures.table(scope, window)
        judgements = judge(table, t_ms)
        for number, place, target in applied(targets, table, day):
            value = table.figure(number, place).value
            yield Standing(target, table.kpis[place], table.names[number], value, judgements[number, place])


def _note(target: Target, day: date) -> str:
    if target.since and day < target.since:
        return f"begins on {target.since}"
    if target.until and day > target.until:
        return f"ended on {target.until}"
    return (
        "others are more specific, or nobody is active"
        if target.name == ANY
        else "nothing of that name, or another target has a later from"
    )
