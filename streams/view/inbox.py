"""The batches that the store has told and that have not been added yet."""

from collections.abc import Iterable, Mapping

from streams.store.protocol import LedgerRow, Partition, Reader, Told

LATE_S = 0.02
"""So long is waited for a batch that a ledger already tells of: the two come by different ways."""

Chains = dict[Partition, list[Told]]


class Inbox:
    """Any batch may be missing. What there is may be of a ledger that has since been turned back."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._told: dict[Partition, dict[int, Told]] = {}

    async def between(self, known: Mapping[Partition, LedgerRow], rows: Mapping[Partition, LedgerRow]) -> Chains:
        """Return the batches that lead from known ledgers to those that were read just before, for each partition of
        which none is missing. They are not returned again.
        """
        await self._take(rows, 0)
        found, missing = self._chains(known, rows)
        while missing and not missing.isdisjoint(await self._take(rows, LATE_S)):
            late, missing = self._chains({partition: known[partition] for partition in missing}, rows)
            found |= late
        for partition, row in rows.items():
            held = self._told.get(partition, {})
            for sequence in [sequence for sequence in held if sequence <= row.sequence]:
                del held[sequence]
        return found

    async def _take(self, rows: Iterable[Partition], wait_s: float) -> set[Partition]:
        """Take what has been told; return the partitions that it is of."""
        told = await self._reader.told(list(rows), wait_s)
        for one in told:
            self._told.setdefault(one.partition, {})[one.sequence] = one
        return {one.partition for one in told}

    def _chains(
        self, known: Mapping[Partition, LedgerRow], rows: Mapping[Partition, LedgerRow]
    ) -> tuple[Chains, set[Partition]]:
        chains = {partition: self._chain(partition, row, rows[partition]) for partition, row in known.items()}
        found = {partition: chain for partition, chain in chains.items() if chain is not None}
        return found, chains.keys() - found.keys()

    def _chain(self, partition: Partition, known: LedgerRow, row: LedgerRow) -> list[Told] | None:
        """Return the batches, each beginning where the one before it ended; None where they do not reach."""
        held = self._told.get(partition, {})
        chain: list[Told] = []
        at = known.next
        for sequence in range(known.sequence + 1, row.sequence + 1):
            one = held.get(sequence)
            if one is None or one.start != at:
                return None
            chain.append(one)
            at = one.end
        return chain if at == row.next else None
