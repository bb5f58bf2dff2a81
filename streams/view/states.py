"""Follows the open calls and the sources of all partitions that moved. Reps' states go with their panes: `replica`."""

from collections.abc import Iterable, Mapping

from streams.kpis.time_in_state import Change
from streams.store.protocol import LedgerRow, Partition, Reader
from streams.view.present import Present, Unpacked, call_of, present

SOURCES_EVERY_MS = 2_000


class States:
    """What is known of the present, read anew where a ledger moved on."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.forget()

    def forget(self) -> None:
        """Read everything again next time."""
        self._calls: dict[Partition, Unpacked] = {}
        self._sources: dict[Partition, Mapping[str, int]] = {}
        self._read: dict[tuple[str, Partition], tuple[int, int]] = {}
        self._sources_at = 0

    async def follow(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int) -> None:
        """Read what may have changed. Raises StoreUnavailable."""
        for partition, row in ledgers.items():
            if row and partition.topic == "calls" and self._moved("calls", partition, row):
                self._calls.setdefault(partition, Unpacked(call_of)).take(await self._reader.calls(partition))
                self._note("calls", partition, row)
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

    def present(self, reps: Iterable[list[Change]], now_ms: int) -> Present:
        """Return the floor as it is at `now_ms`; `reps`: each rep's changes."""
        return present((call for calls in self._calls.values() for call in calls.values()), reps, now_ms)

    def _moved(self, what: str, partition: Partition, row: LedgerRow) -> bool:
        """Say whether a ledger has moved since it was last read for this purpose."""
        return self._read.get((what, partition)) != (row.epoch, row.sequence)

    def _note(self, what: str, partition: Partition, row: LedgerRow) -> None:
        self._read[what, partition] = (row.epoch, row.sequence)
