"""What of a pane is a figure's: its rows, its facts, and nothing else that stands there."""

import pytest

from streams.explain import contributions
from streams.explain.contributions import Contributions, rows_of
from streams.kpis.catalogue import load
from streams.store.names import row_name
from streams.store.protocol import IRREGULAR, StoredPane

CATALOGUE = load()
CALLS, CRM = CATALOGUE.layout("calls"), CATALOGUE.layout("crm")
OURS = row_name("a|%", "support", "spring", "ann")
THEIRS = row_name("a", "support", "spring", "ann")


def of(kpi: str, scope: str, name: str) -> Contributions:
    return Contributions(CATALOGUE, CATALOGUE.kpis[kpi], rows_of(scope, name))


def sums(layout: tuple[str, ...], **facts: int) -> list[int]:
    return [facts.get(place.replace(".", "_"), 0) for place in layout]


@pytest.mark.parametrize(
    ("scope", "name", "wanted"),
    [
        ("floor", "all", 7),
        ("team", "a|%", 3),
        ("team", "a", 4),
        ("queue", "support", 7),
        ("campaign", "spring", 7),
        ("rep", "ann", 7),
        ("rep", "support", 0),
    ],
)
def test_only_rows_of_the_name_in_its_scope_count(scope: str, name: str, wanted: int) -> None:
    pane = StoredPane({OURS: sums(CALLS, inbound_answered=3), THEIRS: sums(CALLS, inbound_answered=4)})
    assert of("calls_answered", scope, name).of("calls", pane).facts["inbound_answered"] == wanted


def test_a_row_that_is_shorter_than_the_layout_holds_zeros_at_its_end() -> None:
    answered = CALLS.index("inbound_answered")
    short = sums(CALLS, inbound_answered=5)[: answered + 1]
    gift = of("calls_answered", "floor", "all").of("calls", StoredPane({OURS: short}))
    assert gift.facts == {"inbound_answered": 5}
    assert of("calls_answered", "floor", "all").of("calls", StoredPane({OURS: short[:answered]})).facts == {}


def test_both_places_of_an_amount_are_one_sum() -> None:
    pane = StoredPane({OURS: sums(CRM, won_amount=-3, won_amount_high=1 << 40)})
    (fact,) = of("won_amount", "floor", "all").facts
    assert of("won_amount", "floor", "all").of("crm", pane).facts == {fact.name: (1 << 64) - 3}


def test_mutant_that_takes_irregular_records_for_an_own_fact_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.explain.floor import CATALOGUE as ODD

    lates = Contributions(ODD, ODD.kpis["lates"], rows_of("floor", "all"))
    pane = StoredPane(own={IRREGULAR: {"late": 5}, f"{OURS}|+": {"late": 2}})
    assert lates.of("calls", pane).facts == {"late": 2}
    assert lates.of("calls", pane).irregular == {"late": 5}
    monkeypatch.setattr(contributions, "IRREGULAR", "nothing has this name")
    assert lates.of("calls", pane).facts == {"late": 7}
