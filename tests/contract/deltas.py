"""Batches for the contract: rich ones by hand, and streams of small events that can be cut into batches anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from streams.store.names import row_name
from streams.store.packing import pack_pane
from streams.store.protocol import HOUR_MS, IRREGULAR, MINUTE_MS, QUARTER_MS, Delta, PaneDelta, StoredPane

ROW = row_name("north", "sales", "spring", "ann")


def ids(*numbers: int) -> bytes:
    """Return 8-byte ids."""
    return b"".join(number.to_bytes(8, "little") for number in numbers)


def batch(start: int, end: int, now_ms: int = 0, **changes: Any) -> Delta:
    """Return a batch with the given changes and a counter of its records."""
    return Delta(start=start, end=end, counters={"applied": end - start}, arrival=now_ms, watermark=now_ms, **changes)


def pane_delta(**kinds: Any) -> PaneDelta:
    """Return what adds the given content, in the shapes of `StoredPane`; ids in any order."""
    return pack_pane(StoredPane(**kinds))


def rich(start: int, now_ms: int, end: int | None = None) -> Delta:
    """Return a batch that changes something of every kind."""
    minute, quarter, hour = now_ms // MINUTE_MS, now_ms // QUARTER_MS, now_ms // HOUR_MS
    return Delta(
        start=start,
        end=start + 10 if end is None else end,
        arrival=now_ms,
        watermark=now_ms - 7,
        minutes={minute: rich_pane(), minute - 1: rich_pane()},
        quarters={quarter: rich_pane()},
        counters={"applied": 9, "parked:future": 1},
        sources={"pbx": now_ms - 7},
        seen={hour: ids(start, start + 1), hour - 1: ids(start + 2)},
        ended={hour: ids(start + 3)},
        calls={"c1": b"state", "c2": b"\x00|\xff"},
        reps={"ann": b"changes"},
    )


def rich_pane() -> PaneDelta:
    """Return additions of every kind."""
    return pane_delta(
        facts={ROW: [1, 0, 250_000], f"{ROW}2": [0, 3]},
        buckets={f"{ROW}|wait": [0, 1, 700, 2], f"{ROW}|handle": [1300, 1]},
        own={f"{ROW}|+": {"vip_calls": 2, "a": 1}, IRREGULAR: {"late": 1, "parked:future": 1}},
        distinct={f"{ROW}|customers": ids(11, 12), f"{ROW}|opens": ids(13)},
    )


@dataclass
class Small:
    """What one event adds."""

    minute: int
    row: str
    facts: list[int]
    samples: dict[str, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    distinct: dict[str, int] = field(default_factory=dict)
    arrival: int = 0
    source: str = "pbx"
    seen: int = 0
    calls: dict[str, bytes | None] = field(default_factory=dict)
    reps: dict[str, bytes | None] = field(default_factory=dict)


def small_events(now_ms: int) -> st.SearchStrategy[list[Small]]:
    """Return streams of events whose arrivals go on by up to a few hours, and sometimes back a little."""
    states = st.dictionaries(st.sampled_from(["x", "y\n", "z|%"]), st.none() | st.binary(min_size=1, max_size=3))
    one = st.builds(
        Small,
        minute=st.integers(-20, 0).map(lambda back: now_ms // MINUTE_MS + back),
        row=st.sampled_from([ROW, row_name("s|%", "", "\x00", "é"), "a|b|c|d"]),
        facts=st.lists(st.integers(-(2**40), 2**40), min_size=3, max_size=3),
        samples=st.dictionaries(st.sampled_from(["wait", "handle"]), st.integers(0, 5) | st.integers(250, 2000)),
        own=st.dictionaries(st.sampled_from(["a", "b_", "b", "aa", "é", "z"]), st.integers(-300, 70_000), max_size=3),
        distinct=st.dictionaries(st.sampled_from(["customers", "opens"]), st.integers(0, 6)),
        arrival=st.integers(-10, 4 * 60),
        source=st.sampled_from(["pbx", "crm\x00", "日本"]),
        calls=states,
        reps=states,
    )
    return st.lists(one, min_size=1, max_size=40).map(lambda events: _arriving(events, now_ms))


def _arriving(events: list[Small], now_ms: int) -> list[Small]:
    at = now_ms - 40 * 4 * HOUR_MS
    for number, event in enumerate(events):
        at += event.arrival * MINUTE_MS
        event.arrival, event.seen = at, number
    return events


def fold(events: Sequence[Small], start: int) -> Delta:
    """Return the batch of consecutive events, as a worker would."""
    delta = Delta(start=start, end=start + len(events), counters={"applied": len(events)})
    minutes: dict[int, StoredPane] = {}
    quarters: dict[int, StoredPane] = {}
    for event in events:
        delta.arrival, delta.watermark = max(delta.arrival, event.arrival), max(delta.watermark, event.arrival - 5)
        _add(minutes.setdefault(event.minute, StoredPane()), event)
        _add(quarters.setdefault(event.minute // 15, StoredPane()), event)
        hour = event.arrival // HOUR_MS
        delta.seen[hour] = delta.seen.get(hour, b"") + ids(event.seen)
        delta.ended[hour] = delta.ended.get(hour, b"") + ids(event.seen + 1000)
        delta.sources[event.source] = max(delta.sources.get(event.source, 0), event.arrival)
        delta.calls = {**delta.calls, **event.calls}
        delta.reps = {**delta.reps, **event.reps}
    delta.minutes = {minute: pack_pane(pane) for minute, pane in minutes.items()}
    delta.quarters = {quarter: pack_pane(pane) for quarter, pane in quarters.items()}
    return delta


def _add(pane: StoredPane, event: Small) -> None:
    facts = pane.facts.setdefault(event.row, [0, 0, 0])
    pane.facts[event.row] = [a + b for a, b in zip(facts, event.facts, strict=True)]
    for kind, bucket in event.samples.items():
        pairs = pane.buckets.get(f"{event.row}|{kind}", [])
        counts = dict(zip(pairs[::2], pairs[1::2], strict=True))
        counts[bucket] = counts.get(bucket, 0) + 1
        pane.buckets[f"{event.row}|{kind}"] = [part for pair in sorted(counts.items()) for part in pair]
    if event.own:
        own = pane.own.setdefault(f"{event.row}|+", {})
        for name, value in event.own.items():
            own[name] = own.get(name, 0) + value
    for kind, number in event.distinct.items():
        name = f"{event.row}|{kind}"
        pane.distinct[name] = ids(number) + pane.distinct.get(name, b"")
