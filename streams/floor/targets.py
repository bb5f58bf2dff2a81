"""Section `targets`: what KPIs should reach."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from yaml.nodes import Node

from streams.floor import scalars
from streams.floor.model import ANY, FLOOR_NAME, Floor, Target
from streams.floor.problems import nearest
from streams.floor.reading import Reader, Wrong, line_of
from streams.kpis.catalogue import Catalogue
from streams.kpis.model import Scope
from streams.kpis.windows import SHIFT, WINDOWS

TARGET_KEYS = ("kpi", "scope", "name", "window", "at_least", "at_most", "from", "until")
SCOPES = tuple(scope.value for scope in Scope)
Rank = tuple[str, Scope, str, str, date | None]


@dataclass
class TargetReading:
    """Reads targets against what the rest of the file says."""

    reader: Reader
    floor: Floor
    """With its calendars and teams."""
    catalogue: Catalogue
    refused: Collection[str]
    """KPIs with problems of their own."""
    _by_rank: dict[Rank, Target] = field(default_factory=dict)

    def read(self, node: Node | None) -> tuple[Target, ...]:
        """Return the targets in the file's order."""
        read = (self._target(item) for item in self.reader.items(node, "targets"))
        return tuple(target for target in read if target)

    def _target(self, node: Node) -> Target | None:
        before = len(self.reader.problems)
        fields = self.reader.fields(node, "target", TARGET_KEYS)
        missing = [wanted for wanted in ("kpi", "scope", "window") if wanted not in fields]
        if missing:
            if len(self.reader.problems) == before:
                self.reader.refuse(node, f"target lacks {', '.join(missing)}")
            return None
        kpi = self.reader.value(fields["kpi"], self._kpi, "")
        scope = self.reader.value(fields["scope"], scalars.one_of(SCOPES, "scope"), "")
        window = self.reader.value(fields["window"], scalars.one_of(WINDOWS, "window"), "")
        bound, value = self._bound(node, fields)
        since = self.reader.value(fields.get("from"), scalars.day, None)
        until = self.reader.value(fields.get("until"), scalars.day, None)
        if since and until and until < since:
            self.reader.refuse(fields["until"], f"until {until} is before from {since}")
        name = self._name(node, fields.get("name"), scope) if scope else None
        if len(self.reader.problems) > before or name is None:
            return None
        target = Target(kpi, Scope(scope), name, window, bound, value, since, until, line_of(node))
        self._check(target, fields)
        return target

    def _kpi(self, node: Node) -> str:
        found = scalars.text(node)
        if found not in self.catalogue.kpis and found not in self.refused:
            raise Wrong(node, f"unknown KPI {found!r}{nearest(found, self.catalogue.kpis)}")
        return found

    def _bound(self, node: Node, fields: dict[str, Node]) -> tuple[Literal["min", "max"], float]:
        if ("at_least" in fields) == ("at_most" in fields):
            self.reader.refuse(node, "target needs either at_least or at_most")
        if "at_least" not in fields:
            return "max", self.reader.value(fields.get("at_most"), scalars.number, 0)
        value = self.reader.value(fields["at_least"], scalars.number, 1)
        if value <= 0:
            self.reader.refuse(fields["at_least"], f"at_least must be above 0, not {value}")
        return "min", value

    def _name(self, node: Node, given: Node | None, scope: str) -> str | None:
        if scope == Scope.FLOOR:
            if given is not None:
                self.reader.refuse(given, "scope floor has no name: leave it out")
            return FLOOR_NAME
        if given is None:
            self.reader.refuse(node, f'target in scope {scope} lacks name; "*" is for all')
            return None
        return self.reader.value(given, scalars.name, None)

    def _check(self, target: Target, fields: dict[str, Node]) -> None:
        kpi = self.catalogue.kpis.get(target.kpi)
        if kpi and target.scope not in kpi.scopes:
            valid = ", ".join(kpi.scopes)
            self.reader.refuse(fields["scope"], f"{target.kpi} has no scope {target.scope}; valid: {valid}")
        if target.window == SHIFT and not self._has_shifts(target):
            self.reader.refuse(fields["window"], "window shift needs a calendar: see calendar in floor and in teams")
        rank = (target.kpi, target.scope, target.name, target.window, target.since)
        same = self._by_rank.setdefault(rank, target)
        if same is not target:
            reason = (
                f"overlaps the target on line {same.line}, which is of the same rank: same KPI, scope, name, window"
            )
            self.reader.refuse(fields["kpi"], f"{reason} and from")

    def _has_shifts(self, target: Target) -> bool:
        if target.scope is not Scope.TEAM:
            return self.floor.calendar is not None
        if target.name == ANY:
            return self.floor.calendar is not None or bool(self.floor.teams)
        return self.floor.calendar_of(target.name) is not None
