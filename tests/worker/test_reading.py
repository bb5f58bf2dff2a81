"""What is read together is read as if each batch had been alone, and none of them suffers from another one."""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.floor import Floor
from streams.store.protocol import HOUR_MS, Partition
from streams.transport import Batch
from streams.worker.reading import CHUNK, Part, TopicReader, together, topic_readers
from tests.records import batch_of
from tests.worker.parts import CALLS

NOW = 500_000 * HOUR_MS
Records = Sequence[tuple[int, bytes | None]]


def event(id_: str, source: str, ms: int) -> bytes:
    """Return a `call.wrapped`."""
    at = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    data = {"call_id": id_, "wrap_ms": 1}
    return json.dumps(
        {"specversion": "1.0", "id": id_, "source": source, "type": "call.wrapped", "time": at, "data": data}
    ).encode()


GOOD = st.builds(event, st.sampled_from("abc"), st.sampled_from("xy"), st.integers(NOW - HOUR_MS, NOW))
RECORDS: st.SearchStrategy[Records] = st.lists(
    st.tuples(st.integers(NOW - HOUR_MS, NOW), GOOD | st.sampled_from([b"{}", b"no JSON", None])), max_size=5
)


def told(part: Part) -> Any:
    """Return all that a part tells, to be compared."""
    table, names = part.accepted.table, part.accepted.names
    sources = [names.texts[number] for number in table["source"].tolist()]
    rows = [names.rows[number] for number in table["row"].tolist()]
    columns = [table[name].tolist() for name in ("ms", "arrival", "offset", "id", "present", "taken", "type", "slots")]
    return part.size, part.arrival, part.parked, sources, rows, columns


@cache
def reader() -> TopicReader:
    """Return a reader of calls, which keeps the names that it has seen."""
    return topic_readers(Floor.default().catalogue())("calls")


def batches(lists: Sequence[Records]) -> list[Batch]:
    return [batch_of(Partition("calls", number), 10 * number, records) for number, records in enumerate(lists)]


@given(st.lists(RECORDS, min_size=2, max_size=4))
def test_batches_read_together_tell_what_each_tells_alone(lists: list[Records]) -> None:
    calls = reader()
    read_together = [[told(part) for part in parts] for parts in calls.read(batches(lists))]
    for batch, found in zip(batches(lists), read_together, strict=True):
        (alone,) = calls.read([batch])
        assert found == ([told(part) for part in alone] or [(0, 0, [], [], [], [[]] * 8)])


def test_refused_records_are_parked_by_their_own_batch() -> None:
    garbage = [(NOW, b"no JSON")]
    good = [(NOW, event("a", "x", NOW))]
    first, second, third = (
        next(parts) for parts in reader().read(batches([[*good, *garbage], good, [*garbage, *garbage]]))
    )
    offsets = [[parked.record.offset for parked in part.parked] for part in (first, second, third)]
    assert offsets == [[1], [], [20, 21]]
    assert [len(part.accepted) for part in (first, second, third)] == [1, 1, 0]


def test_a_large_batch_is_read_chunk_by_chunk_when_it_is_wanted() -> None:
    batch = batch_of(CALLS, 0, [(NOW, event(str(place), "x", NOW)) for place in range(CHUNK + 1)])
    (parts,) = reader().read([batch])
    assert next(parts).size == CHUNK
    assert [record.offset for record in batch.read(CHUNK)] == [CHUNK]


def test_a_batch_that_cannot_be_unpacked_fails_alone() -> None:
    def broken() -> Iterator[Any]:
        raise OSError("broken")
        yield

    good = [(NOW, event("a", "x", NOW))]
    first, second = batches([good, good])
    bad = Batch("calls", 7, 0, 1, 0, broken())
    read = reader().read([first, bad, second])
    assert [part.size for part in read[0]] == [1]
    assert [part.size for part in read[2]] == [1]
    with pytest.raises(OSError, match="broken"):
        next(read[1])


def test_batches_are_taken_together_up_to_a_chunk_and_a_larger_one_alone() -> None:
    sizes = [CHUNK - 2, 1, 1, 1, CHUNK + 1, CHUNK, 3]
    waiting = deque(Batch("calls", number, 0, size, 0, iter(())) for number, size in enumerate(sizes))
    taken = []
    while waiting:
        taken.append([batch.end for batch in together(waiting)])
    assert taken == [[CHUNK - 2, 1, 1], [1], [CHUNK + 1], [CHUNK], [3]]


def test_two_batches_of_a_partition_are_not_taken_together() -> None:
    waiting = deque(Batch("calls", number, 0, 1, 0, iter(())) for number in (0, 1, 0, 2, 0))
    taken = []
    while waiting:
        taken.append([batch.partition for batch in together(waiting)])
    assert taken == [[0, 1], [0, 2], [0]]
