"""What an expression asks for."""

import pytest

from streams.alerts.backtest.history import wanted
from streams.alerts.expressions import duration_ms, kpis, metrics, ranges_ms, reach_ms


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


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("1w2d500ms", 777_600_500),
        ("0", 0),
        ("", None),
        ("m5", None),
        ("1m1h", None),
    ],
)
def test_durations_are_those_of_prometheus(text: str, ms: int | None) -> None:
    assert duration_ms(text) == ms


@pytest.mark.parametrize(
    ("expr", "ranges", "reach_s"),
    [
        ("kpi_value > 1", {}, 0),
        ("rate(kpi_value[5m] offset 1h) > 0", {"5m": 300_000}, 3900),
        ("max_over_time(rate(a[ 10m ])[1d:5m])", {"10m": 600_000, "1d": 86_400_000}, 87_000),
        ('a{name="[5m] offset 1d"} offset -1h', {}, 0),
        ("a OFFSET 2d", {}, 172_800),
    ],
)
def test_it_is_told_how_far_back_an_expression_looks(expr: str, ranges: dict[str, int], reach_s: int) -> None:
    assert ranges_ms(expr) == ranges
    assert reach_ms(expr) == reach_s * 1000
