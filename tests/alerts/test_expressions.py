"""What an expression asks for."""

import pytest

from streams.alerts.expressions import metrics


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
