"""Figures that would look right and be wrong cannot be made."""

import pytest

from streams.kpis.algebra import CannotCombine, UnknownName, quotient, total
from streams.kpis.catalogue import load
from streams.kpis.model import Kind, Part, Unit

WORDS = load(currency="BHD").words()


def test_kpis_that_are_sums_stand_for_their_facts() -> None:
    found = total(["calls_handled", "emails_sent"], WORDS)
    assert found.numerator == Part(("inbound_answered", "outbound_answered", "emails_sent"))
    assert (found.kind, found.unit) == (Kind.COUNT, Unit.COUNT)


def test_sums_of_times_are_in_seconds_and_of_amounts_in_the_main_unit() -> None:
    assert (
        total(["talk_ms"], WORDS).numerator == total(["talk_time"], WORDS).numerator == Part(("talk_ms",), None, 1000)
    )
    assert total(["won_amount"], WORDS).numerator.divisor == 1000


@pytest.mark.parametrize(
    ("numerator", "denominator", "unit", "kind", "divisors"),
    [
        ("dials", "emails_sent", Unit.RATIO, Kind.RATIO, (1, 1)),
        ("talk_time", "dials", Unit.SECONDS, Kind.AVERAGE, (1000, 1)),
        ("talk_time", "staffed_time", Unit.RATIO, Kind.RATIO, (1000, 1000)),
        ("won_amount", "deals_won", Unit.CURRENCY, Kind.RATIO, (1000, 1)),
        ("emails_sent", "staffed_time", Unit.PER_HOUR, Kind.RATIO, (1, 3_600_000)),
        ("won_amount", "staffed_time", Unit.PER_HOUR, Kind.RATIO, (1000, 3_600_000)),
    ],
)
def test_the_unit_of_a_quotient_follows_from_its_sides(
    numerator: str, denominator: str, unit: Unit, kind: Kind, divisors: tuple[int, int]
) -> None:
    found = quotient([numerator], [denominator], WORDS)
    assert found.denominator is not None
    assert (found.unit, found.kind) == (unit, kind)
    assert (found.numerator.divisor, found.denominator.divisor) == divisors


def test_one_distinct_count_may_be_a_side_of_a_ratio() -> None:
    found = quotient(["unique_opens"], ["customers_covered"], WORDS)
    assert (found.numerator.distinct, found.denominator and found.denominator.distinct) == ("opens", "customers")


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["unique_opens", "unique_clicks"], "sum of distinct counts"),
        (["dials", "prospects"], "sum of distinct counts"),
        (["open_rate"], "ratio of ratios"),
        (["average_handle_time", "dials"], "ratio of ratios"),
        (["wait_p90"], "quantiles cannot be added up"),
        (["talk_ms", "dials"], "a sum of seconds and counts has no unit"),
        ([], "empty list"),
    ],
)
def test_what_does_not_add_up_is_refused_on_either_side(names: list[str], reason: str) -> None:
    with pytest.raises(CannotCombine, match=reason):
        total(names, WORDS)
    with pytest.raises(CannotCombine, match=reason):
        quotient(names, ["dials"], WORDS)
    with pytest.raises(CannotCombine, match=reason):
        quotient(["dials"], names, WORDS)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownName) as error:
        total(["dials", "dails"], WORDS)
    assert error.value.name == "dails"


@pytest.mark.parametrize("unit", [Unit.RATIO, Unit.COUNT, Unit.PER_HOUR, Unit.CURRENCY])
def test_a_unit_that_the_sides_do_not_give_is_refused(unit: Unit) -> None:
    with pytest.raises(CannotCombine, match="does not fit: the figure is in seconds"):
        quotient(["talk_time"], ["dials"], WORDS, unit)


def test_sides_whose_quotient_nobody_asks_for_are_refused() -> None:
    with pytest.raises(CannotCombine, match="no unit for counts divided by amounts"):
        quotient(["dials"], ["won_amount"], WORDS)
