"""Times: exact to the millisecond, and refused unless RFC 3339 says so."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams import times
from streams.times import NO_TIME, TimeError, TimeReader, parse_ms
from tests.wire import epoch_ms

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES)
TEXTS = st.from_regex(
    r"\A[0-9]{4}-(0[1-9]|1[0-9])-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?([Zz]|[+-][0-2][0-9]:?[0-6][0-9])?\Z"
)
"""Times and near misses."""


def read(reader: TimeReader, texts: list[str]) -> list[int | None]:
    """Return the times as they are read, None for a text that is none."""
    return [ms if ms >= NO_TIME else None for ms in reader.read_all(texts).tolist()]


@given(MOMENTS, st.integers(0, 9), st.integers(0, 999))
def test_a_time_is_cut_to_the_millisecond_that_holds_it(moment: datetime, digits: int, nanoseconds: int) -> None:
    fraction = f"{moment.microsecond:06d}{nanoseconds:03d}"[:digits]
    zone = f"{moment:%z}"
    text = f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}{'.' if digits else ''}{fraction}{zone[:3]}:{zone[3:5]}"
    seen = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    assert parse_ms(text) == (seen - EPOCH) // timedelta(milliseconds=1)


@given(st.lists(TEXTS | st.text("0123456789-:.TtZz+ ", max_size=30), max_size=20))
def test_a_text_is_a_time_if_and_only_if_the_standard_library_reads_it(texts: list[str]) -> None:
    assert read(TimeReader(), texts) == [epoch_ms(text) for text in texts]


@pytest.mark.parametrize("zone", ["Z", "z", "+00:00", "-00:00"])
def test_universal_time_has_four_spellings(zone: str) -> None:
    assert parse_ms(f"2026-11-24T00:30:00{zone}") == parse_ms("2026-11-24t09:30:00+09:00") == 1_795_480_200_000


def test_a_finer_fraction_is_cut_and_never_rounded() -> None:
    assert parse_ms("1970-01-01T00:00:00.999999999Z") == 999
    assert parse_ms("1969-12-31T23:59:59.9999Z") == -1


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


def test_a_bad_text_does_not_spoil_its_neighbours() -> None:
    good, bad = "2026-11-24T09:30:00+09:00", "2026-11-24T09:30:00+99:00"
    first, second, third, fourth = TimeReader().read_all([good, bad, "x", good])
    assert first == fourth == parse_ms(good)
    assert max(second, third) < NO_TIME


@given(st.lists(MOMENTS, max_size=30))
def test_a_full_table_starts_anew_and_reads_the_same(moments: list[datetime]) -> None:
    texts = [moment.isoformat() for moment in moments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(times, "TABLE_LIMIT", 3)
        reader = TimeReader()
        assert read(reader, texts) == [epoch_ms(text) for text in texts]
        assert max(len(reader._walls), len(reader._tails)) <= 3


def test_fractions_finer_than_milliseconds_do_not_fill_the_table() -> None:
    reader = TimeReader()
    reader.read_all([f"2026-11-24T09:30:00.{micros:06d}Z" for micros in range(500)])
    assert len(reader._tails) == 0


DIGITS, ENDINGS = st.sampled_from([0, 1, 2, 3, 6, 9]), st.sampled_from(["Z", "z", "+09:00", "-03:30"])
CLOCKS = st.integers(0, 24 * 60 * 60 * 1000 - 1)
FLAWS = st.sampled_from(["2", "3", "6", "9", ":", "-", "T", ".", "Z", "\n", " ", "/", "é", ""])


def alike(digits: int, zone: str, clocks_ms: list[int]) -> list[str]:
    """Return times of one day, all with as many digits of a fraction and the same zone."""
    moments = [EPOCH + timedelta(milliseconds=clock_ms) for clock_ms in clocks_ms]
    fractions = [f"{moment.microsecond:06d}789"[:digits] for moment in moments]
    point = "." if digits else ""
    return [f"2026-11-24T{one:%H:%M:%S}{point}{two}{zone}" for one, two in zip(moments, fractions, strict=True)]


@pytest.fixture
def however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let even two texts be read together."""
    monkeypatch.setattr(times, "MANY", 2)


@pytest.mark.usefixtures("however_few")
class TestTogether:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(DIGITS, ENDINGS, st.lists(CLOCKS, min_size=2, max_size=20))
    def test_texts_that_look_alike_are_read_in_one_go(self, digits: int, zone: str, clocks: list[int]) -> None:
        texts = alike(digits, zone, clocks)
        together = TimeReader()._alike(texts)
        assert together is not None
        assert together.tolist() == [epoch_ms(text) for text in texts]

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(DIGITS, ENDINGS, st.lists(CLOCKS, min_size=2, max_size=6), st.data())
    def test_texts_that_hardly_differ_are_read_as_if_each_were_alone(
        self, digits: int, zone: str, clocks: list[int], data: st.DataObject
    ) -> None:
        texts = alike(digits, zone, clocks)
        for _ in range(data.draw(st.integers(1, 2))):
            which = data.draw(st.integers(0, len(texts) - 1))
            place = data.draw(st.integers(0, len(texts[which]) - 1))
            texts[which] = texts[which][:place] + data.draw(FLAWS) + texts[which][place + 1 :]
        assert read(TimeReader(), texts) == [epoch_ms(text) for text in texts]

    @pytest.mark.parametrize(
        "other",
        [
            "2026-11-24T29:30:00Z", "2026-11-24T09:60:00Z", "2026-11-24T09:30:60Z", "2026-11-25T09:30:00Z",
            "2026-11-24t09:30:00Z", "2026-11-24T09:30:00z", "2026-11-24T09:30:0:Z", "2026-11-24T09:30:0/Z",
            "2026-11-24T09:30:00é", "2026-11-24T09:30:00", "",
        ],
    )  # fmt: skip
    def test_what_is_not_alike_is_not_read_together(self, other: str) -> None:
        assert TimeReader()._alike(["2026-11-24T09:30:00Z", other]) is None

    def test_a_break_within_a_text_does_not_make_two_of_it(self) -> None:
        good = "2026-11-24T09:30:00Z"
        for texts in ([f"{good}\n{good}", ""], ["", f"{good}\n{good}"], [f"{good}\n2", good[1:]], [f"{good}\n"]):
            assert TimeReader()._alike(texts) is None
            assert TimeReader()._alike([good, *texts]) is None

    def test_the_first_one_must_be_a_time(self) -> None:
        assert TimeReader()._alike(["2026-02-29T00:00:00Z", "2026-02-29T00:00:01Z"]) is None
