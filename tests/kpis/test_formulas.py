"""What has a value when nothing happened, and what has none."""

from collections.abc import Iterable

import pytest

from streams.kpis.catalogue import load
from streams.kpis.formulas import Figure, evaluate
from streams.kpis.model import Kind, Kpi


class Sums:
    def __init__(self, facts: dict[str, int] | None = None, buckets: Iterable[tuple[int, int]] = ()) -> None:
        self._facts, self._buckets = facts or {}, buckets

    def fact(self, name: str) -> int:
        return self._facts.get(name, 0)

    def distinct(self, name: str) -> int:
        return 0

    def buckets(self, name: str) -> Iterable[tuple[int, int]]:
        return self._buckets


NOTHING = Sums()


@pytest.mark.parametrize("kpi", load().kpis.values(), ids=lambda kpi: kpi.id)
def test_when_nothing_happened_counts_are_0_and_ratios_averages_and_quantiles_have_no_value(kpi: Kpi) -> None:
    figure = evaluate(kpi, NOTHING)
    if kpi.kind in (Kind.RATIO, Kind.AVERAGE):
        assert figure == Figure(None, 0, 0)
    elif kpi.kind is Kind.QUANTILE:
        assert figure == Figure(None)
    else:
        assert figure == Figure(0)


def test_a_ratio_of_0_is_a_value() -> None:
    assert evaluate(load().kpis["abandon_rate"], Sums({"inbound_answered": 3})) == Figure(0, 0, 3)


def test_counts_stay_whole_numbers() -> None:
    value = evaluate(load().kpis["dials"], Sums({"outbound_busy": 2**53 + 1})).value
    assert value == 2**53 + 1 and isinstance(value, int)


def test_durations_are_shown_in_seconds() -> None:
    kpi = load().kpis["average_handle_time"]
    figure = evaluate(kpi, Sums({"handle_ms": 90_500, "late_wrap_ms": 9_500, "outbound_answered": 4}))
    assert figure == Figure(25, 100, 4)


def test_quantiles_are_shown_in_seconds() -> None:
    assert evaluate(load().kpis["wait_p50"], Sums(buckets=[(100, 1), (3, 1), (3, 1)])) == Figure(0.003)


def test_amounts_may_be_negative_and_pass_2_to_the_53() -> None:
    kpi = load(currency="USD").kpis["won_amount"]
    assert evaluate(kpi, Sums({"won_amount": -12_345})).value == -123.45
    assert evaluate(kpi, Sums({"won_amount": 100 * 2**60})).value == 2**60
