"""A range is tiled by the panes of its cover: every minute once."""

from hypothesis import given
from hypothesis import strategies as st

from streams.kpis.panes import MINUTE_MS, QUARTER_MS, cover, minute_of, minute_start, quarter_of, quarter_start

MINUTES = st.integers(28_000_000, 30_000_000)


@given(MINUTES, st.integers(0, 10_000))
def test_the_cover_of_a_range_holds_each_of_its_minutes_once_and_no_other(first: int, length: int) -> None:
    panes = cover(first * MINUTE_MS, (first + length) * MINUTE_MS)
    inside = [minute for quarter in panes.quarters for minute in range(quarter * 15, quarter * 15 + 15)]
    assert [*panes.head, *inside, *panes.tail] == list(range(first, first + length))


@given(MINUTES, st.integers(0, 10_000))
def test_no_quarter_is_made_of_minutes(first: int, length: int) -> None:
    panes = cover(first * MINUTE_MS, (first + length) * MINUTE_MS)
    assert len(panes.tail) < 15
    assert len(panes.head) < (15 if panes.quarters else 29)


@given(st.integers(28_000_000 // 15, 30_000_000 // 15), st.integers(0, 1000))
def test_a_range_of_whole_quarters_needs_no_minutes(first: int, length: int) -> None:
    panes = cover(first * QUARTER_MS, (first + length) * QUARTER_MS)
    assert len(panes.quarters) == length and not panes.head and not panes.tail


@given(st.integers(0, 2**42))
def test_a_moment_lies_in_the_panes_that_bear_its_number(ms: int) -> None:
    assert minute_start(minute_of(ms)) <= ms < minute_start(minute_of(ms) + 1)
    assert quarter_start(quarter_of(ms)) <= ms < quarter_start(quarter_of(ms) + 1)
