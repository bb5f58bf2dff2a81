"""From a batch's additions by minute to what its minute and quarter panes gain."""

from collections.abc import Mapping

import numpy as np

from streams.kpis.compile import Adder, Row, Rows
from streams.store.protocol import MINUTE_MS, PaneDelta
from streams.worker.rows import RowNames

MINUTES_KEPT_MS = 5 * 60 * MINUTE_MS
MINUTES_A_QUARTER = 15


def panes_of(
    rows: Rows, adder: Adder, names: RowNames, now_ms: int
) -> tuple[dict[int, PaneDelta], dict[int, PaneDelta]]:
    """Return the deltas of minute and of quarter panes. Minutes that the store has forgotten by now are left out."""
    by_minute: dict[int, dict[str, Row]] = {}
    by_quarter: dict[int, dict[str, Row]] = {}
    oldest = (now_ms - MINUTES_KEPT_MS) // MINUTE_MS
    for key, row in rows.items():
        minute, name = key[0], names[key[1:]]
        if minute >= oldest:
            _add(by_minute.setdefault(minute, {}), name, row, adder)
        _add(by_quarter.setdefault(minute // MINUTES_A_QUARTER, {}), name, row, adder)
    return (
        {minute: _pane(named, adder) for minute, named in by_minute.items()},
        {quarter: _pane(named, adder) for quarter, named in by_quarter.items()},
    )


def _add(named: dict[str, Row], name: str, row: Row, adder: Adder) -> None:
    held = named.get(name)
    named[name] = row if held is None else _sum(held, row, adder.facts + len(adder.own))


def _pane(named: Mapping[str, Row], adder: Adder) -> PaneDelta:
    pane = PaneDelta()
    for name, row in named.items():
        _unpack(name, row, adder, pane)
    return pane


def _sum(left: Row, right: Row, sums: int) -> Row:
    row = [a + b for a, b in zip(left[:sums], right[:sums], strict=True)]
    row.extend(a + b if a and b else a or b for a, b in zip(left[sums:], right[sums:], strict=True))
    return row


def _unpack(name: str, row: Row, adder: Adder, pane: PaneDelta) -> None:
    place = adder.facts
    pane.facts[name] = row[:place]
    if adder.own:
        own = {fact: value for fact, value in zip(adder.own, row[place:], strict=False) if value}
        if own:
            pane.own[f"{name}|+"] = own
        place += len(adder.own)
    for kind in adder.buckets:
        if row[place]:
            pane.buckets[f"{name}|{kind}"] = counted(row[place])
        place += 1
    for kind in adder.distinct:
        if row[place]:
            pane.distinct[f"{name}|{kind}"] = np.array(list(dict.fromkeys(row[place])), dtype="<u8").tobytes()
        place += 1


def counted(samples: list[int]) -> list[int]:
    """Return bucket samples as flat ascending [bucket, count, …]."""
    if len(samples) == 1:
        return [samples[0], 1]
    counts: dict[int, int] = {}
    for bucket in samples:
        counts[bucket] = counts.get(bucket, 0) + 1
    return [part for pair in sorted(counts.items()) for part in pair]
