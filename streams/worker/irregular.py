"""What came late, came again or was parked, by pane: beside the figures that it concerns."""

from collections import Counter
from collections.abc import Iterable, Mapping

from streams.kpis.panes import MINUTES_A_QUARTER
from streams.store.packing import pack_own
from streams.store.protocol import IRREGULAR, MINUTE_MS, PaneDelta
from streams.worker.panes import Panes, oldest_sent


class Irregular:
    """A batch's irregular records. Late ones and repeats stand where their events happened, and what was parked, whose
    time may be none, where it arrived.
    """

    def __init__(self) -> None:
        self._minutes: dict[int, dict[str, int]] = {}

    def note(self, kind: str, times: Iterable[int]) -> None:
        """Count records of a kind: `late`, `duplicate` or `parked:<reason>`, at their times (epoch ms)."""
        for minute, count in Counter(ms // MINUTE_MS for ms in times).items():
            counts = self._minutes.setdefault(minute, {})
            counts[kind] = counts.get(kind, 0) + count

    def into(self, minutes: Panes, quarters: Panes, now_ms: int) -> None:
        """Add what was noted to a batch's panes."""
        by_quarter: dict[int, Counter[str]] = {}
        oldest = oldest_sent(now_ms)
        for minute, counts in self._minutes.items():
            if minute >= oldest:
                _add(minutes, minute, counts)
            by_quarter.setdefault(minute // MINUTES_A_QUARTER, Counter()).update(counts)
        for quarter, total in by_quarter.items():
            _add(quarters, quarter, total)


def _add(panes: Panes, number: int, counts: Mapping[str, int]) -> None:
    pane = panes.setdefault(number, PaneDelta())
    pane.own = {**pane.own, IRREGULAR: pack_own(counts)}
