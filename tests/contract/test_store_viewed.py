"""The view follows either kind of store batch by batch and shows what a view that reads everything at once shows."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from streams.floor import Floor
from streams.store.protocol import MINUTE_MS, QUARTER_MS, Delta, Partition, Reader
from streams.view.view import View
from tests.contract.deltas import ROW, ids, pane_delta
from tests.contract.stores import Bench
from tests.contract.test_store import apply
from tests.view.floor_of_two import value

CATALOGUE = Floor.default().catalogue()
COMINGS = {
    "ascending": ([1], [2, 3], [4]),
    "descending": ([9], [8, 7], [6]),
    "in between": ([10, 30], [20], [15, 25]),
    "again": ([5, 6], [6, 5], [5, 4]),
    "at both ends of 64 bits": ([2**63], [1, 2**64 - 1], [2**32]),
}


def viewing(reader: Reader, partition: Partition) -> View:
    """Return a view that has read nothing yet."""
    return View(reader, CATALOGUE, ZoneInfo("UTC"), lambda: [partition])


async def unique_opens(view: View) -> float | None:
    await view.refresh()
    return value(view.figures, "unique_opens", "15m")


@pytest.mark.parametrize("coming", COMINGS.values(), ids=COMINGS)
async def test_different_ids_are_counted_as_they_come(bench: Bench, coming: Sequence[list[int]]) -> None:
    partition = bench.partition("emails")
    claim = await bench.writer.claim(partition, "one", 1)
    await bench.writer.pin(partition, claim, 0)
    now = await bench.now()
    following, known = viewing(bench.reader, partition), set[int]()
    for start, numbers in enumerate(coming):
        known |= set(numbers)
        pane = pane_delta(facts={ROW: [1]}, distinct={f"{ROW}|opens": ids(*numbers)})
        delta = Delta(start, start + 1, arrival=now, watermark=now)
        delta.minutes, delta.quarters = {now // MINUTE_MS: pane}, {now // QUARTER_MS: pane}
        await apply(bench, partition, claim, delta)
        assert await unique_opens(following) == len(known)
        assert await unique_opens(viewing(bench.reader, partition)) == len(known)
