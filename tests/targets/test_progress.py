"""Attainment and pace to the letter of the design."""

import pytest

from streams.targets import attainment, progress

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("value", "target", "bound", "reached"),
    [
        (300, 400, "min", 0.75),
        (400, 400, "min", 1),
        (9000, 400, "min", 10),
        (0, 400, "min", 0),
        (360, 300, "max", 300 / 360),
        (240, 300, "max", 1.25),
        (1, 300, "max", 10),
        (0, 0.05, "max", 10),
        (-5, 0.05, "max", 10),
        (5, 0, "max", 0),
    ],
)
def test_attainment(value: float, target: float, bound: str, reached: float) -> None:
    assert attainment(value, target, bound) == pytest.approx(reached)  # type: ignore[arg-type]


def test_before_and_after_lunch_of_an_eight_hour_day() -> None:
    noon = progress(240, 400, "min", 3 * HOUR, 8 * HOUR)
    assert noon.pace == pytest.approx(240 / 150)
    assert noon.forecast == pytest.approx(640)
    assert noon.required_per_hour == pytest.approx(160 / 5)
    assert progress(240, 400, "min", 3 * HOUR, 8 * HOUR) == noon  # lunch adds nothing
    assert progress(500, 400, "min", 7 * HOUR, 8 * HOUR).required_per_hour == 0


def test_a_forecast_waits_for_a_tenth_of_the_working_time() -> None:
    assert progress(10, 400, "min", int(0.79 * HOUR), 8 * HOUR).forecast is None
    assert progress(10, 400, "min", int(0.8 * HOUR), 8 * HOUR).forecast == pytest.approx(100)


def test_nothing_where_a_divisor_is_0() -> None:
    assert progress(5, 400, "min", 0, 8 * HOUR).pace is None
    assert progress(5, 5e-324, "min", 4 * HOUR, 8 * HOUR).pace is None, "no float holds it"
    assert progress(5, 400, "min", 0, 8 * HOUR).forecast is None
    over = progress(300, 400, "min", 8 * HOUR, 8 * HOUR)
    assert (over.pace, over.forecast, over.required_per_hour) == (0.75, 300, None)
    none = progress(300, 400, "min", 0, 0)
    assert (none.pace, none.forecast, none.required_per_hour) == (None, None, None)
    assert progress(5, 0, "max", HOUR, 8 * HOUR).pace is None


def test_an_upper_bound_needs_nothing_per_hour() -> None:
    assert progress(5, 10, "max", HOUR, 8 * HOUR).required_per_hour is None
