"""Batches that were told are added if they lead from what is known to what the ledger says, and only then."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from streams.store.protocol import Delta, LedgerRow, Partition, Told
from streams.view.inbox import Inbox
from tests.view.floor_of_two import CATALOGUE, FIRST, NOON, SECOND
from tests.view.stored import MemoryReader

EMPTY = LedgerRow(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, {})


class Telling(MemoryReader):
    """Tells what the test hands it, one portion a call."""

    def __init__(self, *portions: list[Told]) -> None:
        super().__init__(CATALOGUE, NOON)
        self.portions = list(portions)

    async def told(self, partitions: Sequence[Partition], wait_s: float = 0) -> list[Told]:
        return self.portions.pop(0) if self.portions else []


def told(sequence: int, start: int, end: int, partition: Partition = FIRST) -> Told:
    return Told.of(partition, sequence, Delta(start, end))


def row(sequence: int, offset: int) -> LedgerRow:
    return replace(EMPTY, sequence=sequence, next=offset)


async def learnt(known: LedgerRow, now: LedgerRow, *portions: list[Told]) -> list[tuple[int, int]] | None:
    """Return the offsets of the batches that were learnt, None where the partition must be read."""
    found = await Inbox(Telling(*portions)).between({FIRST: known}, {FIRST: now})
    return [(one.start, one.end) for one in found[FIRST]] if FIRST in found else None


async def test_batches_that_lead_to_the_ledger_are_learnt_in_their_order() -> None:
    assert await learnt(row(3, 10), row(5, 30), [told(5, 20, 30), told(4, 10, 20)]) == [(10, 20), (20, 30)]


async def test_a_ledger_that_stands_still_needs_none() -> None:
    assert await learnt(row(3, 10), row(3, 10)) == []


async def test_a_batch_that_comes_late_is_waited_for() -> None:
    assert await learnt(row(3, 10), row(5, 30), [told(4, 10, 20)], [told(5, 20, 30)]) == [(10, 20), (20, 30)]


@pytest.mark.parametrize(
    "batches",
    [
        [told(4, 10, 20)],
        [told(5, 20, 30)],
        [told(4, 10, 20), told(5, 20, 30, SECOND)],
        [told(4, 9, 20), told(5, 20, 30)],  # of a ledger that was turned back: it began elsewhere …
        [told(4, 10, 19), told(5, 20, 30)],
        [told(4, 10, 20), told(5, 20, 31)],  # … or ended elsewhere
    ],
)
async def test_a_partition_of_which_a_batch_is_missing_must_be_read(batches: list[Told]) -> None:
    assert await learnt(row(3, 10), row(5, 30), batches) is None


async def test_a_ledger_that_was_moved_over_a_gap_must_be_read() -> None:
    assert await learnt(row(3, 10), row(3, 15)) is None


async def test_what_is_told_ahead_of_the_ledger_is_kept_until_it_is_reached() -> None:
    inbox = Inbox(Telling([told(4, 10, 20), told(5, 20, 30)]))
    first = await inbox.between({FIRST: row(3, 10)}, {FIRST: row(4, 20)})
    second = await inbox.between({FIRST: row(4, 20)}, {FIRST: row(5, 30)})
    assert [len(found[FIRST]) for found in (first, second)] == [1, 1]


async def test_what_was_passed_is_forgotten() -> None:
    inbox = Inbox(Telling([told(4, 10, 20)]))
    await inbox.between({}, {FIRST: row(4, 20)})
    assert await inbox.between({FIRST: row(3, 10)}, {FIRST: row(4, 20)}) == {}
