"""The hash in C is the one of the xxhash package."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.layout import Field, Kind
from streams.scanner import MOST, Scanner
from tests.native.columns import layout_with, value
from tests.wire import chained

LAYOUT = layout_with(
    Field("a", Kind.TEXT, True),
    Field("b", Kind.TEXT, True),
    hashes=[("a",), ("b",), ("a", "b"), ("b", "a"), ("a",) * 6],
)
SCANNER = Scanner(LAYOUT, {})
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def agree(pairs: list[tuple[str, str]], *, ascii_only: bool = False) -> None:
    """Scan pairs of texts, and compare all hashes of them."""
    SCANNER.begin(len(pairs))
    values = [value(json.dumps({"a": a, "b": b}, ensure_ascii=ascii_only).encode()) for a, b in pairs]
    table, _ = SCANNER.scan(values)
    assert table["taken"].all()
    told = table["slots"].astype("u8")
    for names, slot in LAYOUT.hashes.items():
        expected = [chained({"a": a, "b": b}[name] for name in names) for a, b in pairs]
        assert told[:, slot].tolist() == expected


@pytest.mark.parametrize("least", range(0, 2101, MOST))
def test_texts_of_every_length_have_the_hash_of_the_package_with_any_seed(least: int) -> None:
    """The second text's hash is the first one's seed: any 64 bits."""
    dice = random.Random(least)
    letters = [chr(code) for code in range(32, 127) if chr(code) not in '"\\']
    pairs = [
        ("".join(dice.choices(letters, k=size)), "".join(dice.choices(letters, k=dice.randrange(300))))
        for size in range(least, min(least + MOST, 2101))
    ]
    agree(pairs)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8), st.booleans())
def test_texts_of_any_characters_have_the_hash_of_the_package(pairs: list[tuple[str, str]], ascii_only: bool) -> None:
    """With escapes they lie elsewhere."""
    agree(pairs, ascii_only=ascii_only)


@settings(deadline=None)
@given(st.lists(TEXT.filter(bool), min_size=1, max_size=8), TEXT.filter(bool))
def test_an_events_id_is_hashed_with_its_source_as_the_seed(ids: list[str], source: str) -> None:
    SCANNER.begin(len(ids))
    event = {"source": source, "time": "2026-11-24T09:30:00Z", "type": "x", "data": {"a": "", "b": ""}}
    table, _ = SCANNER.scan([json.dumps(event | {"id": one}).encode() for one in ids])
    assert table["id"].tolist() == [chained([source, one]) for one in ids]
    assert {SCANNER.names.texts[number] for number in table["source"].tolist()} == {source}
