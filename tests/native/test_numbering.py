"""What the C and the Python call by number, or lay out in memory, is the same on both sides."""

import re
from enum import IntEnum
from struct import Struct

import numpy as np
import pytest

from schemas.events import TOPICS
from streams import events, layout, scanner
from streams.kpis import additions, counting, model
from streams.kpis import compile as compiling
from streams.layout import Kind, Rule
from streams.native import Machine, build

SOURCE = {name: content.decode() for name, content in build.sources().items()}
SIZES = {"i64": 8, "u64": 8, "i32": 4, "u32": 4, "u16": 2, "u8": 1}
BY_NAME = {"Kind": "kind", "Action": "what"}
CODES = {"<i8": "i64", "<u8": "u64", "<u4": "u32", "<u2": "u16", "|u1": "u8"}
FORMATS = {"q": "i64", "Q": "u64", "I": "u32", "H": "u16", "B": "u8", "s": "u8"}


def named(file: str, name: str) -> list[str]:
    """Return the names of an enumeration in C that counts from 0."""
    found = re.search(rf"enum {name} {{([^}}=]+)}}", SOURCE[file])
    assert found
    return [one.strip() for one in found[1].split(",")]


def constant(file: str, name: str) -> int:
    """Return an enumeration's constant that is written with shifts and sums."""
    found = re.search(rf"enum {{[^}}]*\b{name} = ([^,}}]+)", SOURCE[file])
    assert found and re.fullmatch(r"[\d\s()<+]+", found[1])
    return int(eval(found[1]))  # noqa: S307  # digits and signs only


def members(file: str, name: str) -> list[tuple[str, str, int]]:
    """Return a struct's members: type, name and how many there are."""
    found = re.search(rf"struct {name} {{(.*?)\n}};", SOURCE[file], re.DOTALL)
    assert found
    body = re.sub(r"/\*.*?\*/", "", found[1], flags=re.DOTALL)
    every = []
    for kind, names in re.findall(r"(\w+(?: \w+)?)\s+([^;]+);", body):
        for one in names.split(","):
            shape = re.fullmatch(r"\s*(\w+)(?:\[(\w*)\])?", one)
            assert shape, one
            size = shape[2] if shape[2] != "SLOTS" else str(layout.SLOTS)
            every.append((kind, shape[1], 1 if shape[2] is None else int(size or 1)))
    return every


