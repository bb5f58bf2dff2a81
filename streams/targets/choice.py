"""Which target applies to a figure: the most specific one that is valid on the floor's date."""

from collections.abc import Iterable, Mapping
from datetime import date

from streams.floor.model import ANY, Target

Key = tuple[str, str]
"""Scope and window."""


class Targets:
    """A floor's targets, looked up by what they are about."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._by_key: dict[Key, dict[str, dict[str, list[Target]]]] = {}
        for target in sorted(targets, key=lambda one: one.since or date.min, reverse=True):
            named = self._by_key.setdefault((target.scope.value, target.window), {}).setdefault(target.kpi, {})
            named.setdefault(target.name, []).append(target)

    def of(self, scope: str, window: str) -> Mapping[str, Mapping[str, list[Target]]]:
        """Return KPI → name (`*` for all) → targets, the latest `from` first, of one scope and window."""
        return self._by_key.get((scope, window), {})


def applying(named: Mapping[str, list[Target]], name: str, day: date) -> Target | None:
    """Return the target of a name on a date: its own before `*`, among equals the one with the latest `from`."""
    for candidates in (named.get(name, ()), named.get(ANY, ())):
        for target in candidates:
            if target.is_valid_on(day):
                return target
    return None
