"""Which topics are stale: somebody must be at work on every partition, lately, and keep up."""

from collections.abc import Iterable, Mapping

from streams.store.protocol import LedgerRow, Partition
from streams.view.lag import LagWatch, Sample

UNVERIFIED_MS = 10_000


def silent(row: LedgerRow | None, now_ms: int) -> bool:
    """Say whether nobody is known to work on a partition; `now_ms` is by the store's clock."""
    return row is None or row.lease <= now_ms or now_ms - row.verified >= UNVERIFIED_MS


class Freshness:
    """Follows ledgers and Kafka's end offsets.

    A partition that was not up to date, for whatever reason, is so again when it has reached what lay in Kafka when the
    reason went away: nobody takes the figures of a rebuild for those of now. So does one that is met for the first time.
    What lay there a new owner says in the ledger; for other reasons it is asked here, and may not be known.
    """

    def __init__(self) -> None:
        self._watches: dict[Partition, LagWatch] = {}
        """Of partitions whose ledger and end have been known."""
        self._ledgers: Mapping[Partition, LedgerRow | None] = {}
        self._owed: dict[Partition, int] = {}
        """The offset that a partition must have reached to be up to date."""
        self.lags: dict[Partition, int] = {}
        """Records that wait in Kafka, where both sides are known."""

    def see(self, ledgers: Mapping[Partition, LedgerRow | None], ends: Mapping[Partition, int], now_ms: int) -> None:
        """Take up what is known at `now_ms`."""
        before, self._ledgers = self._ledgers, ledgers
        self.lags = {p: max(0, ends[p] - row.next) for p, row in ledgers.items() if row and p in ends}
        for partition, row in ledgers.items():
            met = partition in self._watches
            if row and partition in self.lags:
                self._watches.setdefault(partition, LagWatch()).see(Sample(now_ms, row.next, self.lags[partition]))
            known, end, owed = before.get(partition), ends.get(partition), self._owed.get(partition, 0)
            back = known is not None and (row is None or row.next < known.next)
            if back or not met or self._idle(partition, now_ms):
                owed = max(owed, known.next if known else 0) if end is None else end
            self._owed[partition] = owed if end is None else min(owed, end)  # a topic that was made anew ends before

    def stale(self, partitions: Iterable[Partition], now_ms: int) -> tuple[str, ...]:
        """Return the stale topics, in the order of the partitions."""
        found = {one.topic: None for one in partitions if self._idle(one, now_ms) or self._owes(one)}
        return tuple(found)

    def _idle(self, partition: Partition, now_ms: int) -> bool:
        """Say whether nobody keeps up with a partition."""
        behind = partition in self.lags and self._watches[partition].behind()
        return behind or silent(self._ledgers.get(partition), now_ms)

    def _owes(self, partition: Partition) -> bool:
        row = self._ledgers.get(partition)
        return row is not None and (row.end is None or row.next < max(row.end, self._owed.get(partition, 0)))