def offsets(file: str, name: str) -> tuple[dict[str, int], int]:
    """Return where a struct's members lie, and its size, by the rules of C."""
    at, widest, found = 0, 1, {}
    for kind, member, count in members(file, name):
        size = SIZES[kind]
        at = -(-at // size) * size
        found[member] = at
        at, widest = at + size * count, max(widest, size)
    return found, -(-at // widest) * widest


@pytest.mark.parametrize(("python", "file"), [(Kind, "scan.c"), (additions.Action, "count.c")])
def test_an_enumeration_has_the_numbers_of_the_c(python: type[IntEnum], file: str) -> None:
    names = named(file, BY_NAME[python.__name__])
    assert {one.name: one.value for one in python} == {name: number for number, name in enumerate(names)}


def test_rules_have_the_bits_of_the_c() -> None:
    bits = {name: constant("scan.c", name) for name in ("RESERVED", "ASSIGNED", "CAPITALS")}
    assert bits == {"RESERVED": Rule.NOT_RESERVED, "ASSIGNED": Rule.ASSIGNED, "CAPITALS": Rule.CAPITALS}
    assert sum(bits.values()) == sum(Rule)


def test_tests_have_the_numbers_of_the_c() -> None:
    names = named("count.c", "test_kind")
    assert [getattr(compiling, f"_{name}") for name in names] == [*range(len(names))]


def test_an_event_lies_in_memory_as_the_c_says() -> None:
    places, size = offsets("event.h", "event")
    fields = events.EVENT.fields
    assert fields is not None
    padding = fields.keys() - places.keys()
    assert all(fields[name][0].kind == "V" for name in padding)
    assert {name: offset for name, (_, offset, *_) in fields.items() if name not in padding} == places
    assert events.EVENT.itemsize == size
    assert f"sizeof(struct event) == {size}" in SOURCE["event.h"]
    kinds = {name: kind for kind, name, _ in members("event.h", "event")}
    assert {name: CODES[fields[name][0].base.str] for name in kinds} == kinds
    assert constant("event.h", "SLOTS") == layout.SLOTS


@pytest.mark.parametrize(
    ("file", "name", "dtype"),
    [
        ("names.h", "name", scanner._NAME),
        ("sums.h", "sum", counting.SUM),
        ("sums.h", "sample", counting.SAMPLE),
    ],
)
def test_a_table_lies_in_memory_as_the_c_says(file: str, name: str, dtype: np.dtype[np.void]) -> None:
    places, size = offsets(file, name)
    assert dtype.fields is not None
    told = {name: offset for name, (kind, offset, *_) in dtype.fields.items() if kind.kind != "V"}
    assert told.items() <= places.items()
    assert dtype.itemsize == size


@pytest.mark.parametrize(
    ("file", "name", "packed"),
    [
        ("scan.c", "field", scanner._FIELD),
        ("scan.c", "group", scanner._GROUP),
        ("scan.c", "hash", scanner._HASH),
        ("count.c", "test", compiling._TEST),
        ("count.c", "addition", compiling._ADDITION),
        ("count.c", "program", compiling._PROGRAM),
        ("count.c", "policy", compiling._POLICY),
    ],
)
def test_what_is_packed_has_the_members_of_the_struct(file: str, name: str, packed: Struct) -> None:
    every = members(file, name)
    expected = [kind for kind, _, count in every for _ in range(count)]
    told = [
        FORMATS[code]
        for count, code in re.findall(r"(\d*)([a-zA-Z])", packed.format)
        if code != "x"
        for _ in range(int(count or 1))
    ]
    assert told == expected
    assert packed.size == offsets(file, name)[1]


def test_what_is_asked_and_told_of_counting_is_the_struct() -> None:
    assert counting._ASKED.size + counting._TOLD.size == offsets("count.c", "counting")[1]


def test_room_is_what_the_c_has() -> None:
    assert constant("scan.c", "MOST") == scanner.MOST
    # a zero behind each value, and 16 at the end
    assert constant("scan.c", "BYTES_MOST") >= scanner.MOST_BYTES + scanner.MOST + 16
    assert constant("scan.c", "TEXTS") == scanner.NO_TEXT
    assert f"texts[{scanner.MOST_TEXTS}]" in SOURCE["scan.c"]
    assert constant("names.h", "NAMES_MOST") == constant("names.h", "ROWS_MOST") == scanner.NAMES_MOST
    assert constant("names.h", "NAME_BYTES_MOST") == scanner.NAME_BYTES_MOST
    assert constant("names.h", "TABLE") >= 2 * scanner.NAMES_MOST
    assert counting.ROWS_MOST == scanner.NAMES_MOST
    assert constant("count.c", "HIGH_BITS") == model.HIGH_BITS


def test_one_event_brings_no_more_names_than_are_reckoned_with() -> None:
    """Names and sources have their bounds in the models; a code point takes up to 4 bytes."""
    for topic in TOPICS:
        told = layout.layout_of(topic)
        sources = [field.most for field in told.envelope if field.kind is Kind.SOURCE]
        for fields in told.data.values():
            texts = sources + [field.most for field in fields if field.kind is Kind.NAME]
            assert len(texts) <= scanner.NAMES_OF_ONE and 4 * sum(texts) <= scanner.BYTES_OF_ONE


def test_places_are_in_the_order_of_the_c() -> None:
    found = re.search(r"places\[\] = {([^}]+)}", SOURCE["scan.c"])
    assert found and tuple(re.findall(r"\w+", found[1])) == scanner._PLACES
    places = [Machine().call("place", number) for number in range(len(scanner._PLACES))]
    assert len(set(places)) == len(places) and all(places)
