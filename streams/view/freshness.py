"""Which topics are stale: somebody must be at work on every partition, lately, and keep up."""

from collections.abc import Iterable, Mapping

from streams.store.protocol import LedgerRow, Partition
from streams.view.lag import LagWatch, Sample

UNVERIFIED_MS = 10_000


def silent(row: LedgerRow | None, now_ms: int) -> bool:
    """Say whether nobody is known to work on a partition; `now_ms` is by the store's clock."""
    return row is None or row.lease <= now_ms or now_ms - row.verified >= UNVERIFIED_MS


class Freshness:
    """Follows ledgers and Kafka's end offsets."""

    def __init__(self) -> None:
        self._watches: dict[Partition, LagWatch] = {}
        self._ledgers: Mapping[Partition, LedgerRow | None] = {}
        self.lags: dict[Partition, int] = {}
        """Records that wait in Kafka, where both sides are known."""

    def see(self, ledgers: Mapping[Partition, LedgerRow | None], ends: Mapping[Partition, int], now_ms: int) -> None:
        """Take up what is known at `now_ms`."""
        self._ledgers = ledgers
        self.lags = {p: max(0, ends[p] - row.next) for p, row in ledgers.items() if row and p in ends}
        for partition, lag in self.lags.items():
            row = ledgers[partition]
            assert row
            self._watches.setdefault(partition, LagWatch()).see(Sample(now_ms, row.next, lag))

    def stale(self, partitions: Iterable[Partition], now_ms: int) -> tuple[str, ...]:
        """Return the stale topics, in the order of the partitions."""
        found: dict[str, None] = {}
        for partition in partitions:
            growing = partition in self.lags and self._watches[partition].growing()
            if growing or silent(self._ledgers.get(partition), now_ms):
                found[partition.topic] = None
        return tuple(found)
