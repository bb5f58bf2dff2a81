"""The sums of every window that ends at one instant, and which names have been active before it."""

import numpy as np

from streams.kpis.panes import quarter_start
from streams.kpis.time_in_state import TOPIC as STATES_TOPIC
from streams.view.arrays import Ints, Numbers, grown
from streams.view.blocks import Block
from streams.view.columns import Columns
from streams.view.distinct import LastSeen
from streams.view.group import Group
from streams.view.names import FLOOR, Names
from streams.view.open_states import NOTHING_OPEN, OpenStates
from streams.view.spans import Spans
from streams.view.sums import Sums


class Instant:
    """What tables are made of. Whoever fills it adds each pane once to every window that it is part of."""

    def __init__(self, columns: Columns, names: Names, spans: Spans) -> None:
        self.columns, self.names, self.spans = columns, names, spans
        self.sums = {course: Sums(columns, len(names)) for course in spans.parts}
        """By course, see `Shifts`."""
        self.last_seen = LastSeen()
        self.open: OpenStates = NOTHING_OPEN
        """As of the panes that the sums are made of: time is in one of the two."""
        self._active: Numbers = np.zeros(len(names), dtype=np.int32)
        self._distinct: tuple[object, dict[int, Ints]] | None = None
        self.fed = 0
        """Grows with every feed of ids."""

    def fit(self) -> None:
        """Make room for all names known by now."""
        self._active = grown(self._active, len(self.names))
        for sums in self.sums.values():
            sums.fit(len(self.names))

    def remember(self, block: Block) -> None:
        """Take note of the names that a block has facts of. The block lies before the windows' end."""
        self._active[block.names] = np.maximum(self._active[block.names], block.last)

    def feed(self, topic: str, block: Block, minute: int) -> None:
        """Take up a block's ids, as seen in a minute. The block lies before the windows' end."""
        if not len(block.ids):
            return
        self.fed += 1
        sets = len(self.columns.distinct)
        for kind, asked in enumerate(self.columns.distinct_scopes):
            scopes = [scope for scope in asked if scope in self.columns.scopes[topic]]
            chosen = block.id_sets == kind
            names = self.names.of_rows[block.id_rows[chosen]][:, scopes]
            self.last_seen.feed((names * sets + kind).ravel(), np.repeat(block.ids[chosen], len(scopes)), minute)

    def active(self, scope: int, t_ms: int) -> Numbers:
        """Return the names of a scope that have a row at the instant t of the windows' last pane, in the order of their
        code points; the floor always has one.
        """
        names = self.names.of_scope(scope)
        names = names[names < len(self._active)]
        oldest = self.spans.oldest_quarter
        shown = (names == FLOOR) | (self._active[names] >= max(oldest, 1))
        if scope in self.columns.scopes[STATES_TOPIC]:
            shown |= np.isin(names, self.open.names_since(quarter_start(oldest), t_ms))
        active: Numbers = names[shown]
        return active

    def distinct(self, course: str) -> Ints:
        """Return the size of every slot's set in a course."""
        key = (self.fed, self.spans.to_minute, len(self._active))
        if self._distinct is None or self._distinct[0] != key:
            slots = len(self._active) * len(self.columns.distinct)
            self._distinct = (key, self.last_seen.since(self.spans.from_minutes.values(), slots))
        return self._distinct[1][self.spans.from_minutes[course]]

    def group(self, course: str, names: Numbers, t_ms: int) -> Group:
        """Return the sums of names in a course, a row each; states that still last count up to the instant t."""
        sums = self.sums[course]
        facts = sums.facts(names)
        first, width = self.columns.dense[STATES_TOPIC]
        facts[:, first : first + width] += self._open_time(course, t_ms)[names]
        distinct = self.distinct(course).reshape(-1, len(self.columns.distinct))[names]
        return Group(facts, distinct, [sums.buckets(names, kind) for kind in self.columns.buckets.values()])

    def _open_time(self, course: str, t_ms: int) -> Ints:
        span, (_, width) = self.spans.ranges[course], self.columns.dense[STATES_TOPIC]
        assert span
        return self.open.time(span.from_ms, t_ms, len(self._active), width)

    def together(self, course: str, names: Numbers, t_ms: int) -> Group:
        """Return the sums of names of one scope as if they were one name: their ids are united, not added up."""
        apart = self.group(course, names, t_ms)
        sets = len(self.columns.distinct)
        slots = np.zeros(len(self._active) * sets, dtype=np.bool_)
        united = np.zeros((1, sets), dtype=np.int64)
        for kind in range(sets):
            slots[:] = False
            slots[names * sets + kind] = True
            united[0, kind] = self.last_seen.union_since(self.spans.from_minutes[course], slots)
        return Group(
            apart.facts.sum(axis=0, keepdims=True),
            united,
            [counts.sum(axis=0, keepdims=True, dtype=np.int32) for counts in apart.buckets],
        )

    def settle(self) -> None:
        """Keep only the sizes of the sets: nothing will be fed any more."""
        for course in self.spans.from_minutes:
            self.distinct(course)
        self.last_seen = LastSeen()
