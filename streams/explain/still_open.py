"""Time in states that still last: of each rep that a figure is about, as far as it counts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.events.fields import UNASSIGNED
from streams.kpis.model import Fact
from streams.kpis.time_in_state import LASTS_MS
from streams.store.names import row_name
from streams.view.present import rep_of


class StillOpen(NamedTuple):
    """A state that no change has closed."""

    rep: str
    team: str
    fact: str
    state: str
    since_ms: int
    from_ms: int
    """Counted from here, within the window …"""
    to_ms: int
    """… until the instant shown, or 12 h after it began."""

    @property
    def ms(self) -> int:
        """How long it counts."""
        return self.to_ms - self.from_ms


def still_open(
    states: Iterable[Mapping[str, bytes]],
    facts: Iterable[Fact],
    belongs: Callable[[str], bool],
    from_ms: int,
    t_ms: int,
) -> list[StillOpen]:
    """Return the states of a window that begins at `from_ms`, as of an instant t, those that began first before others."""
    timed = {str(fact.where["state"]): fact.name for fact in facts if fact.timed}
    return sorted(_lasting(states, timed, belongs, from_ms, t_ms), key=lambda one: (one.since_ms, one.rep))


def _lasting(
    states: Iterable[Mapping[str, bytes]],
    timed: Mapping[str, str],
    belongs: Callable[[str], bool],
    from_ms: int,
    t_ms: int,
) -> Iterator[StillOpen]:
    for reps in states if timed else ():
        for name, packed in reps.items():
            rep = rep_of(packed)
            if not rep.changes or rep.changes[-1][2] not in timed:
                continue
            since, _, state, team = rep.changes[-1]
            begin, end = max(since, from_ms), min(t_ms, since + LASTS_MS)
            own = row_name(team or UNASSIGNED, UNASSIGNED, UNASSIGNED, name)
            if begin < end and belongs(rep.row or own):
                yield StillOpen(name, team or UNASSIGNED, timed[state], state, since, begin, end)
