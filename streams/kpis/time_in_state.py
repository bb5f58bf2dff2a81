"""Time in states: a rep's changes as intervals, split exactly at the borders of minutes.

An interval lasts from a change to the next one, at most 12 h, and has the state and the team of its beginning. Changes
stand by event time, equal times by offset, so that the intervals do not depend on the order in which changes came.
"""

from collections.abc import Mapping, Sequence

from streams.events import RowKey
from streams.kpis.additions import Plan
from streams.kpis.catalogue import Catalogue
from streams.kpis.panes import MINUTE_MS

TOPIC = "reps"
OFFLINE = "offline"
LASTS_MS = 12 * 3_600_000
"""After so long without a change a rep is offline."""

Change = tuple[int, int, str, str | None]
"""Event time (epoch ms), offset, state, team: sorted as they stand."""

Rows = dict[int, dict[RowKey, list[int]]]
"""Epoch minute → names → what is added to the numbers of their row."""


def places_of(catalogue: Catalogue) -> Mapping[str, int]:
    """Return the place of each state's time in a row of the topic; `offline` has none."""
    layout = catalogue.layout(TOPIC)
    return {str(fact.where["state"]): layout.index(fact.name) for fact in catalogue.facts if fact.timed}


class TimeInState:
    """Adds the closed intervals of reps to rows."""

    def __init__(self, catalogue: Catalogue, plan: Plan) -> None:
        self._places, self._empty = places_of(catalogue), [0] * plan.places

    def inserted(self, rep: str, changes: Sequence[Change], place: int, rows: Rows) -> None:
        """Add to `rows` what the change at `place`, which was not among `changes` before, closes and cuts off."""
        change = changes[place]
        before = changes[place - 1] if place else None
        if place + 1 == len(changes):
            if before:
                self._add(rep, before, before[0], min(change[0], before[0] + LASTS_MS), 1, rows)
            return
        after = changes[place + 1][0]
        if before:
            self._add(rep, before, change[0], min(after, before[0] + LASTS_MS), -1, rows)
        self._add(rep, change, change[0], min(after, change[0] + LASTS_MS), 1, rows)

    def _add(self, rep: str, change: Change, from_ms: int, to_ms: int, sign: int, rows: Rows) -> None:
        """Add (sign 1) or take out (-1) [from, to) of the interval that a change began; nothing where it is empty."""
        place = self._places.get(change[2])
        if place is None:
            return
        key: RowKey = (change[3], None, None, rep)
        while from_ms < to_ms:
            minute = from_ms // MINUTE_MS
            until_ms = min(to_ms, (minute + 1) * MINUTE_MS)
            named = rows.get(minute)
            if named is None:
                named = rows[minute] = {}
            row = named.get(key)
            if row is None:
                row = named[key] = self._empty.copy()
            row[place] += sign * (until_ms - from_ms)
            from_ms = until_ms
