"""What Redis holds of a group, in the recount's shape, so that the two can be compared to the last count."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from redis.asyncio import Redis

from streams.floor import load
from streams.store.names import split_row
from streams.store.protocol import IRREGULAR, LedgerRow, Partition, StoredPane
from streams.store.redis_reader import RedisReader
from tests.integration.recount import HOUR, MINUTE, Figures

CATALOGUE = load(Path(__file__).with_name("floor.yaml")).catalogue()
HASH = 8
CALLS_SHOWN = 24 * HOUR
"""An open call is on the board, and then counted as stale, for so long; when it leaves Redis after that is open."""


async def figures(redis: Redis, group: str, partitions: Sequence[Partition]) -> dict[tuple[str, int], Figures]:
    """Return the figures of each partition that has a ledger."""
    reader = RedisReader(redis, group)
    found = {}
    for partition, ledger in zip(partitions, await reader.ledgers(partitions), strict=True):
        if ledger:
            found[partition.topic, partition.number] = await _figures(reader, partition, ledger)
    return found


async def _figures(reader: RedisReader, partition: Partition, ledger: LedgerRow) -> Figures:
    found = Figures(ledger.next, ledger.arrival, ledger.watermark, dict(ledger.counters))
    (names,) = await reader.changed([(partition, 0)])
    for name, pane in zip(names, await reader.panes([(partition, name) for name in names]), strict=True):
        _take(found, name, pane, CATALOGUE.layout(partition.topic))
    standing = await reader.standing(partition, 0, [])
    found.calls = {name: msgspec.msgpack.decode(state) for name, state in standing.calls.items()}
    for rep, changes in standing.reps.items():
        found.reps[rep] = [tuple(change) for change in msgspec.msgpack.decode(changes)]
    found.sources = await reader.sources(partition)
    return found


def _take(found: Figures, name: str, pane: StoredPane, layout: Sequence[str]) -> None:
    for row, numbers in pane.facts.items():
        facts = found.facts[name, split_row(row)]
        for place, number in zip(layout, numbers, strict=False):
            facts[place.removesuffix(".high")] += number << 24 if place.endswith(".high") else number
    found.irregular.update({(name, kind): number for kind, number in pane.own.pop(IRREGULAR, {}).items()})
    for row, own in pane.own.items():
        for fact, number in own.items():
            found.facts[name, split_row(row)][fact] += number
    for row, pairs in pane.buckets.items():
        found.buckets[name, split_row(row), _part(row)] = dict(zip(pairs[::2], pairs[1::2], strict=True))
    for row, ids in pane.distinct.items():
        found.distinct[name, split_row(row), _part(row)] = {ids[at : at + HASH] for at in range(0, len(ids), HASH)}


def _part(row: str) -> str:
    return row.rsplit("|", 1)[1]


def differences(wanted: Mapping[tuple[str, int], Figures], got: Mapping[tuple[str, int], Figures]) -> list[str]:
    """Return in words where the figures of two countings differ; empty when they are the same to the last count.

    Zeros are as good as nothing. Minutes that Redis forgets by now are left out.
    """
    oldest = int(time.time() * 1000) - 5 * HOUR
    found = []
    for name in sorted({*wanted, *got}):
        left, right = _plain(wanted.get(name, Figures()), oldest), _plain(got.get(name, Figures()), oldest)
        for part in left:
            found += [f"{name} {part} {line}" for line in _unequal(left[part], right[part])]
    return found


def _plain(figures: Figures, oldest: int) -> dict[str, dict[Any, Any]]:
    """Return figures as dictionaries of what can be compared: ids, whose hashes are Redis' own affair, by number."""
    shown = figures.arrival - CALLS_SHOWN
    return {
        "ledger": {"next": figures.position, "arrival": figures.arrival, "watermark": figures.watermark},
        "counter": _nonzero(figures.counters),
        "fact": _nonzero({(*key, fact): n for key, row in _kept(figures.facts, oldest) for fact, n in row.items()}),
        "irregular": dict(_kept(figures.irregular, oldest)),
        "bucket": {key: dict(counts) for key, counts in _kept(figures.buckets, oldest)},
        "ids": {key: len(ids) for key, ids in _kept(figures.distinct, oldest)},
        "all ids": _all_ids(figures),
        "call": {name: _shown(state, shown) for name, state in figures.calls.items() if state[-1] >= shown},
        "rep": dict(figures.reps),
        "source": dict(figures.sources),
    }


def _kept(panes: Mapping[Any, Any], oldest: int) -> Iterable[tuple[Any, Any]]:
    return (
        (key, content)
        for key, content in panes.items()
        if key[0].startswith("q:") or (int(key[0][2:]) + 1) * MINUTE > oldest
    )


def _shown(call: Sequence[Any], since: int) -> list[Any]:
    """Return a call without the steps that are too old for a board."""
    queued, answered, last = call[:3], call[3:6], call[6]
    steps = [step if step[0] is not None and step[0] >= since else [None] * 3 for step in (queued, answered)]
    return [*steps[0], *steps[1], last]


def _all_ids(figures: Figures) -> dict[str, int]:
    """Return how many different ids a set has in all quarters together: equal ids must have equal hashes."""
    together: dict[str, set[Any]] = defaultdict(set)
    for (pane, _, name), ids in figures.distinct.items():
        if pane.startswith("q:"):
            together[name] |= ids
    return {name: len(ids) for name, ids in together.items()}


def _nonzero(numbers: Mapping[Any, int]) -> dict[Any, int]:
    return {name: number for name, number in numbers.items() if number}


def _unequal(wanted: Mapping[Any, Any], got: Mapping[Any, Any]) -> Iterable[str]:
    for key in {**wanted, **got}:
        if wanted.get(key) != got.get(key):
            yield f"{key}: {wanted.get(key)} in Kafka, {got.get(key)} in Redis"


async def content(redis: Redis, key: bytes) -> Any:
    """Return what a key holds, empty if it has just expired; a dump would tell too in what order a large hash lies."""
    match await redis.type(key):
        case b"hash":
            return await redis.hgetall(key)
        case b"list":
            return await redis.lrange(key, 0, -1)
        case b"zset":
            return await redis.zrange(key, 0, -1, withscores=True)
        case b"none":
            return None
    return await redis.get(key)
