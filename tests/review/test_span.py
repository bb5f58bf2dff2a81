"""What people may ask for: days and times within what is kept."""

from zoneinfo import ZoneInfo

import pytest

from streams.review.span import BadRange, span
from streams.times import parse_ms

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = parse_ms("2026-11-24T21:00:00+09:00")


def test_days_are_whole_and_the_floors_and_nothing_lies_beyond_now() -> None:
    assert span("2026-11-20", "2026-11-22", NOW, TOKYO) == (
        parse_ms("2026-11-20T00:00:00+09:00"),
        parse_ms("2026-11-23T00:00:00+09:00"),
    )
    assert span("2026-11-20", "2026-11-24", NOW, TOKYO)[1] == NOW
    assert span("2026-11-20T08:30:00Z", None, NOW, TOKYO) == (parse_ms("2026-11-20T08:30:00Z"), NOW)


def test_without_a_beginning_it_is_a_week_as_far_as_that_is_kept() -> None:
    assert span(None, None, NOW, TOKYO) == (NOW - 7 * 86_400_000, NOW)
    assert span(None, "2026-10-22", NOW, TOKYO)[0] == NOW - 35 * 86_400_000


@pytest.mark.parametrize(
    ("from_", "to", "words"),
    [
        ("2026-10-20", None, "--from 2026-10-20: figures are kept for 35 days; .* begins at 2026-10-21T00:00:00.09:00"),
        ("2026-11-25", None, "must be before --to"),
        ("2026-11-23", "2026-11-20", "must be before --to"),
        ("yesterday", None, "--from yesterday: neither a day like"),
        (None, "2026-11-24T09:00:00", "--to 2026-11-24T09:00:00: neither"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(from_: str | None, to: str | None, words: str) -> None:
    with pytest.raises(BadRange, match=words):
        span(from_, to, NOW, TOKYO)


def test_the_first_day_that_is_named_can_be_asked_for() -> None:
    assert span("2026-10-21", None, NOW, TOKYO)[0] == parse_ms("2026-10-21T00:00:00+09:00")
