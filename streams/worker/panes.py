"""From a batch's additions by minute to what its minute and quarter panes gain."""

from array import array
from collections.abc import Mapping
from operator import add

from streams.kpis.compile import Adder, Row, RowKey, Rows
from streams.kpis.panes import MINUTES_A_QUARTER
from streams.store.protocol import MINUTE_MS, PaneDelta

MINUTES_SENT_MS = (5 + 24) * 60 * MINUTE_MS
"""A day more than the store keeps minutes: its clock decides, ours only saves work in a back-fill."""
IDS = "Q"
"""Unsigned 64 bits: little-endian on every machine that this runs on."""


def panes_of(
    rows: Rows, adder: Adder, names: Mapping[RowKey, str], now_ms: int
) -> tuple[dict[int, PaneDelta], dict[int, PaneDelta]]:
    """Return the deltas of minute and of quarter panes. Minutes that the store has forgotten long ago are left out.

    `names` holds the row of every key.
    """
    minutes: dict[int, PaneDelta] = {}
    by_quarter: dict[int, dict[RowKey, Row]] = {}
    oldest = (now_ms - MINUTES_SENT_MS) // MINUTE_MS
    sums = adder.facts + len(adder.own)
    for minute, named in rows.items():
        if minute >= oldest:
            minutes[minute] = _pane(named, adder, names)
        _merge(by_quarter.setdefault(minute // MINUTES_A_QUARTER, {}), named, sums)
    return minutes, {quarter: _pane(named, adder, names) for quarter, named in by_quarter.items()}


def _merge(into: dict[RowKey, Row], named: Mapping[RowKey, Row], sums: int) -> None:
    """Add rows; a row that is alone is shared, so nothing here changes one in place."""
    get = into.get
    for key, row in named.items():
        held = get(key)
        into[key] = row if held is None else _sum(held, row, sums)


def _sum(left: Row, right: Row, sums: int) -> Row:
    row = list(map(add, left[:sums], right[:sums]))
    row += [a + b if a and b else a or b for a, b in zip(left[sums:], right[sums:], strict=True)]
    return row


def _pane(named: Mapping[RowKey, Row], adder: Adder, names: Mapping[RowKey, str]) -> PaneDelta:
    pane = PaneDelta()
    width = adder.facts
    known = [(names[key], row) for key, row in named.items()]
    merging = len(known) != len({name for name, _ in known})  # names beyond the limit share a row
    rows = _together(known, width + len(adder.own)) if merging else known
    pane.facts = {name: row[:width] for name, row in rows}
    if adder.own:
        pane.own = {f"{name}|+": own for name, row in rows if (own := _own(row, adder))}
    place = width + len(adder.own)
    for kind in adder.buckets:
        pane.buckets |= {f"{name}|{kind}": counted(samples) for name, row in rows if (samples := row[place])}
        place += 1
    for kind in adder.distinct:
        pane.distinct |= {
            f"{name}|{kind}": array(IDS, samples).tobytes() for name, row in rows if (samples := row[place])
        }
        place += 1
    return pane


def _together(known: list[tuple[str, Row]], sums: int) -> list[tuple[str, Row]]:
    merged: dict[str, Row] = {}
    for name, row in known:
        held = merged.get(name)
        merged[name] = row if held is None else _sum(held, row, sums)
    return list(merged.items())


def _own(row: Row, adder: Adder) -> dict[str, int]:
    return {fact: value for fact, value in zip(adder.own, row[adder.facts :], strict=False) if value}


def counted(samples: list[int]) -> list[int]:
    """Return bucket samples as flat ascending [bucket, count, …]."""
    if len(samples) == 1:
        return [samples[0], 1]
    counts: dict[int, int] = {}
    for bucket in samples:
        counts[bucket] = counts.get(bucket, 0) + 1
    return [part for pair in sorted(counts.items()) for part in pair]
