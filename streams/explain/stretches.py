"""Panes put together until they fit on a screen: quarters become hours, and hours days."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from streams.explain.explanation import PaneSum

FITTING = 40
"""So few lines are read at a glance."""
DATE, HOUR, MINUTE = len("2026-11-24"), len("2026-11-24T09"), len("2026-11-24T09:30")


@dataclass(slots=True)
class Stretch:
    """What some neighbouring panes give together."""

    time: str
    facts: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    values: int = 0
    numerator: int = 0
    denominator: int = 0

    def add(self, pane: PaneSum) -> None:
        """Add what a pane gives."""
        self.facts.update(pane.facts)
        self.new.update(pane.new)
        self.values += pane.values
        self.numerator += pane.numerator or 0
        self.denominator += pane.denominator or 0


def stretches(panes: Sequence[PaneSum]) -> list[Stretch]:
    """Return the panes one by one, by hour or by day: the first of these that fits. Times are the floor's."""
    several_days = len({pane.from_[:DATE] for pane in panes}) > 1
    for made in (_by(panes, _pane), _by(panes, _hour), _by(panes, _day)):
        if len(made) <= FITTING:
            break
    for one in made:
        one.time = (one.time if several_days else one.time[DATE + 1 :] or one.time).replace("T", " ")
    return made


def _by(panes: Iterable[PaneSum], time: Callable[[PaneSum], str]) -> list[Stretch]:
    found: dict[str, Stretch] = {}
    for pane in panes:
        offset = pane.from_[len("2026-11-24T09:30:00") :]  # an hour that DST repeats has two
        found.setdefault(time(pane) + offset, Stretch(time(pane))).add(pane)
    return list(found.values())


def _pane(pane: PaneSum) -> str:
    return f"{pane.from_[:MINUTE]}–{pane.to[DATE + 1 : MINUTE]}"


def _hour(pane: PaneSum) -> str:
    return f"{pane.from_[:HOUR]}h"


def _day(pane: PaneSum) -> str:
    return pane.from_[:DATE]
