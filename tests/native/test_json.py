"""What the scanner takes is JSON, and says what `json` says; nothing is read from the neighbours in a chunk."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import TOPICS
from schemas.render.examples import CASES, example
from streams.decode import TopicDecoder
from streams.layout import Field, Kind
from streams.scanner import MOST, MOST_BYTES, Scanner
from tests.native.columns import HASHES, layout_with, should_be, told, value
from tests.wire import ARRIVAL, KINDS, altered, damaged, encoded

DEPTH = 32
"""How deep the scanner looks into what nobody reads."""
LAYOUT = layout_with(
    Field("n", Kind.INTEGER, False, low=-(10**15), high=10**15),
    Field("f", Kind.FLAG, False),
    Field("c", Kind.CHOICE, False, choices=("a", "b")),
    Field("needed", Kind.FLAG, False),
)
SCANNER = Scanner(LAYOUT, {})
DECODERS = {topic: TopicDecoder(topic, HASHES.get(topic, ())) for topic in TOPICS}


def scan(values: list[bytes]) -> list[dict[str, Any] | None]:
    """Return what is scanned of each value's data in one chunk; None where it is not taken."""
    SCANNER.begin(len(values))
    table, _ = SCANNER.scan(values)
    found: list[dict[str, Any] | None] = []
    for taken, present, slots in zip(table["taken"], table["present"], table["slots"], strict=True):
        n, f, c = (int(slots[slot]) for slot in range(3))
        there = int(present)
        found.append({"n": n if there & 1 else None, "f": bool(f), "c": "ab"[c - 1] if c else None} if taken else None)
    return found


def data(*contents: bytes) -> list[dict[str, Any] | None]:
    """Return what is scanned of such data."""
    return scan([value(content) for content in contents])


def in_json(content: bytes) -> dict[str, Any] | None:
    """Return what `json` says of data, None if it is none. Constants are no JSON."""
    try:
        found = json.loads(content, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def plainly(content: dict[str, Any]) -> dict[str, Any]:
    return {"n": content.get("n"), "f": content.get("f") is True, "c": content.get("c")}


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab"\\é\n ', max_size=3), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
SPACES = st.text(" \n\r\t", max_size=2).map(str.encode)
TOKENS = (
    rb'{ } [ ] , : " "n" "f" "c" "x" "a" true false null nul tru 0 -0 1 -1 01 -01 - + 1.5 .5 5. 1e5 1E+5 1e -1.0e-5 1e400 NaN'.split()
    + rb'"\"" "\x" \ \u0041 Infinity 999999999999999999 9999999999999999999 10000000000000000 {} [] [[]] [1,] {,} "a":1'.split()
    + [b" ", b"\n", b"\0", b"\x0b", b"\xc2\xa0", b"\xef\xbb\xbf", b"//", b"'a'"]
)


@settings(deadline=None)
@given(ANY_JSON, st.dictionaries(st.sampled_from("yz"), ANY_JSON), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_what_nobody_reads_may_be_any_json(inner: Any, more: dict[str, Any], ascii_only: bool, indent: Any) -> None:
    content = {"x": inner, "n": 7, "f": True, **more, "c": "b"}
    text = json.dumps(content, ensure_ascii=ascii_only, indent=indent).encode()
    assert data(text, text) == [plainly(content)] * 2


FORMS = (b'{"x": %s}', b'{"n": %s}', b'{"c": "a", "x": [%s], "f": true}', b"%s", b'{"f": %s, "n": 5}', b'{"x": 1%s}')


def agree(inners: list[bytes]) -> int:
    """See that what is taken is JSON and says the same, in all forms; return how much is taken."""
    count = 0
    for form in FORMS:
        for low in range(0, len(inners), MOST):
            contents = [form % inner for inner in inners[low : low + MOST]]
            for content, found in zip(contents, data(*contents), strict=True):
                if found is not None:
                    said = in_json(content)
                    assert said is not None and found == plainly(said), content
                    count += 1
    return count


def test_whatever_is_taken_of_two_tokens_is_json_and_says_the_same() -> None:
    pairs = [one + other for one in TOKENS for other in TOKENS]
    assert agree([*TOKENS, *pairs]) > 500


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from(TOKENS), max_size=9).map(b"".join), min_size=1, max_size=60))
def test_whatever_is_taken_of_many_tokens_is_json_and_says_the_same(inners: list[bytes]) -> None:
    agree(inners)


