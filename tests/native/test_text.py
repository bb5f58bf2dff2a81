"""Texts in JSON: taken exactly where `json` reads a text that has UTF-8, and then with the same characters."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events import Events
from streams.layout import Field, Kind, Rule
from streams.scanner import MOST, Scanner
from streams.texts import is_text
from tests.native.columns import layout_with, value
from tests.wire import chained, texts_of

MOST_CHARS = 8
LAYOUT = layout_with(Field("t", Kind.TEXT, True, most=MOST_CHARS), Field("u", Kind.TEXT, False), hashes=[("t",)])
SCANNER = Scanner(LAYOUT, {"x": "t"})


def read(raw: Sequence[bytes], scanner: Scanner = SCANNER) -> list[str | None]:
    """Return the texts between quotes as they are scanned, all in one chunk; None for what is not taken."""
    scanner.begin(len(raw))
    table, texts = scanner.scan([value(b'{"t": "' + one + b'"}') for one in raw])
    hashes = table["slots"][:, LAYOUT.hashes[("t",)]].astype("u8").tolist()
    told = texts_of(Events(table, scanner.names, texts))
    found = [text or "" if taken else None for text, taken in zip(told, table["taken"].tolist(), strict=True)]
    assert [chained([text]) for text in found if text is not None] == [
        key for key, text in zip(hashes, found, strict=True) if text is not None
    ]
    return found


def expected(raw: bytes) -> str | None:
    """Return what `json` makes of a text between quotes."""
    try:
        found = json.loads(b'"' + raw + b'"')
    except ValueError:
        return None
    assert isinstance(found, str)
    return found if is_text(found) and len(found) <= MOST_CHARS else None


PIECES = (
        *(one.encode() for one in ("a", "é", "営", "𝒳", "\u007f", "\u0080", "\u07ff", "\u0800", "\uffff", "\U0010ffff", "  ")),
        *rb'\" \\ \/ \b \f \n \r \t \u0000 \u0022 \u007F \u0080 \u07fF \u0800 \uFFFF \ud835\udcb3 \uDBFF\uDFFF'.split(),
        *rb"\ud835 \udcb3 \ud835\u0041 \ud835\ue000 \ud835\udbff \ud7ff\udcb3 \ud835\uD835 \ud835\n \udcb3\ud835 \ud835x \u12 \u12g4 \u \x \' \U0041 \1 \u+123 \u-123 \u00e9".split(),
        b"\xc0\x80", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80", b"\xff", b"\xfe", b"\x80", b"\xbf", b"\xc3", b"\xe5\x96", b"\xf0\x9d\x92", b"\xe5a", b"\xf0\x9da",
        b"\x00", b"\n", b"\x1f", b"\t", b"\\", b'"',
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=MOST_CHARS + 2).map(b"".join), min_size=1, max_size=40))
def test_a_text_of_right_and_wrong_pieces_is_read_as_json_reads_it(raw: list[bytes]) -> None:
    assert read(raw) == [*map(expected, raw)]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=24), min_size=1, max_size=20))
def test_any_bytes_are_read_as_json_reads_them(raw: list[bytes]) -> None:
    assert read(raw) == [*map(expected, raw)]


def agree(raw: list[bytes]) -> None:
    """Compare both readings of texts."""
    for low in range(0, len(raw), MOST):
        some = raw[low : low + MOST]
        assert read(some) == [*map(expected, some)]


def test_each_piece_is_read_as_json_reads_it_alone_and_beside_each_other_one() -> None:
    agree([*PIECES, *(b"a" + piece + b"b" for piece in PIECES), *(one + other for one in PIECES for other in PIECES)])


def test_every_begin_of_a_character_is_read_as_json_reads_it() -> None:
    """Each byte that may begin one, each that may follow, and bytes at the edges of what may come then."""
    edges = (0x00, 0x22, 0x5C, 0x7F, 0x80, 0xBF, 0xC0, 0xFF)
    starts = [
        bytes([first, second]) for first in range(0x7E, 0x100) for second in (*range(0x7E, 0xC2), 0x00, 0x22, 0xFF)
    ]
    agree([bytes([byte]) for byte in range(256)])
    agree(starts)
    agree([start + bytes([third]) for start in starts if start[0] >= 0xDF for third in edges])
    agree([start + bytes([0x80, fourth]) for start in starts if start[0] >= 0xEF for fourth in edges])


def test_every_escape_of_a_byte_and_of_four_digits_is_read_as_json_reads_it() -> None:
    raw = [b"\\" + bytes([byte]) for byte in range(256)]
    assert read(raw) == [*map(expected, raw)]
    raw = [b"\\u" + bytes([byte]) * 4 for byte in range(256)]
    assert read(raw) == [*map(expected, raw)]
    raw = [rb"\u%04x" % point for edge in (0x80, 0x800, 0xD800, 0xDC00, 0xE000, 0x10000) for point in range(edge - 3, min(edge + 3, 0x10000))]  # fmt: skip
    assert read(raw) == [*map(expected, raw)]


@pytest.mark.parametrize("letter", ["a", "é", "営", "𝒳"])
def test_code_points_are_counted_however_they_are_written(letter: str) -> None:
    plain, escaped = letter.encode(), json.dumps(letter)[1:-1].encode()
    for mixed in ([plain], [escaped], [plain, escaped], [escaped, plain]):
        fits = b"".join((mixed * MOST_CHARS)[:MOST_CHARS])
        assert read([fits, fits + plain, fits + escaped, fits + b"a"]) == [letter * MOST_CHARS, None, None, None]


def test_a_text_is_read_wherever_it_lies_among_blocks_of_16_bytes() -> None:
    scanner = Scanner(layout_with(Field("t", Kind.TEXT, True), hashes=[("t",)]), {"x": "t"})
    stops = ["", "é", "営", "𝒳", '"', "\\", "\n"]
    texts = ["x" * before + stop + "y" * after for stop in stops for before in range(34) for after in range(0, 34, 3)]
    for low, high in pairwise(range(0, len(texts) + MOST, MOST)):
        some = texts[low:high]
        assert read([json.dumps(text, ensure_ascii=False)[1:-1].encode() for text in some], scanner) == some


def test_texts_with_escapes_do_not_run_into_each_other() -> None:
    """They are freed of their escapes in one place for a whole chunk."""
    layout = layout_with(Field("t", Kind.TEXT, True), Field("u", Kind.TEXT, True), hashes=[("t",), ("u",), ("t", "u")])
    scanner = Scanner(layout, {"x": "t"})
    pairs = [(f"é{number}" * (number % 7 + 1), f"\n{number}" * (number % 5 + 1)) for number in range(MOST)]
    scanner.begin(MOST)
    table, texts = scanner.scan(
        [value(json.dumps({"t": t, "more": ["\t" * 9, {"\n": 1}], "u": u}).encode()) for t, u in pairs]
    )
    assert table["taken"].all()
    slots = table["slots"].astype("u8")
    assert slots[:, 0].tolist() == [chained([t]) for t, _ in pairs]
    assert slots[:, 1].tolist() == [chained([u]) for _, u in pairs]
    assert slots[:, 2].tolist() == [chained(pair) for pair in pairs]
    assert texts_of(Events(table, scanner.names, texts)) == [t or None for t, _ in pairs]


def test_rules_are_kept_however_a_text_is_written() -> None:
    def taken(rules: Rule, texts: list[bytes]) -> list[bool]:
        scanner = Scanner(layout_with(Field("t", Kind.TEXT, True, rules=rules)), {})
        table, _ = scanner.scan([value(b'{"t": "' + text + b'"}') for text in texts])
        return [bool(one) for one in table["taken"]]

    reserved = [b"__", b"__a", rb"\u005f_", rb"_\u005Fx"]
    assigned = [b"unassigned", rb"\u0075nassigned"]
    free = [b"_", b"_a_", b"a__", b"unassigne", b"unassignedx", b"Unassigned", b""]
    every = [*reserved, *assigned, *free]
    assert taken(Rule.NONE, every) == [True] * len(every)
    assert taken(Rule.NOT_RESERVED, every) == [one not in reserved for one in every]
    assert taken(Rule.ASSIGNED, every) == [one not in assigned for one in every]
    assert taken(Rule.NOT_RESERVED | Rule.ASSIGNED, every) == [one in free for one in every]
    letters = [b"A", b"AZ", b"", b"@", b"[", b"a", rb"\u0041", "É".encode()]
    assert taken(Rule.CAPITALS, letters) == [True, True, True, False, False, False, True, False]
