"""A batch is told as it is applied, so that a follower need not read what it already has."""

from dataclasses import replace

from streams.store.protocol import Claim, Outcome, Partition, Told
from tests.contract.deltas import batch, rich
from tests.contract.stores import Bench
from tests.contract.test_store import apply, pinned


async def followed(bench: Bench) -> tuple[Partition, Claim]:
    """Return a new partition whose batches are told from now on."""
    partition, claim = await pinned(bench)
    assert await bench.reader.told([partition]) == []
    return partition, claim


async def told(bench: Bench, partition: Partition) -> list[Told]:
    return await bench.reader.told([partition], wait_s=1)


async def test_each_batch_is_told_once_and_as_it_was(bench: Bench) -> None:
    partition, claim = await followed(bench)
    now = await bench.now()
    deltas = [rich(0, now), rich(10, now), batch(20, 21)]
    for delta in deltas:
        await apply(bench, partition, claim, delta)
    found: list[Told] = []
    while len(found) < 3:
        found += await told(bench, partition)
    assert found == [Told.of(partition, number, delta) for number, delta in enumerate(deltas, 1)]
    (row,) = await bench.reader.ledgers([partition])
    assert row and (row.sequence, row.next) == (found[-1].sequence, found[-1].end)


async def test_what_leaves_is_told(bench: Bench) -> None:
    partition, claim = await followed(bench)
    await apply(bench, partition, claim, replace(batch(0, 1), calls={"c": None, "d": b"x"}, reps={"r": None}))
    (one,) = await told(bench, partition)
    assert (one.calls, one.reps) == ({"c": None, "d": b"x"}, {"r": None})


async def test_only_what_was_applied_is_told(bench: Bench) -> None:
    partition, claim = await followed(bench)
    await apply(bench, partition, claim, batch(0, 10))
    assert await apply(bench, partition, claim, batch(0, 10)) is Outcome.ALREADY
    assert await apply(bench, partition, claim, batch(5, 15)) is Outcome.FENCED
    await apply(bench, partition, claim, batch(10, 11))
    found: list[Told] = []
    while len(found) < 2:
        found += await told(bench, partition)
    assert [(one.sequence, one.start, one.end) for one in found] == [(1, 0, 10), (2, 10, 11)]


async def test_partitions_are_told_apart(bench: Bench) -> None:
    (first, claim), (second, other) = await followed(bench), await followed(bench)
    await apply(bench, second, other, batch(0, 1))
    await apply(bench, first, claim, batch(0, 2))
    found: list[Told] = []
    while len(found) < 2:
        found += await bench.reader.told([first, second], wait_s=1)
    assert {one.partition: one.end for one in found} == {first: 2, second: 1}


async def test_a_partition_stands_as_its_parts_do(bench: Bench) -> None:
    partition, claim = await pinned(bench)
    now = await bench.now()
    await apply(bench, partition, claim, rich(0, now))
    await apply(bench, partition, claim, batch(10, 11))
    (changed,) = await bench.reader.changed([(partition, 0)])
    standing = await bench.reader.standing(partition, 0, changed)
    assert [standing.row] == await bench.reader.ledgers([partition])
    assert standing.changed == changed
    assert standing.panes == await bench.reader.panes([(partition, pane) for pane in changed])
    assert (standing.calls, standing.reps) == (rich(0, now).calls, rich(0, now).reps)
    assert (await bench.reader.standing(partition, 1, [])).changed == []
    assert (await bench.reader.standing(bench.partition(), 0, [])).row is None


async def test_nobody_is_told_of_no_partitions(bench: Bench) -> None:
    assert await bench.reader.told([], wait_s=1) == []
