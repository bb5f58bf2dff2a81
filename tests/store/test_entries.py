"""Entries in the form in which they are sent are what they were before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.store.entries import Entries, States

ENTRIES = st.dictionaries(st.text(max_size=5), st.binary(max_size=5), max_size=6)


@given(ENTRIES)
def test_entries_are_a_mapping_equal_to_the_one_that_they_were_made_of(entries: dict[str, bytes]) -> None:
    sent = Entries.of(entries)
    assert sent == entries
    assert [*sent.items()] == [*entries.items()]
    assert len(sent) == len(entries)
    assert b"".join(entries.values()) == sent.content


def test_what_has_the_form_already_is_left_alone() -> None:
    sent = Entries(["a"], [1], b"x")
    assert Entries.of(sent) is sent


def test_lengths_must_fit_the_names() -> None:
    with pytest.raises(ValueError, match="zip"):
        Entries(["a", "b"], [1], b"x")["a"]


STATES = st.dictionaries(st.text(max_size=5), st.none() | st.binary(max_size=5), max_size=40)


@given(STATES)
def test_states_are_a_mapping_equal_to_the_one_that_they_were_made_of(states: dict[str, bytes | None]) -> None:
    sent = States.of(states)
    assert sent == states
    assert {*sent} == {*states}
    assert len(sent) == len(states)
    assert States.of(sent) is sent
