"""Names and rows as numbers: a row adds to one name of each scope."""

from collections.abc import Iterable

import numpy as np

from streams.floor.model import FLOOR_NAME
from streams.kpis.model import Scope
from streams.store.names import split_row
from streams.view.arrays import Numbers, grown
from streams.view.columns import SCOPES

FIRST_ROOM = 256
FLOOR = 0
"""The number of the one name of scope `floor`."""


class Names:
    """Numbers for names, over all scopes together, and for rows; they are never taken back."""

    def __init__(self) -> None:
        self.text: list[str] = []
        """Number → name."""
        self._by_scope: tuple[dict[str, int], ...] = tuple({} for _ in SCOPES)
        self._rows: dict[str, int] = {}
        self._of_rows: Numbers = np.zeros((FIRST_ROOM, len(SCOPES)), dtype=np.int32)
        self._sorted: dict[int, Numbers] = {}
        self._name(SCOPES.index(Scope.FLOOR), FLOOR_NAME)

    def __len__(self) -> int:
        return len(self.text)

    @property
    def of_rows(self) -> Numbers:
        """Row × scope → number of the name that the row adds to."""
        return self._of_rows

    def rows(self, rows: Iterable[str]) -> Numbers:
        """Return the numbers of rows, giving new ones to those not seen before."""
        known = self._rows
        return np.array([known[row] if row in known else self._row(row) for row in rows], dtype=np.int32)

    def of_scope(self, scope: int) -> Numbers:
        """Return the numbers of a scope's names in the order of their code points."""
        names = self._by_scope[scope]
        found = self._sorted.get(scope)
        if found is None or len(found) != len(names):
            found = self._sorted[scope] = np.array([names[name] for name in sorted(names)], dtype=np.int32)
        return found

    def find(self, scope: int, name: str) -> int | None:
        """Return a name's number, None for a name that no row has."""
        return self._by_scope[scope].get(name)

    def _row(self, row: str) -> int:
        number = self._rows[row] = len(self._rows)
        self._of_rows = grown(self._of_rows, number + 1)
        named = (FLOOR_NAME, *split_row(row))
        self._of_rows[number] = [self._name(scope, name) for scope, name in enumerate(named)]
        return number

    def _name(self, scope: int, name: str) -> int:
        names = self._by_scope[scope]
        number = names.get(name)
        if number is None:
            number = names[name] = len(self.text)
            self.text.append(name)
        return number
