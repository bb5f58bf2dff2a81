"""What follows from one reading after the other."""

from datetime import timedelta

import pytest

from streams.demo.course import Course
from tests.demo.answers import AT, a_reading


def test_the_speed_is_that_of_the_last_ten_seconds() -> None:
    course = Course()
    course.see(a_reading(at_s=0, applied=100))
    assert course.per_second is None
    for second in range(1, 31):
        course.see(a_reading(at_s=second, applied=100 + 10 * second + (1000 if second > 15 else 0)))
    assert course.per_second == pytest.approx(10)
    course.see(a_reading(at_s=31, applied=1410 + 110))
    assert course.per_second == pytest.approx(21)


def test_a_rebuild_is_no_negative_speed() -> None:
    course = Course()
    for second, applied in enumerate((1000, 1100, 50, 250)):
        course.see(a_reading(at_s=second, applied=applied))
    assert course.per_second == pytest.approx(200)


def test_a_topic_is_stale_since_the_first_reading_of_this_stretch() -> None:
    course = Course()
    for second, stale in enumerate([("calls",), ("calls", "crm"), ("crm",), ("calls", "crm")]):
        course.see(a_reading(at_s=second, stale=stale))
    assert course.stale_since == {"calls": AT + timedelta(seconds=3), "crm": AT + timedelta(seconds=1)}
