"""Time in states that still last: no change has closed these intervals, so that they are counted when asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from streams.kpis.time_in_state import LASTS_MS, TOPIC, Change
from streams.store.names import row_name
from streams.view.arrays import Ints, Numbers
from streams.view.columns import Columns
from streams.view.names import Names
from streams.view.present import UNASSIGNED

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
    def of(cls, reps: Iterable[tuple[str, Sequence[Change]]], columns: Columns, names: Names) -> "OpenStates":
        """Make them of (rep, changes in their order); new names get numbers."""
        last = [(rep, changes[-1]) for rep, changes in reps if changes and changes[-1][2] in columns.states]
        rows = names.rows(row_name(team or UNASSIGNED, UNASSIGNED, UNASSIGNED, rep) for rep, (*_, team) in last)
        return cls(
            np.array([start for _, (start, *_) in last], dtype=np.int64),
            np.array([columns.states[state] for _, (*_, state, _) in last], dtype=np.int64),
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


NOTHING_OPEN = OpenStates()
