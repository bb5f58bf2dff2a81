"""Names and rows by number: nothing is mixed up, also when they begin anew."""

import json
import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events import Events, Names, RowKey
from streams.layout import NAMES, Field, Kind
from streams.scanner import MOST, NAME_BYTES_MOST, NAMES_MOST, Scanner
from tests.native.columns import layout_with

LAYOUT = layout_with(*(Field(name, Kind.NAME, False, most=64) for name in NAMES))
Named = tuple[str, RowKey]
"""A source and a row."""
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)


def scan(scanner: Scanner, sent: Sequence[Named]) -> Events:
    """Scan events with these names in one chunk; all must be taken."""
    scanner.begin(len(sent))
    values = [
        f'{{"id": "1", "source": {json.dumps(source)}, "time": "2026-11-24T09:30:00Z", "type": "x", "data": '
        f"{json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False)}}}".encode()
        for source, row in sent
    ]
    table, _ = scanner.scan(values)
    assert table["taken"].all()
    return Events(table, scanner.names)


def told(events: Events) -> list[tuple[str | None, RowKey]]:
    """Return the names of events."""
    sources = map(events.names.texts.__getitem__, events.table["source"].tolist())
    return [*zip(sources, map(events.names.rows.__getitem__, events.table["row"].tolist()), strict=True)]


def test_more_rows_than_there_are_numbers_begin_anew() -> None:
    """What was scanned before keeps its own names. Many rows differ in a single name."""
    scanner, before = Scanner(LAYOUT, {}), []
    order = random.Random(1).sample(range(70_000), 70_000)
    for low in range(0, 70_000, 1000):
        sent: list[Named] = []
        for number in order[low : low + 1000]:
            names = [f"a{number // 10_000}", None, "c"]
            names.insert(number % 4, f"{number % 10_000}")
            sent.append(("pbx", (names[0], names[1], names[2], names[3])))
        before.append((scan(scanner, sent), sent))
    assert all(told(events) == sent for events, sent in before)
    kinds = list({id(events.names): events.names for events, _ in before}.values())
    assert len(kinds) == 2
    assert all(len(names.rows) < NAMES_MOST and len(set(names.rows)) == len(names.rows) for names in kinds)


def test_more_names_than_there_are_numbers_begin_anew() -> None:
    scanner, before = Scanner(LAYOUT, {}), []
    for low in range(0, 70_000, 4000):
        sent: list[Named] = [("pbx", (f"a{n}", f"b{n}", f"c{n}", f"é{n}")) for n in range(low // 4, low // 4 + 1000)]
        before.append((scan(scanner, sent), sent))
    assert all(told(events) == sent for events, sent in before)
    assert len({id(events.names) for events, _ in before}) == 2
    assert all(len(set(events.names.texts)) == len(events.names.texts) < NAMES_MOST for events, _ in before)


def test_more_bytes_of_names_than_there_is_room_begin_anew() -> None:
    scanner = Scanner(LAYOUT, {})
    scan(scanner, [("s", (None,) * 4)])
    first, count, size = scanner.names, 0, 0
    while scanner.names is first:
        sent: list[Named] = [(f"{count + n}" + "𝒳" * 250, (f"{n:02}",) * 4) for n in range(MOST)]
        assert told(scan(scanner, sent)) == sent
        count, size = count + MOST, size + sum(len(source.encode()) for source, _ in sent)
        assert size < 2 * NAME_BYTES_MOST
    assert size > NAME_BYTES_MOST // 2


def test_names_of_refused_events_take_numbers_too_and_do_no_harm() -> None:
    scanner = Scanner(LAYOUT, {})
    for chunk in range(80):
        scanner.begin(1000)
        table, _ = scanner.scan([b'{"type": "x", "data": {"team": "%d", "rep": "r%d"}, "id": 5}' % (n, n) for n in range(chunk * 1000, chunk * 1000 + 1000)])  # fmt: skip
        assert not table["taken"].any()
    sent: list[Named] = [("s", ("team", "queue", "campaign", "rep"))]
    assert told(scan(scanner, sent)) == sent


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, st.tuples(*[st.none() | TEXT] * 4)), min_size=1, max_size=20))
def test_names_may_have_any_characters(sent: list[Named]) -> None:
    """The same scanner for all: they meet names from before."""
    assert told(scan(SCANNER, sent)) == sent
    assert len(set(SCANNER.names.texts)) == len(SCANNER.names.texts)
    assert len(set(SCANNER.names.rows)) == len(SCANNER.names.rows)


SCANNER = Scanner(LAYOUT, {})


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "aa", "aaa", "a" * 7, "a" * 8, "a" * 9, "a" * 16, "a" * 17, "b"]), min_size=4, max_size=4
    )
)
def test_names_that_begin_alike_are_different(row: list[str]) -> None:
    team, queue, campaign, rep = row
    sent: list[Named] = [
        ("a", (team, queue, campaign, rep)),
        ("a", (rep, campaign, queue, team)),
        (rep, (None, None, None, team)),
    ]
    assert told(scan(SCANNER, sent)) == sent


def test_what_begins_anew_knows_nothing_of_before() -> None:
    scanner = Scanner(LAYOUT, {})
    scan(scanner, [("s", ("a", "b", "c", "d"))])
    scanner.begin(NAMES_MOST)
    assert (scanner.names.texts, scanner.names.rows) == (Names().texts, [])
    again: list[Named] = [("s2", ("d", "c", "b", "a"))]
    assert told(scan(scanner, again)) == again
