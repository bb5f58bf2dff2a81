"""What an expression asks for."""

import pytest

from streams.alerts.backtest.history import wanted
from streams.alerts.expressions import kpis, metrics


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ("kpi_value", {"kpi_value"}),
        ('kpi_value{name="up and down"} > 3', {"kpi_value"}),
        ("max by (kpi, name) (a_b) * on (kpi) group_left (title) topk by (kpi) (1, c:d)", {"a_b", "c:d"}),
        ("a and on (scope) b unless on () max(c) == 1 or d", {"a", "b", "c", "d"}),
        ("rate(a_total[5m]) > (b offset 5m)", {"a_total", "b"}),
        ('label_replace(a, "name", "$1", "queue", "(.+)") # b', {"a"}),
        ("a > bool 1e3 or b == Inf", {"a", "b"}),
        ("rate (a[5m])", {"a"}),
        ("vector(1)", set()),
    ],
)
def test_metrics_are_told_from_labels_functions_and_words(expr: str, names: set[str]) -> None:
    assert metrics(expr) == names


@pytest.mark.parametrize(
    ("expr", "named"),
    [
        ('kpi_value{kpi="dials"} > 3 and kpi_value{scope="team", kpi = "touches"}', {"dials", "touches"}),
        ('kpi_target{bound="min"} > 3', set()),
        ("kpi_value > 3", None),
        ('kpi_value{kpi="dials"} > on () kpi_value{scope="team"}', None),
        ('kpi_value{kpi=~"dials|touches"}', None),
        ('kpi_value{kpi!="dials"}', None),
        ('kpi_value{other_kpi="dials"}', None),
        ("kpi_values > 3 or my_kpi_value > 3 or my:kpi_value", set()),
    ],
)
def test_kpis_are_told_where_every_selector_names_one(expr: str, named: set[str] | None) -> None:
    assert kpis(expr, "kpi_value") == named


def test_a_series_is_wanted_as_a_whole_where_any_rule_may_mean_any_of_it() -> None:
    some, other = 'kpi_value{kpi="dials"} > kpi_target', 'kpi_value{kpi="touches"}'
    assert wanted([some, other]) == {'kpi_value{kpi="dials"', 'kpi_value{kpi="touches"', "kpi_target"}
    assert wanted([some, "kpi_value > 0"]) == {"kpi_value", "kpi_target"}
