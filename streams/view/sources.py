"""Follows the sources of all partitions that moved: when each of them reported something last."""

from collections.abc import Mapping

from streams.store.protocol import LedgerRow, Partition, Reader

EVERY_MS = 2_000


class Sources:
    """The latest event times, read anew where a ledger moved on, but no more often than every two seconds."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.forget()

    def forget(self) -> None:
        """Read everything again next time."""
        self._times: dict[Partition, Mapping[str, int]] = {}
        self._read: dict[Partition, tuple[int, int]] = {}
        self._read_at = 0

    async def follow(self, ledgers: Mapping[Partition, LedgerRow | None], now_ms: int) -> None:
        """Read what may have changed. Raises StoreUnavailable."""
        if abs(now_ms - self._read_at) < EVERY_MS:
            return
        for partition, row in ledgers.items():
            if row and self._read.get(partition) != (row.epoch, row.sequence):
                self._times[partition] = await self._reader.sources(partition)
                self._read[partition] = (row.epoch, row.sequence)
        self._read_at = now_ms

    @property
    def latest(self) -> dict[str, int]:
        """Source → its latest event time in any partition, epoch ms."""
        latest: dict[str, int] = {}
        for times in self._times.values():
            for source, ms in times.items():
                latest[source] = max(ms, latest.get(source, 0))
        return latest
