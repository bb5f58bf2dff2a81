"""Time in states that still last: no change has closed these intervals, so that they are counted when asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from schemas.events.fields import UNASSIGNED
from streams.kpis.time_in_state import LASTS_MS, TOPIC, Change
from streams.store.names import row_name
from streams.view.arrays import Ints, Numbers
from streams.view.columns import Columns
from streams.view.names import Names
from streams.view.present import Rep

_NO_INTS: Ints = np.zeros(0, dtype=np.int64)
_NO_NAMES: Numbers = np.zeros((0, 0), dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class OpenStates:
    """The last change of every rep, unless it was to `offline`. Nothing in it changes after it was made."""

    starts: Ints = field(default_factory=_NO_INTS.copy)
    """Epoch ms."""
    places: Ints = field(default_factory=_NO_INTS.copy)
    """Of the states in a row of the topic."""
    names: Numbers = field(default_factory=_NO_NAMES.copy)
    """Rep × scopes of the topic: the names that the time belongs to."""

    @classmethod
    def of(cls, reps: Iterable[tuple[str, Rep]], columns: Columns, names: Names) -> "OpenStates":
        """Make them of reps by name; new names get numbers."""
        lasting = [(name, rep) for name, rep in reps if rep.changes and rep.changes[-1][2] in columns.states]
        last = [rep.changes[-1] for _, rep in lasting]
        rows = names.rows(rep.row or _own_row(name, rep.changes[-1]) for name, rep in lasting)
        return cls(
            np.array([start for start, *_ in last], dtype=np.int64),
            np.array([columns.states[state] for _, _, state, _ in last], dtype=np.int64),
            names.of_rows[rows][:, list(columns.scopes[TOPIC])],
        )

    def counted_to(self, t_ms: int) -> int:
        """Return until when time is counted at an instant: what is counted is the same as long as this is."""
        return min(t_ms, int(self.starts.max()) + LASTS_MS) if len(self.starts) else 0

    def time(self, from_ms: int, t_ms: int, names: int, width: int) -> Ints:
        """Return names × places of a row: ms from `from_ms` to the instant t."""
        ms = np.minimum(self.starts + LASTS_MS, t_ms) - np.maximum(self.starts, from_ms)
        counted = ms > 0
        found: Ints = np.zeros((names, width), dtype=np.int64)
        np.add.at(found, (self.names[counted], self.places[counted, None]), ms[counted, None])
        return found

    def names_since(self, from_ms: int, t_ms: int) -> Numbers:
        """Return the names that have time between `from_ms` and the instant t; they may repeat."""
        return self.names[(self.starts < t_ms) & (self.starts + LASTS_MS > from_ms)].ravel()


def _own_row(rep: str, change: Change) -> str:
    return row_name(change[3] or UNASSIGNED, UNASSIGNED, UNASSIGNED, rep)


NOTHING_OPEN = OpenStates()
