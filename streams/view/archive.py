"""The blocks that the view holds: minutes of the last hour, quarters since yesterday, older days whole."""

from collections.abc import Iterator, Mapping

from streams.store.protocol import Partition
from streams.view.blocks import NOTHING, Block, merged
from streams.view.days import Days, Pane

NONE: Mapping[Partition, Block] = {}


class Archive:
    """Blocks by pane and partition."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._panes: dict[str, dict[int, dict[Partition, Block]]] = {"m": {}, "q": {}, "d": {}}

    def put(self, partition: Partition, pane: Pane, block: Block) -> Block:
        """Keep a partition's block of a pane; return the one that it replaces."""
        held = self._panes[pane.kind].setdefault(pane.number, {})
        older = held.get(partition, NOTHING)
        held[partition] = block
        return older

    def blocks(self, pane: Pane) -> Mapping[Partition, Block]:
        """Return the blocks of a pane by partition."""
        return self._panes[pane.kind].get(pane.number, NONE)

    def panes(self) -> Iterator[Pane]:
        """Yield the panes of which something is held."""
        for kind in ("m", "q", "d"):
            yield from (Pane(kind, number) for number in self._panes[kind])

    def merge_before(self, day: int) -> None:
        """Make whole days of the quarters of all days before `day`."""
        quarters = self._panes["q"]
        first = self._days.quarters(day).start
        by_day: dict[int, list[int]] = {}
        for number in [number for number in quarters if number < first]:
            by_day.setdefault(self._days.of_quarter(number), []).append(number)
        for ordinal, numbers in by_day.items():
            parts: dict[Partition, list[Block]] = {}
            for number in numbers:
                for partition, block in quarters.pop(number).items():
                    parts.setdefault(partition, []).append(block)
            for partition, blocks in parts.items():
                self.put(partition, Pane("d", ordinal), merged(blocks))

    def forget(self, minute: int, day: int) -> None:
        """Drop minutes and days before the given ones."""
        for kind, oldest in (("m", minute), ("d", day)):
            held = self._panes[kind]
            for number in [number for number in held if number < oldest]:
                del held[number]
