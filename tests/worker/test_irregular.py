"""What came late, came again or was parked is counted in the panes that it concerns, and exactly once."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from streams.store.memory import MemoryStore
from streams.store.packing import unpack_pane
from streams.store.protocol import HOUR_MS, IRREGULAR, MINUTE_MS
from streams.worker import facts, partition
from streams.worker.irregular import Irregular
from streams.worker.panes import MINUTES_SENT_MS
from streams.worker.rows import RowNames
from tests.records import batch_of
from tests.worker.parts import CALLS, delta_of, held

NOW = 500_000 * HOUR_MS
MINUTE = NOW // MINUTE_MS
Counts = dict[str, dict[str, int]]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (facts, partition):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: NOW / 1000))


def call(id_: str, ms: int) -> bytes:
    """Return a `call.ended` of an instant."""
    at = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    data = {"call_id": id_, "direction": "inbound", "outcome": "answered"}
    event = {"specversion": "1.0", "id": id_, "source": "pbx", "type": "call.ended", "time": at, "data": data}
    return json.dumps(event).encode()


async def counted(records: Sequence[tuple[int, bytes | None]], parts: int = 1) -> Counts:
    """Return what the panes say after some records (arrival, value), counted in so many batches."""
    store = MemoryStore(clock_ms=NOW)
    memory = await held(store)
    names = RowNames(store, 100)
    size = -(-len(records) // parts)
    for low in range(0, len(records), size):
        some = records[low : low + size]
        batch = batch_of(CALLS, low, some)
        await store.apply([(CALLS, memory.claim, await delta_of(memory, batch, names))])
    (panes,) = await store.changed([(CALLS, 0)])
    stored = await store.panes([(CALLS, pane) for pane in panes])
    return {name: pane.own[IRREGULAR] for name, pane in zip(panes, stored, strict=True) if IRREGULAR in pane.own}


def both(minute: int, **counts: int) -> Counts:
    """Return the counts of a minute, and of the quarter that has no others."""
    named = {name.replace("__", ":"): count for name, count in counts.items()}
    return {f"m:{minute}": named, f"q:{minute // 15}": named}


async def test_an_event_is_late_in_the_pane_of_its_own_time_from_the_second_minute_on() -> None:
    early, late = NOW - 61 * MINUTE_MS, NOW - 31 * MINUTE_MS
    records = [(early + 60_000, call("a", early)), (late + 60_001, call("b", late)), (NOW, call("c", late))]
    assert await counted(records) == both(late // MINUTE_MS, late=2)


async def test_a_repeat_counts_where_it_says_that_it_happened() -> None:
    first, again = NOW - 31 * MINUTE_MS, NOW - 5_000
    records = [(first, call("a", first)), (NOW, call("a", again)), (NOW, call("a", again))]
    assert await counted(records) == both(again // MINUTE_MS, duplicate=2)


async def test_a_quarters_count_is_not_said_of_its_only_minute_that_has_figures() -> None:
    quarter = MINUTE - MINUTE % 15
    figures, parked = quarter * MINUTE_MS, (quarter + 1) * MINUTE_MS
    assert await counted([(figures, call("a", figures)), (parked, b"{")]) == both(
        parked // MINUTE_MS, parked__not_json=1
    )


async def test_what_was_parked_counts_where_it_arrived_by_its_reason() -> None:
    arrival = NOW - 40 * MINUTE_MS
    old = call("a", NOW - 36 * 24 * HOUR_MS)
    records = [(arrival, b"{"), (arrival, None), (arrival, old), (arrival, call("b", NOW))]
    assert await counted(records) == both(
        arrival // MINUTE_MS, parked__not_json=2, parked__too_late=1, parked__future=1
    )


@pytest.mark.parametrize("parts", [1, 2, 5])
async def test_where_batches_end_makes_no_difference_and_a_quarter_is_the_sum_of_its_minutes(parts: int) -> None:
    first = MINUTE // 15 * 15 - 30
    times = [(first + number % 30) * MINUTE_MS for number in range(60)]
    records = [(ms + 120_000 * (number % 6 == 0), call(f"c{ms}", ms)) for number, ms in enumerate(times)]
    records += [(times[-1], b"?")] * 5
    found = await counted(records, parts)
    minutes = {name: counts for name, counts in found.items() if name[0] == "m"}
    sums: dict[str, Counter[str]] = {}
    for name, counts in minutes.items():
        sums.setdefault(f"q:{int(name[2:]) // 15}", Counter()).update(counts)
    assert sum(sums.values(), Counter()) == {"duplicate": 30, "parked:not_json": 5, "late": 5}
    assert {name: counts for name, counts in found.items() if name[0] == "q"} == sums


async def test_regular_records_leave_no_trace() -> None:
    assert await counted([(NOW, call(f"c{n}", NOW - n)) for n in range(10)]) == {}


def test_minutes_that_the_store_forgot_long_ago_are_left_out_and_their_quarter_is_not() -> None:
    old = NOW - MINUTES_SENT_MS - 2 * MINUTE_MS
    noted = Irregular()
    noted.note("late", [old])
    minutes: Any = {}
    quarters: Any = {}
    noted.into(minutes, quarters, NOW)
    assert not minutes
    (quarter,) = quarters.values()
    assert unpack_pane(quarter).own == {IRREGULAR: {"late": 1}}
