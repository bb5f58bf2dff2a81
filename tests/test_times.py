"""Times: exact to the millisecond, and refused unless RFC 3339 says so; events' times are read by the same rules."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.layout import layout_of
from streams.scanner import Scanner
from streams.times import TimeError, parse_ms
from tests.wire import encoded, epoch_ms, minimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)
TEXTS = st.from_regex(
    r"\A[0-9]{4}-(0[1-9]|1[0-9])-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?([Zz]|[+-][0-2][0-9]:?[0-6][0-9])?\Z"
)
"""Times and near misses."""


SCANNER = Scanner(layout_of("calls"), {})


def scanned(texts: list[str], *, ascii_only: bool = False) -> list[int | None]:
    """Return events' times as they are scanned together, None for a text that is none."""
    event = minimal("call.ended")
    table, _ = SCANNER.scan([encoded(event | {"time": text}, ascii_only=ascii_only) for text in texts])
    return [ms if taken else None for ms, taken in zip(table["ms"].tolist(), table["taken"].tolist(), strict=True)]


def parsed(text: str) -> int | None:
    """Return a text's time, None if it is none."""
    try:
        return parse_ms(text)
    except TimeError:
        return None


@given(MOMENTS, st.integers(0, 9), st.integers(0, 999))
def test_a_time_is_cut_to_the_millisecond_that_holds_it(moment: datetime, digits: int, nanoseconds: int) -> None:
    fraction = f"{moment.microsecond:06d}{nanoseconds:03d}"[:digits]
    zone = f"{moment:%z}"
    text = f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}{'.' if digits else ''}{fraction}{zone[:3]}:{zone[3:5]}"
    seen = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    ms = (seen - EPOCH) // timedelta(milliseconds=1)
    assert parse_ms(text) == ms
    assert scanned([text]) == [ms]


@given(st.lists(TEXTS | st.text("0123456789-:.TtZz+ ", max_size=30), max_size=20))
def test_a_text_is_a_time_if_and_only_if_the_standard_library_reads_it(texts: list[str]) -> None:
    wanted = [epoch_ms(text) for text in texts]
    assert [*map(parsed, texts)] == wanted
    assert scanned(texts) == wanted


@pytest.mark.parametrize("zone", ["Z", "z", "+00:00", "-00:00"])
def test_universal_time_has_four_spellings(zone: str) -> None:
    texts = [f"2026-11-24T00:30:00{zone}", "2026-11-24t09:30:00+09:00"]
    assert [*map(parse_ms, texts)] == scanned(texts) == [1_795_480_200_000] * 2


def test_a_finer_fraction_is_cut_and_never_rounded() -> None:
    texts = ["1970-01-01T00:00:00.999999999Z", "1969-12-31T23:59:59.9999Z"]
    assert [*map(parse_ms, texts)] == scanned(texts) == [999, -1]


def test_the_first_and_the_last_year_are_read() -> None:
    texts = [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999-23:59",
        "0004-02-29T00:00:00Z",
        "1900-02-28T00:00:00Z",
    ]
    assert [*map(parse_ms, texts)] == scanned(texts) == [epoch_ms(text) for text in texts]


def test_a_time_may_be_written_with_escapes() -> None:
    value = encoded(minimal("call.ended")).replace(b"-11-24", rb"-11\u002d24")
    assert value != encoded(minimal("call.ended"))
    table, _ = SCANNER.scan([value, encoded(minimal("call.ended"))])
    escaped, plain = table["ms"].tolist()
    assert table["taken"].tolist() == [1, 1]
    assert escaped == plain != 0


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "1795480200", "2026-11-24", "2026-11-24T09:30:00", "2026-11-24T09:30Z", "2026-11-24 09:30:00Z",
        "2026-11-24T24:00:00Z", "2026-11-24T23:60:00Z", "2026-11-24T23:59:60Z", "2026-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-24T09:30:00+24:00", "2026-11-24T09:30:00+09:60",
        "2026-11-24T09:30:00+0900", "2026-11-24T09:30:00.Z", "2026-11-24T09:30:00.1234567890Z", "2026-11-24T09:30:00,5Z",
        "2026-11-24T09:30:00Z\n", " 2026-11-24T09:30:00Z", "２０26-11-24T09:30:00Z", "2026-11-24T09:30:00.５Z",
    ],
)  # fmt: skip
def test_what_is_no_rfc_3339_time_is_refused(text: str) -> None:
    with pytest.raises(TimeError):
        parse_ms(text)
    assert scanned([text]) == scanned([text], ascii_only=True) == [None]


def test_a_bad_text_does_not_spoil_its_neighbours() -> None:
    good, bad = "2026-11-24T09:30:00+09:00", "2026-11-24T09:30:00+99:00"
    assert scanned([good, bad, "x", good]) == [parse_ms(good), None, None, parse_ms(good)]


DIGITS, ENDINGS = st.sampled_from([0, 1, 2, 3, 6, 9]), st.sampled_from(["Z", "z", "+09:00", "-03:30"])
CLOCKS = st.integers(0, 24 * 60 * 60 * 1000 - 1)
FLAWS = st.sampled_from(["2", "3", "6", "9", ":", "-", "T", ".", "Z", "\n", " ", "/", "é", ""])


def alike(digits: int, zone: str, clocks_ms: list[int]) -> list[str]:
    """Return times of one day, all with as many digits of a fraction and the same zone."""
    moments = [EPOCH + timedelta(milliseconds=clock_ms) for clock_ms in clocks_ms]
    fractions = [f"{moment.microsecond:06d}789"[:digits] for moment in moments]
    point = "." if digits else ""
    return [f"2026-11-24T{one:%H:%M:%S}{point}{two}{zone}" for one, two in zip(moments, fractions, strict=True)]


@given(DIGITS, ENDINGS, st.lists(CLOCKS, min_size=2, max_size=20))
def test_texts_that_look_alike_are_read_in_one_go(digits: int, zone: str, clocks: list[int]) -> None:
    texts = alike(digits, zone, clocks)
    assert scanned(texts) == [epoch_ms(text) for text in texts]


@given(DIGITS, ENDINGS, st.lists(CLOCKS, min_size=2, max_size=6), st.data())
def test_texts_that_hardly_differ_are_read_as_if_each_were_alone(
    digits: int, zone: str, clocks: list[int], data: st.DataObject
) -> None:
    texts = alike(digits, zone, clocks)
    for _ in range(data.draw(st.integers(1, 2))):
        which = data.draw(st.integers(0, len(texts) - 1))
        place = data.draw(st.integers(0, len(texts[which]) - 1))
        texts[which] = texts[which][:place] + data.draw(FLAWS) + texts[which][place + 1 :]
    wanted = [epoch_ms(text) for text in texts]
    assert scanned(texts) == wanted
    assert [*map(parsed, texts)] == wanted


@pytest.mark.parametrize(
    "other",
    [
        "2026-11-24T29:30:00Z", "2026-11-24T09:60:00Z", "2026-11-24T09:30:60Z", "2026-11-25T09:30:00Z",
        "2026-11-24t09:30:00Z", "2026-11-24T09:30:00z", "2026-11-24T09:30:0:Z", "2026-11-24T09:30:0/Z",
        "2026-11-24T09:30:00é", "2026-11-24T09:30:00", "", "2026-11-24T09:30:00Z\n2026-11-24T09:30:00Z",
    ],
)  # fmt: skip
def test_what_is_not_alike_is_read_by_itself(other: str) -> None:
    good = "2026-11-24T09:30:00Z"
    assert scanned([good, other, good]) == [epoch_ms(good), epoch_ms(other), epoch_ms(good)]
