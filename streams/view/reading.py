"""Fetches panes and makes blocks of them, in portions, so that nothing else has to wait for long."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.store.protocol import Partition, Reader, Standing, StoredPane
from streams.view.blocks import Block
from streams.view.days import Days, Pane
from streams.view.weave import Weaver

PORTION = 200
"""Stored panes that are asked for in one round trip (a day's quarters are not split)."""

Place = tuple[Partition, Pane]


class Reading:
    """Reads blocks of one store."""

    def __init__(self, reader: Reader, days: Days, weaver: Weaver) -> None:
        self._reader, self._days, self._weaver = reader, days, weaver

    async def blocks(self, places: Iterable[Place]) -> AsyncIterator[tuple[Partition, Pane, Block]]:
        """Yield the block of each place. Raises StoreUnavailable."""
        portion: list[tuple[Place, list[Pane]]] = []
        size = 0
        for place in places:
            stored = self._days.stored(place[1])
            if portion and size + len(stored) > PORTION:
                for found in await self._read(portion):
                    yield found
                portion, size = [], 0
            portion.append((place, stored))
            size += len(stored)
        for found in await self._read(portion):
            yield found

    async def standing(self, partition: Partition, since: int, panes: Sequence[Pane]) -> tuple[Standing, list[Block]]:
        """Return how a partition stands, and the block of each of these panes as of then. Raises StoreUnavailable."""
        stored = [self._days.stored(pane) for pane in panes]
        standing = await self._reader.standing(partition, since, [part.key for parts in stored for part in parts])
        contents = iter(standing.panes)
        return standing, [self._block(partition, [(part, next(contents)) for part in parts]) for parts in stored]

    async def _read(self, portion: Sequence[tuple[Place, list[Pane]]]) -> list[tuple[Partition, Pane, Block]]:
        if not portion:
            return []
        wanted = [(partition, pane.key) for (partition, _), stored in portion for pane in stored]
        answers = iter(await self._reader.panes(wanted))
        await asyncio.sleep(0)
        return [
            (partition, pane, self._block(partition, [(part, next(answers)) for part in stored]))
            for (partition, pane), stored in portion
        ]

    def _block(self, partition: Partition, stored: Sequence[tuple[Pane, StoredPane]]) -> Block:
        return self._weaver.block(partition.topic, [(quarter_in(pane), content) for pane, content in stored])


def quarter_in(pane: Pane) -> int:
    """Return the quarter that a stored pane lies in."""
    return pane.number if pane.kind == "q" else pane.number // MINUTES_A_QUARTER
