"""What facts cost the worker in memory: none, some as built-in ones, and the same as a floor's own.

`python -m bench.own_facts` prints the results as JSON. Decoding is left out: it is the same for all.
"""

import gc
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from bench.events import records
from schemas.events.fields import UNASSIGNED
from streams.decode import TopicDecoder
from streams.events import Events, RowKey
from streams.floor import load
from streams.kpis.additions import hashes_of
from streams.kpis.counting import Counting
from streams.kpis.model import Fact
from streams.store.names import row_name
from streams.worker.panes import Packer, named
from streams.worker.reading import CHUNK

FLOOR = Path(__file__).with_name("floor.yaml")
EVENTS, PER_SECOND = 100_000, 1100
ENDED = b'"call.ended"'
BATCH = 8000
ROUNDS = 25
"""The median of many short rounds, all kinds in each: what else a machine does comes and goes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of counting one ended call and packing its rows: the medians of some rounds."""

    facts: int
    none_us: float
    built_in_us: float
    own_us: float
    ratio: float
    """How much longer the worker takes with own facts than with built-in ones, in the same round."""


def measure(events: int = EVENTS, rounds: int = ROUNDS) -> Cost:
    """Count the same calls with each catalogue, by turns."""
    floor = load(FLOOR)
    decoder = TopicDecoder("calls", hashes_of("calls", floor.catalogue()))
    batches = list(_batches(decoder, events))
    plain = replace(floor, facts=(), kpis=()).catalogue()
    kinds = {
        "none": plain,
        "built_in": plain.with_facts(_as(floor.facts, own=False)),
        "own": plain.with_facts(_as(floor.facts, own=True)),
    }
    counters = {kind: Counting(catalogue, decoder.layout, floor.queue_policies) for kind, catalogue in kinds.items()}
    workers = {kind: (counting, Packer(counting.plan)) for kind, counting in counters.items()}
    counted = sum(len(events) for parts in batches for events in parts)
    gc.freeze()  # as the worker does
    took = [{kind: _work(*worker, batches) / counted * 1e6 for kind, worker in workers.items()} for _ in range(rounds)]
    middle = {kind: median(one[kind] for one in took) for kind in workers}
    ratio = median(one["own"] / one["built_in"] for one in took)
    return Cost(len(floor.facts), middle["none"], middle["built_in"], middle["own"], ratio)


def _as(facts: Iterable[Fact], *, own: bool) -> list[Fact]:
    return [replace(fact, own=own) for fact in facts]


def _batches(decoder: TopicDecoder, count: int) -> Iterable[list[Events]]:
    now_ms = int(time.time() * 1000)
    loaded = records(count, now_ms - count * 1000 // PER_SECOND, PER_SECOND)
    calls = [one for one in loaded if one.topic == "calls" and ENDED in one.value]
    for low in range(0, len(calls), BATCH):
        parts = []
        for place in range(low, min(low + BATCH, len(calls)), CHUNK):
            part = calls[place : min(place + CHUNK, low + BATCH)]
            parts.append(decoder.decode_chunk([one.value for one in part], [one.arrival_ms for one in part]).events)
        yield parts


def _work(counting: Counting, packer: Packer, batches: Sequence[list[Events]]) -> float:
    names: dict[RowKey, str] = {}
    now_ms = int(time.time() * 1000)
    begun = time.process_time()
    for parts in batches:
        counted = list(counting.count([parts]))
        for key in set[RowKey]().union(*(one.rows() for one in counted)):
            if key not in names:
                names[key] = row_name(*(part or UNASSIGNED for part in key))
        packer.panes_of(named(counted, [{}], names, counting.plan.places), 1, now_ms)
    return time.process_time() - begun


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure())))
