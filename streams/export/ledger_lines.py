"""The series about the processing itself: counted, parked, late, behind."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from schemas.refusals import Reason
from streams.export.labels import public
from streams.export.lines import Lines, Sample, together, written
from streams.export.names import (
    APPLIED,
    EVENTS,
    EXCLUDED,
    GAP,
    LAG,
    OTHER_CURRENCY,
    PARKED,
    RESULTS,
    SOURCE,
    SOURCES_LIMIT,
    WATERMARK,
)
from streams.store.protocol import PARKED_COUNTER, LedgerRow
from streams.view.view import Snapshot


def ledger_lines(snapshot: Snapshot, topics: Iterable[str]) -> Lines:
    """Return the families that come from the ledgers; what is counted is there from the start, at 0."""
    totals: dict[str, Counter[str]] = {topic: Counter() for topic in topics}
    for partition, row in snapshot.ledgers.items():
        if row:
            totals.setdefault(partition.topic, Counter()).update(row.counters)
    excluded = sum(counters[OTHER_CURRENCY] for counters in totals.values())
    lags = [((p.topic, str(p.number)), lag) for p, lag in sorted(snapshot.lags.items())]
    return together(
        (
            written(EVENTS, _events(totals)),
            written(PARKED, _parked(totals)),
            written(LAG, lags),
            written(APPLIED, _of_partitions(snapshot, lambda row: row.applied / 1000 if row.applied else None)),
            written(WATERMARK, _of_partitions(snapshot, lambda row: row.watermark / 1000 if row.watermark else None)),
            written(GAP, _of_partitions(snapshot, lambda row: row.gap)),
            written(EXCLUDED, [((OTHER_CURRENCY,), excluded)]),
            written(SOURCE, _sources(snapshot.sources)),
        )
    )


def _events(totals: Mapping[str, Counter[str]]) -> Iterator[Sample]:
    for topic, counters in totals.items():
        parked = sum(count for name, count in counters.items() if name.startswith(PARKED_COUNTER))
        counts = {"parked": parked}
        for result in RESULTS:
            yield (topic, result), counts.get(result, counters[result])


def _parked(totals: Mapping[str, Counter[str]]) -> Iterator[Sample]:
    for topic, counters in totals.items():
        for reason in Reason:
            yield (topic, reason.value), counters[PARKED_COUNTER + reason.value]


def _of_partitions(snapshot: Snapshot, number: Callable[[LedgerRow], float | None]) -> Iterator[Sample]:
    for partition, row in snapshot.ledgers.items():
        if row and (found := number(row)) is not None:
            yield (partition.topic, str(partition.number)), found


def _sources(sources: Mapping[str, int]) -> Iterator[Sample]:
    """Yield the sources that were heard last: one that falls silent stays as long as not so many others speak."""
    latest: dict[str, int] = {}
    for source, ms in sources.items():
        latest[public(source)] = max(ms, latest.get(public(source), 0))
    heard = sorted(latest, key=lambda source: (-latest[source], source))[:SOURCES_LIMIT]
    for source in sorted(heard):
        yield (source,), latest[source] / 1000
