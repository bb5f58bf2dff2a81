"""Stored history, opened for one look: a view of what Redis holds, without Kafka."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from schemas import topics
from streams.floor.model import Floor
from streams.kpis.shifts import Shifts
from streams.review.shifts import shift_judged
from streams.store.protocol import Partition, Reader
from streams.targets import Calendars
from streams.view.view import View

MOST_PARTITIONS = 1024
"""That a topic may have, by the settings."""


class NothingCounted(Exception):
    """The store holds no figures of this group."""


async def some_partitions(reader: Reader, group: str) -> list[Partition]:
    """Return the partitions that a group has counted. Raises NothingCounted, StoreUnavailable."""
    partitions = await counted_partitions(reader)
    if not partitions:
        raise NothingCounted(f"nothing has been counted yet for FLOORCAST_GROUP={group}")
    return partitions


async def counted_partitions(reader: Reader) -> list[Partition]:
    """Return the partitions that have been counted. Raises StoreUnavailable."""
    possible = [Partition(topic, number) for topic in topics.load() for number in range(MOST_PARTITIONS)]
    ledgers = await reader.ledgers(possible)
    return [partition for partition, ledger in zip(possible, ledgers, strict=True) if ledger]


async def opened(reader: Reader, floor: Floor, partitions: Sequence[Partition]) -> View:
    """Return a floor's view of what is stored now. Raises StoreUnavailable."""
    return await _opened(reader, floor, partitions, Calendars(floor).shifts())


async def opened_to_judge(reader: Reader, floor: Floor, partitions: Sequence[Partition]) -> View:
    """Return the same with shifts as they are judged, see `shift_judged`. Raises StoreUnavailable."""
    return await _opened(reader, floor, partitions, Calendars(floor).shifts(shift_judged))


async def _opened(reader: Reader, floor: Floor, partitions: Sequence[Partition], shifts: Shifts) -> View:
    view = View(reader, floor.catalogue(), ZoneInfo(floor.timezone), lambda: partitions, shifts=shifts)
    await view.refresh()
    return view
