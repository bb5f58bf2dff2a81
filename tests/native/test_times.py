"""Times in C are those of the standard library: sound, odd and damaged ones."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.scanner import MOST, Scanner
from streams.times import TimeError, parse_ms
from tests.native.columns import layout_with, value
from tests.wire import epoch_ms

SCANNER = Scanner(layout_with(), {})
YEARS = (0, 1, 3, 4, 100, 200, 400, 1800, 1582, 1600, 1900, 1969, 1970, 1972, 2000, 2023, 2024, 2026, 2100, 9996, 9999)


def read(texts: list[str]) -> list[int | None]:
    """Return what the C makes of times; None for what it does not take."""
    found: list[int | None] = []
    for low in range(0, len(texts), MOST):
        SCANNER.begin(MOST)
        table, _ = SCANNER.scan([value(time=text) for text in texts[low : low + MOST]])
        found += [
            ms if taken else None for ms, taken in zip(table["ms"].tolist(), table["taken"].tolist(), strict=True)
        ]
    return found


def parsed(text: str) -> int | None:
    """Return what the Python beside it makes of a time."""
    try:
        return parse_ms(text)
    except TimeError:
        return None


def agree(texts: list[str]) -> None:
    """Compare three readings of times."""
    found = dict(zip(texts, read(texts), strict=True))
    assert found == {text: parsed(text) for text in texts}
    assert found == {text: epoch_ms(text) for text in texts}


def test_every_day_of_odd_years_is_there_and_no_other() -> None:
    agree([f"{year:04}-{month:02}-{day:02}T00:00:00Z" for year in YEARS for month in range(14) for day in range(33)])


def test_every_second_minute_and_hour_is_there_and_no_other() -> None:
    agree([f"2026-11-24T09:30:{number:02}Z" for number in range(100)])
    agree([f"2026-11-24T09:{number:02}:59Z" for number in range(100)])
    agree([f"2026-11-24T{number:02}:59:59Z" for number in range(100)])


def test_every_zone_is_there_and_no_other() -> None:
    agree([f"1970-01-01T00:00:00{sign}{hour:02}:30" for sign in "+-" for hour in range(100)])
    agree([f"1970-01-01T00:00:00{sign}23:{minute:02}" for sign in "+-" for minute in range(100)])


def test_fractions_of_1_to_9_digits_are_cut() -> None:
    digits = "987654321012"
    for day in ("2026-11-24", "1969-12-31", "0001-01-01"):
        agree([f"{day}T23:59:59.{fill[:size]}{zone}" for fill in (digits, "0" * 12, "9" * 12) for size in range(13) for zone in ("Z", "-01:00", "")])  # fmt: skip


PARTS = st.tuples(
    st.sampled_from(["2026", "2024", "1900", "2000", "0000", "0001", "9999", "1969", "202", "20261", "-026", "+026", "２０２６"]),
    st.sampled_from(["-", "-", "-", "/", ""]),
    st.sampled_from(["01", "02", "02", "12", "00", "13", "1", "٠1"]),
    st.sampled_from(["-", "-", ":", ""]),
    st.sampled_from(["01", "28", "29", "30", "31", "00", "32", "1"]),
    st.sampled_from(["T", "T", "t", " ", "_", "", "\u0054\u0301", "4"]),
    st.sampled_from(["00", "09", "23", "24", "-1", " 9", "9"]),
    st.sampled_from([":", ":", "", "."]),
    st.sampled_from(["00", "30", "59", "60"]),
    st.sampled_from([":", ":", "", ","]),
    st.sampled_from(["00", "59", "60", "61", "5"]),
    st.sampled_from(["", "", ".", ",5", ".5", ".٥", ".123456789", ".1234567890", ".-1", ". "]),
    st.sampled_from(["Z", "z", "+00:00", "-00:00", "+09:00", "-23:59", "+24:00", "+23:60", "+0900", "+09", "", "ZZ", "Ｚ", "+09:0٠", " Z", "\u0000"]),
).map("".join)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=60))
def test_what_is_put_together_of_right_and_wrong_parts_is_read_alike(texts: list[str]) -> None:
    agree(texts)


@st.composite
def near(draw: st.DrawFn) -> str:
    """Draw a real time with up to two of its characters changed, inserted or removed."""
    moment = draw(st.datetimes())
    text = moment.isoformat() + draw(st.sampled_from(["Z", "+09:00", "-11:30", "z"]))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text)))
        put = draw(st.text("0123456789:+-.TtZz ٣é\u0000/;", max_size=1))
        text = text[:place] + put + text[place + draw(st.integers(0, 1)) :]
    return text


@settings(max_examples=50, deadline=None)
@given(st.lists(near(), min_size=1, max_size=30))
@example(["2026-11-24T09:30:00.Z", "2026-11-24T09:30:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999-23:59"])
def test_a_time_with_a_wrong_character_is_read_alike(texts: list[str]) -> None:
    agree(texts)
