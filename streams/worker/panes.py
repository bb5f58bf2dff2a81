"""From a batch's additions by minute to what its minute and quarter panes gain, packed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add

from streams.kpis.compile import Adder, Row, RowKey, Rows
from streams.kpis.panes import MINUTES_A_QUARTER
from streams.store.packing import pack_facts, pack_id, pack_ids, pack_own_flat, pack_sample, pack_samples
from streams.store.protocol import MINUTE_MS, PaneDelta

MINUTES_SENT_MS = (5 + 24) * 60 * MINUTE_MS
"""A day more than the store keeps minutes: its clock decides, ours only saves work in a back-fill."""

Named = dict[str, Row]
"""Row name → what is added to the row."""


def panes_of(
    rows: Rows, adder: Adder, names: Mapping[RowKey, str], now_ms: int
) -> tuple[dict[int, PaneDelta], dict[int, PaneDelta]]:
    """Return the deltas of minute and of quarter panes. Minutes that the store has forgotten long ago are left out.

    `names` holds the row of every key.
    """
    minutes: dict[int, PaneDelta] = {}
    by_quarter: dict[int, dict[int, Named]] = {}
    oldest = oldest_sent(now_ms)
    for minute, keyed in rows.items():
        named = _named(keyed, names)
        by_quarter.setdefault(minute // MINUTES_A_QUARTER, {})[minute] = named
        if minute >= oldest:
            minutes[minute] = _packed(named, adder)
    return minutes, {quarter: _quarter(parts, minutes, adder) for quarter, parts in by_quarter.items()}


def _quarter(parts: Mapping[int, Named], minutes: Mapping[int, PaneDelta], adder: Adder) -> PaneDelta:
    """Return the sum of a quarter's minutes. A single one, as in nearly all batches of the present, is packed already."""
    first, *others = parts
    if not others and (packed := minutes.get(first)):
        own = packed.own.copy()  # only there is more to come: what is irregular
        return PaneDelta(packed.facts, packed.buckets, own, packed.distinct)
    total: Named = {}
    for named in parts.values():
        _merge(total, named.items())
    return _packed(total, adder)


def oldest_sent(now_ms: int) -> int:
    """Return the first minute that the store may still keep."""
    return (now_ms - MINUTES_SENT_MS) // MINUTE_MS


def _named(keyed: Mapping[RowKey, Row], names: Mapping[RowKey, str]) -> Named:
    named = dict(zip(map(names.__getitem__, keyed), keyed.values(), strict=True))
    if len(named) < len(keyed):  # names beyond the limit share a row
        named = {}
        _merge(named, ((names[key], row) for key, row in keyed.items()))
    return named


def _merge(into: Named, named: Iterable[tuple[str, Row]]) -> None:
    """Add rows; a row that is alone is shared, so nothing here changes one in place."""
    get = into.get
    for name, row in named:
        held = get(name)
        into[name] = row if held is None else list(map(add, held, row))


def _packed(named: Named, adder: Adder) -> PaneDelta:
    facts, place = adder.facts, adder.facts + len(adder.own)
    pane = PaneDelta({name: pack_facts(row[:facts]) for name, row in named.items()})
    if adder.own:
        pane.own = {f"{name}|+": pack_own_flat(own) for name, row in named.items() if (own := adder.own_counted(row))}
    for kind in adder.buckets:
        _pack(pane.buckets, kind, place, named, pack_sample, pack_samples)
        place += 1
    for kind in adder.distinct:
        _pack(pane.distinct, kind, place, named, pack_id, pack_ids)
        place += 1
    return pane


def _pack(
    into: dict[str, bytes],
    kind: str,
    place: int,
    named: Named,
    pack_one: Callable[[int], bytes],
    pack: Callable[[Sequence[int]], bytes],
) -> None:
    suffix = f"|{kind}"
    for name, row in named.items():
        if samples := row[place]:
            into[name + suffix] = pack_one(samples[0]) if len(samples) == 1 else pack(samples)
