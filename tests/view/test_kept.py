"""What was read for one answer serves the next, until something in it changes; never for longer."""

from zoneinfo import ZoneInfo

import pytest

from streams.store.protocol import Partition
from streams.view import kept as module
from streams.view.blocks import NOTHING
from streams.view.days import Days, Pane
from streams.view.kept import Blocks, Kept

FIRST, SECOND, THIRD = (Pane("q", 100 + number) for number in range(3))
MINUTE = 15 * 101
"""In SECOND."""
BLOCKS: Blocks = [(Partition("calls", 0), NOTHING)]


@pytest.fixture
def kept() -> Kept:
    """Return what knows three quarters."""
    kept = Kept(Days(ZoneInfo("UTC")))
    with kept.keeping(dict.fromkeys((FIRST, SECOND, THIRD), BLOCKS)):
        pass
    return kept


def test_what_was_read_is_known(kept: Kept) -> None:
    assert kept.of([FIRST, Pane("q", 99), THIRD]) == {FIRST: BLOCKS, THIRD: BLOCKS}


@pytest.mark.parametrize(
    ("minute", "known"), [(MINUTE, [FIRST]), (MINUTE - 1, []), (MINUTE + 45, [FIRST, SECOND, THIRD])]
)
def test_a_change_drops_all_that_may_hold_it(kept: Kept, minute: int, known: list[Pane]) -> None:
    kept.forget(minute)
    assert list(kept.of([FIRST, SECOND, THIRD])) == known


def test_what_changes_while_it_is_read_is_not_kept() -> None:
    kept = Kept(Days(ZoneInfo("UTC")))
    with kept.keeping({FIRST: BLOCKS, SECOND: BLOCKS}):
        kept.forget(MINUTE)
    assert list(kept.of([FIRST, SECOND])) == [FIRST]


def test_readings_at_the_same_time_are_told_apart() -> None:
    kept = Kept(Days(ZoneInfo("UTC")))
    with kept.keeping({FIRST: BLOCKS}):
        with kept.keeping({SECOND: BLOCKS}):
            pass
        kept.forget(MINUTE - 15)
    assert kept.of([FIRST, SECOND]) == {}


def test_the_latest_used_stay(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    kept.of([FIRST])
    with kept.keeping({Pane("q", 200): BLOCKS, THIRD: BLOCKS}):
        pass
    assert set(kept.of([FIRST, SECOND, THIRD, Pane("q", 200)])) == {FIRST, THIRD, Pane("q", 200)}


def test_a_reading_that_fails_keeps_nothing(kept: Kept) -> None:
    with pytest.raises(ZeroDivisionError), kept.keeping({Pane("q", 200): BLOCKS}):
        raise ZeroDivisionError
    assert kept.of([Pane("q", 200)]) == {}
