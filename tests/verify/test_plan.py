"""A replay begins where all panes of a range are counted whole, or says from when on they are."""

import pytest
from aiokafka import TopicPartition

from streams.store.protocol import HOUR_MS, LedgerRow, Partition
from streams.verify.plan import NEVER, start_of
from streams.worker.log_offsets import LogOffsets

LINKS = Partition("links", 0)
TP = TopicPartition(*LINKS)
NOW = 1000 * HOUR_MS


class Hourly:
    """A log that got one record an hour, [first, end), the last of them an hour ago; as far as a consumer tells."""

    def __init__(self, first: int, end: int) -> None:
        self.first, self.end = first, end

    def arrived(self, offset: int) -> int:
        return NOW - (self.end - offset) * HOUR_MS

    async def bounds(self, _: Partition) -> tuple[int, int]:
        return self.first, self.end

    async def at(self, _: Partition, arrival_ms: int) -> int:
        return next((n for n in range(self.first, self.end) if self.arrived(n) >= arrival_ms), self.end)

    async def first_arrival(self, _: Partition) -> int | None:
        return self.arrived(self.first) if self.first < self.end else None


def ledger(log: Hourly, **counters: int) -> LedgerRow:
    arrival = log.arrived(log.end - 1)
    return LedgerRow(
        1,
        1,
        log.end,
        NOW,
        NOW,
        NOW,
        arrival,
        arrival,
        0,
        log.end,
        {n.replace("_", ":", 1): k for n, k in counters.items()},
    )


@pytest.mark.parametrize(
    ("log", "counters", "lost"),
    [
        (Hourly(0, 10), {"applied": 10}, False),
        (Hourly(0, 10), {"applied": 7, "late": 5, "duplicate": 2, "parked_invalid": 1}, False),
        (Hourly(3, 10), {"applied": 10}, True),
        (Hourly(3, 200), {"applied": 200}, False),
        (Hourly(0, 10), {"applied": 30}, True),
        (Hourly(0, 10), {"applied": 5, "duplicate": 3, "parked_invalid": 3}, True),
        (Hourly(0, 200), {"applied": 300}, False),
    ],
    ids=[
        "young", "with repeats and refusals", "beginning dropped", "dropped before the range", "made anew",
        "made anew, repeats and refusals", "made anew before the range",
    ],
)  # fmt: skip
async def test_what_kafka_lacks_of_a_range_is_known(log: Hourly, counters: dict[str, int], lost: bool) -> None:
    offsets: LogOffsets = log  # type: ignore[assignment]  # as far as a plan asks
    start = await start_of(offsets, LINKS, ledger(log, **counters), NOW - HOUR_MS, 24)
    assert start.lost is lost
    assert (start.sound_ms > NOW) is lost
    assert start.sound_ms < NEVER