@settings(deadline=None)
@given(st.lists(st.integers(-(10**19), 10**19) | st.integers(-(10**15) - 2, 10**15 + 2), min_size=1, max_size=60))
def test_an_integer_is_taken_within_its_bounds_and_with_its_value(numbers: list[int]) -> None:
    found = data(*(b'{"n": %d}' % number for number in numbers))
    assert [one and one["n"] for one in found] == [n if abs(n) <= 10**15 else None for n in numbers]


@settings(deadline=None)
@given(st.lists(SPACES, min_size=6, max_size=6))
def test_spaces_may_be_wherever_json_has_them(gaps: list[bytes]) -> None:
    parts = [b"{", b'"n"', b":", b"12", b",", b'"f"', b":true}"]
    text = b"".join(part + gap for part, gap in zip(parts, [*gaps, b""], strict=True))
    assert scan([b"\n " + value(text) + b" \r\n\t"]) == [{"n": 12, "f": True, "c": None}]


@pytest.mark.parametrize("between", [b"", b"\0", b"x", b"\xef\xbb\xbf", b",", b"{}", b"\x0c", b"null", b"\0\0", b"}"])
def test_nothing_may_stand_before_or_behind_an_event(between: bytes) -> None:
    sound = value()
    wrong = [between + sound, sound + between, b" " + between + sound, sound + b" " + between]
    assert [one is not None for one in scan([sound, *wrong, sound])] == [True, *[not between] * 4, True]


def nested(depth: int) -> bytes:
    return b'{"n": 1, "x": ' + b"[" * depth + b"]" * depth + b"}"


