"""When a process that died is started again."""

from streams.demo.restarts import Restarts


def test_so_many_times_within_the_span_and_no_more() -> None:
    restarts = Restarts(limit=3, within_s=60)
    assert [restarts.allow(at) for at in (0, 1, 2, 3, 59.9)] == [True, True, True, False, False]


def test_what_is_long_ago_does_not_count() -> None:
    restarts = Restarts(limit=2, within_s=60)
    assert [restarts.allow(at) for at in (0, 50, 60, 61, 110)] == [True, True, True, False, True]
    assert restarts.lately == 2
