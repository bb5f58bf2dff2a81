"""A batch is read once, as far as it is asked for, and may be cut anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from streams.transport import Batch
from tests.records import Sent

OFFSETS = st.lists(st.integers(10, 19), unique=True).map(sorted)


def batch(offsets: list[int]) -> Batch:
    return Batch("calls", 1, 10, 20, 3, iter([Sent(offset, 0, None, b"") for offset in offsets]))


@given(OFFSETS, st.integers(1, 12))
def test_reading_goes_on_where_it_ended(offsets: list[int], most: int) -> None:
    read = batch(offsets)
    pieces = iter(lambda: [record.offset for record in read.read(most)], [])
    found = list(pieces)
    assert [offset for piece in found for offset in piece] == offsets
    assert all(len(piece) == most for piece in found[:-1])


@given(OFFSETS, st.integers(5, 25))
def test_the_parts_of_a_cut_batch_meet_and_hold_what_lies_before_and_after(offsets: list[int], cut: int) -> None:
    before, after = batch(offsets).cut(cut)
    assert (before.start, before.end, after.start, after.end) == (10, min(cut, 20), max(cut, 10), 20)
    assert [record.offset for record in before.read(99)] == [offset for offset in offsets if offset < cut]
    assert [record.offset for record in after.read(99)] == [offset for offset in offsets if offset >= cut]
    assert (
        (before.topic, before.partition, before.seek) == (after.topic, after.partition, after.seek) == ("calls", 1, 3)
    )
