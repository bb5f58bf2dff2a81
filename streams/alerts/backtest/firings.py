"""When an alert would have fired, of when its expression held. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streams.alerts.backtest.prometheus import Series
from streams.kpis.panes import QUARTER_MS

TOP = 3


class Firing(NamedTuple):
    """One alert from its beginning to its end, epoch ms."""

    from_ms: int
    to_ms: int
    labels: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a rule."""

    name: str
    firings: Sequence[Firing] = ()
    """In the order in which they began."""
    unanswerable: str = ""

    @property
    def total_ms(self) -> int:
        """How long it fired, all label sets together."""
        return sum(one.to_ms - one.from_ms for one in self.firings)

    @property
    def top(self) -> list[tuple[str, int]]:
        """The label sets that fired most often, with how often."""
        counts: dict[str, int] = {}
        for one in self.firings:
            counts[one.labels] = counts.get(one.labels, 0) + 1
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]


def firings(found: Sequence[Series], hold_s: int, to_ms: int) -> list[Firing]:
    """Return the firings of an expression's series before `to_ms`. What held at the end of a quarter of an hour is taken to have held until
    the next one, and not at it; an alert fires once it has held for longer than `hold_s`.
    """
    made = [
        Firing(begin + hold_s * 1000, end, shown(labels))
        for labels, instants in found
        for begin, last in _runs(instants)
        if (end := min(last, to_ms)) - begin > hold_s * 1000
    ]
    return sorted(made)


def _runs(instants: Sequence[int]) -> Iterator[tuple[int, int]]:
    begin = at = instants[0]
    for instant in instants[1:]:
        if instant - at > QUARTER_MS:
            yield begin, at + QUARTER_MS
            begin = instant
        at = instant
    yield begin, at + QUARTER_MS


def shown(labels: dict[str, str]) -> str:
    """Return labels as people read them, without those that only describe the KPI."""
    order = ("kpi", "scope", "name", "window")
    rest = sorted(labels.keys() - {*order, "__name__", "title", "unit"})
    return " ".join(labels[key] if key in order else f"{key}={labels[key]}" for key in (*order, *rest) if key in labels)
