"""From an event's names to the row that its facts are kept in, with a bounded number of names a scope."""

import time
from collections.abc import Mapping

from schemas.events.fields import UNASSIGNED
from streams.events import RowKey
from streams.store.names import row_name
from streams.store.protocol import Writer

OTHER = "__other__"
SCOPES = ("team", "queue", "campaign", "rep")
DAY_S = 86_400


class RowNames:
    """Row names by key, shared by all partitions of a worker.

    A scope keeps its first `limit` names; the store decides which, so that all workers agree. What comes after
    them is counted under `__other__`. Names are shown to the store again each day: one that stays silent for
    36 days gives up its place.
    """

    def __init__(self, store: Writer, limit: int) -> None:
        self._store = store
        self._limit = limit
        self._day = 0
        self._rows: dict[RowKey, str] = {}
        self._kept: tuple[dict[str, str], ...] = tuple({UNASSIGNED: UNASSIGNED} for _ in SCOPES)

    @property
    def known(self) -> Mapping[RowKey, str]:
        """Return the rows of the keys that `learn` has seen today."""
        return self._rows

    def forget(self) -> None:
        """Ask the store about every name anew, because it may have lost what it told."""
        self._rows.clear()
        for kept in self._kept:
            kept.clear()
            kept[UNASSIGNED] = UNASSIGNED

    async def learn(self, keys: set[RowKey]) -> None:
        """Make the rows of `keys` known. Raises StoreUnavailable."""
        if (today := int(time.time()) // DAY_S) != self._day:
            self.forget()
            self._day = today
        while fresh := keys.difference(self._rows):  # again: others may forget in the meantime
            for place, scope in enumerate(SCOPES):
                await self._admit(scope, place, {key[place] or UNASSIGNED for key in fresh})
            self._rows.update((key, row) for key in fresh if (row := self._row(key)))

    def _row(self, key: RowKey) -> str | None:
        names = [kept.get(name or UNASSIGNED) for kept, name in zip(self._kept, key, strict=True)]
        return None if None in names else row_name(*names)  # type: ignore[arg-type]  # none of them is None

    async def _admit(self, scope: str, place: int, names: set[str]) -> None:
        kept = self._kept[place]
        unknown = [name for name in names if name not in kept]
        if unknown:
            admitted = await self._store.admit(scope, unknown, self._day, self._limit)
            kept.update((name, name if name in admitted else OTHER) for name in unknown)
