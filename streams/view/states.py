"""Follows the open calls, the reps' states and the sources of all partitions that moved."""

from collections.abc import Mapping

from streams.store.protocol import LedgerRow, Partition, Reader
from streams.view.present import Present, Unpacked, call_of, changes_of, present

SOURCES_EVERY_MS = 2_000


class States:
    """What is known of the present, read anew where a ledger moved on."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.forget()

    def forget(self) -> None:
        """Read everything again next time."""
        self._calls: dict[Partition, Unpacked] = {}
        self._reps: dict[Partition, Unpacked] = {}
        self._sources: dict[Partition, Mapping[str, int]] = {}
        self._read: dict[tuple[str, Partition], tuple[int, int]] = {}
        self._sources_at = 0

    async def follow(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int) -> None:
        """Read what may have changed. Raises StoreUnavailable."""
        for partition, row in ledgers.items():
            if row and partition.topic == "calls" and self._moved("calls", partition, row):
                self._calls.setdefault(partition, Unpacked(call_of)).take(await self._reader.calls(partition))
                self._note("calls", partition, row)
            elif row and partition.topic == "reps" and self._moved("reps", partition, row):
                self._reps.setdefault(partition, Unpacked(changes_of)).take(await self._reader.reps(partition))
                self._note("reps", partition, row)
        if abs(now_ms - self._sources_at) >= SOURCES_EVERY_MS:
            await self._follow_sources(ledgers)
            self._sources_at = now_ms

    async def _follow_sources(self, ledgers: Mapping[Partition, LedgerRow | None]) -> None:
        for partition, row in ledgers.items():
            if row and self._moved("sources", partition, row):
                self._sources[partition] = await self._reader.sources(partition)
                self._note("sources", partition, row)

    @property
    def sources(self) -> dict[str, int]:
        """Source → its latest event time in any partition, epoch ms."""
        latest: dict[str, int] = {}
        for times in self._sources.values():
            for source, ms in times.items():
                latest[source] = max(ms, latest.get(source, 0))
        return latest

    def present(self, now_ms: int) -> Present:
        """Return the floor as it is at `now_ms`."""
        return present(
            (call for calls in self._calls.values() for call in calls.values()),
            (changes for reps in self._reps.values() for changes in reps.values()),
            now_ms,
        )

    def _moved(self, what: str, partition: Partition, row: LedgerRow) -> bool:
        """Say whether a ledger has moved since it was last read for this purpose."""
        return self._read.get((what, partition)) != (row.epoch, row.sequence)

    def _note(self, what: str, partition: Partition, row: LedgerRow) -> None:
        self._read[what, partition] = (row.epoch, row.sequence)
