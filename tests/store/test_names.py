"""Row names keep every name, and nobody can make two rows one."""

from hypothesis import given
from hypothesis import strategies as st

from streams.store.names import decode, encode, row_name, split_row

NAMES = st.text(max_size=64) | st.text("|%7Cc25\n\x00", max_size=12)
Four = tuple[str, str, str, str]


@given(NAMES)
def test_a_name_comes_back_and_its_code_holds_no_separator(name: str) -> None:
    assert decode(encode(name)) == name
    assert "|" not in encode(name)


@given(st.tuples(NAMES, NAMES, NAMES, NAMES))
def test_a_row_comes_back_also_with_a_fifth_part(four: Four) -> None:
    assert split_row(row_name(*four)) == four
    assert split_row(row_name(*four) + "|customers") == four


@given(st.tuples(NAMES, NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES, NAMES))
def test_different_rows_have_different_names(one: Four, other: Four) -> None:
    assert (row_name(*one) == row_name(*other)) == (one == other)


def test_percent_and_bar_are_the_only_coded_characters() -> None:
    assert row_name("A|B", "50%", "é\n\x00", "") == "A%7CB|50%25|é\n\x00|"
