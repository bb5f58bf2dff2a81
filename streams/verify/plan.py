"""Where a replay must begin, and from when on its figures can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.refusals import FUTURE_MS
from streams.kpis.panes import QUARTER_MS
from streams.store.protocol import HOUR_MS, PARKED_COUNTER, LedgerRow, Partition
from streams.worker.calls import FORGOTTEN_AFTER_MS
from streams.worker.log_offsets import LogOffsets
from streams.worker.reps import KEPT_MS

BACK_MS = QUARTER_MS
"""Arrivals in a partition may go back by so much."""
REMEMBERED_MS = {"calls": FORGOTTEN_AFTER_MS, "reps": KEPT_MS}
"""How far back the state of a topic's calls and reps reaches."""
NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Start:
    """Where a partition's replay begins."""

    offset: int
    sound_ms: int
    """The first event time (epoch ms) from which on nothing is missing: later than asked for where Kafka's beginning
    has moved on."""
    lost: bool = False
    """Whether Kafka's beginning has moved on, or the topic was made anew."""


Planned = Mapping[Partition, tuple[Start, LedgerRow]]
"""Where each partition's replay begins, and its ledger."""


def reach_ms(topic: str, horizon_hours: int) -> int:
    """Return how long before the first pane records must be read, in ms.

    Twice the horizon of known ids (a repeat at the beginning may be one of a repeat), each with the hour by which
    hours are whole; and as far as open calls and changes of state are remembered.
    """
    return 2 * (horizon_hours + 1) * HOUR_MS + BACK_MS + FUTURE_MS + REMEMBERED_MS.get(topic, 0)


async def start_of(
    offsets: LogOffsets, partition: Partition, row: LedgerRow, from_ms: int, horizon_hours: int
) -> Start:
    """Return where to begin so that all panes from `from_ms` (epoch ms) on are counted whole."""
    from_ms = min(from_ms, row.arrival or from_ms)
    reach = reach_ms(partition.topic, horizon_hours)
    first, _ = await offsets.bounds(partition)
    begin = max(first, await offsets.at(partition, from_ms - reach))
    if begin > first or (first == 0 and _counted(row) <= row.next):
        return Start(begin, from_ms)
    arrived = await offsets.first_arrival(partition)
    return Start(begin, NEVER if arrived is None else arrived + BACK_MS + reach, lost=True)


def _counted(row: LedgerRow) -> int:
    """Return how many records were counted: more than there are offsets, where the topic was made anew since."""
    return sum(
        number
        for name, number in row.counters.items()
        if name in ("applied", "duplicate") or name.startswith(PARKED_COUNTER)
    )