def test_deep_nesting_is_left_to_the_models() -> None:
    depths = [1, DEPTH - 2, DEPTH - 1, DEPTH, DEPTH + 1, 1000, 100_000]
    assert [one is not None for one in data(*map(nested, depths))] == [depth < DEPTH for depth in depths]
    objects = [b'{"x": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}" for depth in depths]
    assert [one is not None for one in data(*objects)] == [depth < DEPTH for depth in depths]


def test_what_the_scanner_leaves_the_models_decide() -> None:
    """Deep nesting, repeated keys and keys with escapes: they are the same to `json`."""
    plain = encoded(example("call.ended", "minimal"))
    odd = [
        plain[:-1] + b', "x": ' + b"[" * 200 + b"]" * 200 + b"}",
        plain[:-1] + b', "source": "again"}',
        plain.replace(b'"source"', rb'"\u0073ource"'),
        plain.replace(b'"call_id"', b'"call_id": "other", "call_id"'),
        plain.replace(b'"direction"', b'"rep": "__", "rep": null, "direction"'),
        plain[:-1] + rb', "x": "\ud800"}',
    ]
    decoder = DECODERS["calls"]
    table, _ = decoder._scanner.scan(odd)
    assert not table["taken"].any()
    expected = [should_be("calls", decoder.layout, one, ARRIVAL) for one in odd]
    assert None not in expected
    assert told(decoder, decoder.decode_chunk(odd, [ARRIVAL] * len(odd))) == expected


def test_keys_that_nobody_knows_may_be_repeated_and_have_escapes() -> None:
    content = rb'{"x": 1, "x": 2, "n": 3, "nn": 4, "N": 5, "": 6, "f": true}'
    assert data(content) == [{"n": 3, "f": True, "c": None}]
    assert data(rb'{"\u006e": 3}', b'{"n": 1, "n": 1}', '{"é": 1}'.encode()) == [None] * 3


def test_absent_fields_may_be_null_and_needed_ones_not() -> None:
    scanner = Scanner(layout_with(Field("a", Kind.INTEGER, True), Field("b", Kind.INTEGER, False)), {})
    contents = [
        b'{"a": 1}',
        b'{"a": 1, "b": null}',
        b'{"a": null}',
        b'{"b": 1}',
        b"{}",
        b'{"a": 1, "b": nul}',
        b"null",
        b"[]",
    ]
    table, _ = scanner.scan([value(content) for content in contents])
    assert table["taken"].tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    assert table["present"][:2].tolist() == [1, 1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_attributes_may_come_in_any_order(kind: str, case: str) -> None:
    """Data before the type is read when the type is known."""
    event = example(kind, case)
    topic = next(topic for topic, decoder in DECODERS.items() if kind in decoder.layout.types)
    decoder = DECODERS[topic]
    names = list(event)
    orders = [names[turn:] + names[:turn] for turn in range(len(names))]
    values = [encoded({name: event[name] for name in order}) for turned in orders for order in (turned, turned[::-1])]
    decoder._scanner.begin(len(values))
    table, _ = decoder._scanner.scan(values)
    assert table["taken"].all()
    expected = should_be(topic, decoder.layout, values[0], ARRIVAL)
    assert expected is not None
    assert told(decoder, decoder.decode_chunk(values, [ARRIVAL] * len(values))) == [expected] * len(values)


@pytest.mark.parametrize("topic", TOPICS)
def test_early_data_is_read_by_its_own_type_among_others(topic: str) -> None:
    decoder = DECODERS[topic]
    events = [example(kind, case) for kind in decoder.layout.types for case in CASES]
    values = [encoded({name: event[name] for name in reversed(event)}) for event in (*events, *reversed(events))]
    decoder._scanner.begin(len(values))
    assert decoder._scanner.scan(values)[0]["taken"].all()
    expected = [should_be(topic, decoder.layout, one, ARRIVAL) for one in values]
    assert told(decoder, decoder.decode_chunk(values, [ARRIVAL] * len(values))) == expected


def test_a_wrong_piece_in_early_data_is_found() -> None:
    late = b'{"data": %s, "type": "x", "time": "2026-11-24T09:30:00Z", "id": "1", "source": "s"}'
    contents = [
        b'{"n": 5}',
        b'{"n": "5"}',
        b'{"n": 5',
        b"null",
        b"[]",
        b'{"n": 5,}',
        b'{"n": 5, "n": 6}',
        b'{"f": true}',
    ]
    found = scan([late % content for content in contents])
    assert found == [{"n": 5, "f": False, "c": None}, *[None] * 6, {"n": None, "f": True, "c": None}]


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_is_read_across_the_border_to_its_neighbour(kind: str) -> None:
    """Cut anywhere, neither part is an event, also with the other part behind it."""
    topic = next(topic for topic, decoder in DECODERS.items() if kind in decoder.layout.types)
    scanner = DECODERS[topic]._scanner
    sound = encoded(example(kind, "maximal" if "maximal" in CASES else CASES[-1]))
    parts = [part for cut in range(1, len(sound)) for part in (sound[:cut], sound[cut:])]
    with_zeros = [sound[:cut] + b"\0" + sound[cut:] for cut in range(len(sound) + 1)]
    for low in range(0, len(parts), MOST):
        scanner.begin(MOST)
        assert not scanner.scan(parts[low : low + MOST])[0]["taken"].any()
    for low in range(0, len(with_zeros), MOST):
        scanner.begin(MOST)
        assert not scanner.scan(with_zeros[low : low + MOST])[0]["taken"].any()


@pytest.mark.parametrize("end", [b'"', b'"\\', b'"\\u', b'"\\ud835', b'"\\ud835\\u', b"n", b"nul", b"t", b"fals", b"-", b"1", b"1e", b"1.", b"[", b'{"a"', b"\xf0", b"\xf0\x9d\x92", b'"\xe5\x96'])  # fmt: skip
def test_a_value_that_ends_too_early_is_not_completed_by_what_follows(end: bytes) -> None:
    whole = value(b'{"x": ')[:-1] + end
    for behind in (b'"}}', b"ull}}", b"rue}}", b"e}}", b"1}}", b"]}}", b":1}}}", b'\x9d\x92\xb3"}}', b'dcb3"}}', b""):
        assert scan([whole, behind, value(b'{"n": 1}')]) == [None, None, {"n": 1, "f": False, "c": None}]


def test_a_chunk_may_be_as_full_as_there_is_room_and_no_fuller() -> None:
    one = value(b'{"n": 1}')
    room = MOST_BYTES - (MOST - 1) * len(one)
    large = value(b'{"n": 1, "x": "' + b"\\n" * 10 + b"%s" + b'"}')
    full = [one] * (MOST - 1) + [large % (b"x" * (room - len(large) + 2))]
    assert sum(map(len, full)) == MOST_BYTES
    assert scan(full) == [{"n": 1, "f": False, "c": None}] * MOST
    with pytest.raises(ValueError, match="more than the scanner takes"):
        scan([one] * (MOST + 1))
    with pytest.raises(ValueError, match="more than the scanner takes"):
        scan([b"x" * (MOST_BYTES + MOST + 1)])
    escaped = value(b'{"x": "' + b"\\u00e9" * (MOST_BYTES // 6 - 30) + b'"}')
    assert scan([escaped]) == [{"n": None, "f": False, "c": None}]
    assert scan([]) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(altered(), damaged(), st.binary(max_size=40), st.none()), min_size=1, max_size=12))
def test_a_chunk_of_anything_says_what_the_models_say(values: list[bytes | None]) -> None:
    for topic, decoder in DECODERS.items():
        expected = [should_be(topic, decoder.layout, one, ARRIVAL) for one in values]
        assert told(decoder, decoder.decode_chunk(values, [ARRIVAL] * len(values))) == expected
