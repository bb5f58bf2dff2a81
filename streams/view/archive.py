"""The blocks that the view holds: minutes of the last hour, quarters since yesterday, older days whole."""

from collections.abc import Iterable, Iterator

from streams.store.protocol import Partition
from streams.view.blocks import NOTHING, Block, merged
from streams.view.days import Days, Pane


class Archive:
    """Blocks by pane and partition. What is added to a pane stands beside what it held until both are of like size."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._panes: dict[str, dict[int, dict[Partition, list[Block]]]] = {"m": {}, "q": {}, "d": {}}

    def put(self, partition: Partition, pane: Pane, block: Block) -> Block:
        """Keep all that a partition holds of a pane; return what it replaces."""
        held = self._panes[pane.kind].setdefault(pane.number, {})
        older = held.get(partition)
        held[partition] = [block]
        return merged(older) if older else NOTHING

    def add(self, partition: Partition, pane: Pane, block: Block) -> None:
        """Keep what a partition holds of a pane beyond what is known."""
        held = self._panes[pane.kind].setdefault(pane.number, {}).setdefault(partition, [])
        held.append(block)
        while len(held) > 1 and held[-2].size <= 2 * held[-1].size:
            held[-2:] = [merged(held[-2:])]

    def blocks(self, pane: Pane) -> Iterator[tuple[Partition, Block]]:
        """Yield the blocks that together are a pane."""
        for partition, blocks in self._panes[pane.kind].get(pane.number, {}).items():
            for block in blocks:
                yield partition, block

    def quarter(self, partition: Partition, minutes: Iterable[int]) -> Block:
        """Return what the minutes of a quarter hold together."""
        held = self._panes["m"]
        blocks = [block for minute in minutes for block in held.get(minute, {}).get(partition, ())]
        return merged(blocks) if blocks else NOTHING

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
                for partition, blocks in quarters.pop(number).items():
                    parts.setdefault(partition, []).extend(blocks)
            for partition, blocks in parts.items():
                self.put(partition, Pane("d", ordinal), merged(blocks))

    def forget(self, minute: int, day: int) -> None:
        """Drop minutes and days before the given ones."""
        for kind, oldest in (("m", minute), ("d", day)):
            held = self._panes[kind]
            for number in [number for number in held if number < oldest]:
                del held[number]
