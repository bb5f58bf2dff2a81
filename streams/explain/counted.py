"""Panes and states of partitions, each partition's as they stood together although workers go on."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from streams.store.protocol import LedgerRow, Partition, Reader, StoredPane, StoreUnavailable

PORTION = 25
"""Panes that are asked for in one round trip: so few that boards, which have their turn in between, wait for none."""
ROUNDS = 50
"""Panes change one after the other: what changed in one round is what may change in the next."""

Take = Callable[[Partition, str, StoredPane], None]
"""Takes a partition's pane, `m:<minute>` or `q:<quarter>`; a later state of a pane replaces the earlier one."""


async def counted(
    reader: Reader, partitions: Iterable[Partition], panes: Sequence[str], take: Take
) -> list[Mapping[str, bytes]]:
    """Hand over the panes of all partitions; return the packed reps of each, of the same position in Kafka.

    A change of state moves time from what still lasts into panes: read one before the other, it would count twice or
    not at all. So what scripts change meanwhile is read again, at last in one step. Raises StoreUnavailable.
    """
    return [await _settled(reader, partition, panes, take) for partition in partitions]


async def _settled(reader: Reader, partition: Partition, panes: Sequence[str], take: Take) -> Mapping[str, bytes]:
    wanted, asked = set(panes), list[str]()
    before = await _all(reader, partition, panes, take)
    for _ in range(ROUNDS):
        now = await reader.standing(partition, before.sequence if before else 0, asked)
        if _another(before, now.row):
            before, asked = await _all(reader, partition, panes, take), []
            continue
        changed = [pane for pane in now.changed if pane in wanted]
        if set(changed) <= set(asked):
            for pane, content in zip(asked, now.panes, strict=True):
                take(partition, pane, content)
            return now.reps
        asked = changed
    raise StoreUnavailable("it changes faster than it can be read: ask again")


async def _all(reader: Reader, partition: Partition, panes: Sequence[str], take: Take) -> LedgerRow | None:
    """Read all panes, over a while; return the ledger from before."""
    (before,) = await reader.ledgers([partition])
    for low in range(0, len(panes), PORTION):
        portion = panes[low : low + PORTION]
        for pane, content in zip(portion, await reader.panes([(partition, pane) for pane in portion]), strict=True):
            take(partition, pane, content)
        await asyncio.sleep(0)
    return before


def _another(before: LedgerRow | None, now: LedgerRow | None) -> bool:
    """Say whether the store may have lost what was read: then nothing of it holds."""
    if before is None or now is None:
        return before is not now
    return now.sequence < before.sequence or now.epoch != before.epoch
