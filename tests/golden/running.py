"""A golden case through the worker's own path, from bytes to the rows of `/api/kpis`, over the store in memory.

A line of events.jsonl is a record. Its arrival is its event's time, or the attribute `arrival` where the line has one
(no event may have it for any program: unknown attributes are ignored).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from schemas.events import TOPIC_OF
from streams.app import memory_maker
from streams.export.answers import Answers
from streams.export.floor_targets import FloorTargets
from streams.export.query import Filters
from streams.floor import Floor, load
from streams.settings import Settings
from streams.store.memory import MemoryStore
from streams.store.protocol import Claim, Memory, Partition
from streams.targets import Calendars
from streams.times import parse_ms
from streams.view.view import View
from streams.worker import facts as packing
from streams.worker import partition
from streams.worker.facts import topic_facts
from streams.worker.reading import topic_readers
from streams.worker.rows import RowNames
from tests.records import batch_of
from tests.worker import parts

Row = dict[str, Any]
Key = tuple[str, str, str, str]
KEY = ("kpi", "scope", "name", "window")
FAR = 10**9
"""Names that a worker keeps here: all."""


@dataclass(frozen=True)
class Told:
    """What a case leads to at one instant."""

    rows: dict[Key, Row]
    counters: dict[str, int]
    """Over all topics, as the ledgers have them."""


async def counted(case: Path, at: str, monkeypatch: Any) -> tuple[View, Floor]:
    """Return a view of what a worker has counted by an instant, of all that arrived by then, and the case's floor."""
    at_ms = parse_ms(at)
    for module in (packing, partition):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: at_ms / 1000))
    floor = load(case / "floor.yaml")
    store = MemoryStore(clock_ms=at_ms)
    names = RowNames(store, FAR)
    readers = topic_readers(floor.catalogue())
    facts = topic_facts(readers, floor)
    make = memory_maker(readers, facts, floor, Settings(), names)
    partitions = [Partition(topic, 0) for topic in dict.fromkeys(TOPIC_OF.values())]
    for source in partitions:
        claim = await store.claim(source, "golden", 1)
        await store.pin(source, claim, 0)
        claim = Claim(claim.epoch, "golden", 1, 0, 0)
        batch = batch_of(source, 0, list(_records(case, source.topic, at_ms)))
        memory = make(source, claim, Memory())
        if batch.end:
            await store.apply([(source, claim, await parts.delta_of(memory, batch, names, readers, facts))])
    shifts = Calendars(floor).shifts()
    view = View(store, floor.catalogue(), ZoneInfo(floor.timezone), lambda: partitions, shifts=shifts)
    await view.refresh()
    return view, floor


async def told(case: Path, at: str, monkeypatch: Any, version: int | None = None) -> Told:
    """Return what the exporter says at an instant after a worker has counted all that arrived by then."""
    view, floor = await counted(case, at, monkeypatch)
    answer = json.loads(await Answers(view, FloorTargets(floor)).kpis(Filters(version=version)))
    rows = {tuple(row[field] for field in KEY): row for row in answer["kpis"]}
    counters: dict[str, int] = {}
    for ledger in await view.reader.ledgers(view.partitions):
        for name, count in (ledger.counters if ledger else {}).items():
            counters[name] = counters.get(name, 0) + count
    return Told(rows, counters)


def _records(case: Path, topic: str, at_ms: int) -> Iterator[tuple[int, bytes]]:
    """Yield (arrival, value) of a topic's records that have arrived by an instant, in the file's order."""
    for line in (case / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        arrival = parse_ms(event.get("arrival", event["time"]))
        if TOPIC_OF[event["type"]] == topic and arrival <= at_ms:
            yield arrival, line.encode()
