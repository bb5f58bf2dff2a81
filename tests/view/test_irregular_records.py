"""The counts of irregular records beside a pane's figures are no figures: not even of an own fact of the same name."""

import pytest

from streams.kpis.catalogue import load
from streams.kpis.model import Fact
from streams.store.names import row_name
from streams.store.protocol import IRREGULAR, Partition, StoredPane
from streams.verify.compare import pane_differences
from streams.view import weave
from streams.view.blocks import Block
from streams.view.columns import Columns
from streams.view.names import Names
from streams.view.weave import Weaver

ROW = row_name("alpha", "support", "unassigned", "sato")
CATALOGUE = load().with_facts([Fact("late", "call.ended", {}, 1, own=True)])
COUNTS = {"late": 7, "duplicate": 2, "parked:not_json": 1}


def block(own: dict[str, dict[str, int]]) -> Block:
    """Return the block of a pane that holds own facts only."""
    return Weaver(Columns.of(CATALOGUE), Names()).block("calls", [(1, StoredPane(own=own))])


def test_a_replay_that_counts_other_ones_differs() -> None:
    live, replay = StoredPane(own={IRREGULAR: COUNTS}), StoredPane(own={IRREGULAR: COUNTS | {"late": 6}})
    (found,) = pane_differences(Partition("calls", 0), "m:1", live, replay, ())
    assert (found.row, found.fact, found.live, found.replay) == (IRREGULAR, "late", 7, 6)


def test_they_are_in_no_figure() -> None:
    own = {f"{ROW}|+": {"late": 3}}
    found, wanted = block(own | {IRREGULAR: COUNTS}), block(own)
    assert found.values.tolist() == wanted.values.tolist() == [3] * 5
    assert found.cells.tolist() == wanted.cells.tolist()


def test_a_pane_with_nothing_else_holds_no_name() -> None:
    found = block({IRREGULAR: COUNTS})
    assert not len(found.values) and not len(found.names) and not len(found.ids)


def test_mutant_that_takes_them_for_figures_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weave, "IRREGULAR", "nothing has this name")
    with pytest.raises((AssertionError, ValueError)):
        test_they_are_in_no_figure()
