"""Facts compiled to Python: one loop a topic, with a branch for each event type and for each value that facts ask for.

Built-in and own facts go through the same compiler. A generated loop spends on a call only the additions that the
call causes; reading the rules for each event again would cost ten times as much. Names of facts, fields and values
enter the source as literals (`repr`) and only where the catalogue or the floor's checked configuration gave them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xxhash

from streams.kpis.additions import NAMES, Addition, additions_of, value_of
from streams.kpis.catalogue import Catalogue
from streams.kpis.rules import FloorRules

Row = list[Any]
"""Additions to one row: built-in facts, own facts, then a list of samples for each bucket and distinct set. Rows add up
place by place, for so do lists."""
RowKey = tuple[str | None, str | None, str | None, str | None]
"""Team, queue, campaign and rep as an event gives them."""
Rows = dict[int, dict[RowKey, Row]]
"""Epoch minute → names → what is added."""

INDENT = "    "
NO_SAMPLES: list[int] = []
"""What new rows share until a sample comes: never appended to."""


@dataclass(frozen=True, slots=True)
class Adder:
    """The additions of one topic's events.

    `add(events, times, rows, counters)` adds accepted events (their times in epoch ms) into `rows`, and what is left
    out into `counters`.
    """

    add: Callable[[Sequence[Any], Sequence[int], Rows, dict[str, int]], None]
    facts: int
    """How many places built-in facts take."""
    own: tuple[str, ...]
    """By name: so they are stored."""
    own_counted: Callable[[Row], list[Any]]
    """Returns [name, number, …] of a row's own facts other than 0, by name."""
    buckets: tuple[str, ...]
    distinct: tuple[str, ...]
    template: Row
    """A row to which nothing has been added: copy it."""
    source: str
    """The generated Python, for people who debug."""


def compile_adder(
    topic: str, catalogue: Catalogue, rules: FloorRules, fields: Mapping[type, tuple[str, frozenset[str]]]
) -> Adder:
    """Compile the facts of `topic`. `fields`: class of a decoded event → its event type and the fields of its data."""
    plan = additions_of(topic, catalogue, [event for event, _ in fields.values()])
    template: Row = [0] * (plan.facts + len(plan.own)) + [NO_SAMPLES] * (len(plan.buckets) + len(plan.distinct))
    scope: dict[str, Any] = {
        "digest": xxhash.xxh3_64_intdigest,
        "samples": _samples,
        "judge": rules.judge,
        "TEMPLATE": template,
    }
    lines = [*_loop(plan.additions, fields, scope), "", "", *_own_counted(plan.facts, plan.own)]
    source = "\n".join(lines) + "\n"
    exec(compile(source, f"<facts of {topic}>", "exec"), scope)  # noqa: S102  # our own text, see the module's docstring
    return Adder(
        scope["add"], plan.facts, plan.own, scope["own_counted"], plan.buckets, plan.distinct, template, source
    )


def _samples(row: Row, place: int) -> list[int]:
    """Return the sample list at `place` of a row, newly made: the caller appends at once."""
    made: list[int] = []
    row[place] = made
    return made


def _loop(
    additions: Mapping[str, Sequence[Addition]],
    fields: Mapping[type, tuple[str, frozenset[str]]],
    scope: dict[str, Any],
) -> Iterator[str]:
    """Yield the function's lines; event types with most to add are asked for first."""
    yield "def add(events, times, rows, counters):"
    yield INDENT + "minute = end = 0"
    yield INDENT + "for event, ms in zip(events, times):"
    yield INDENT * 2 + "if not minute <= ms < end:"
    yield INDENT * 3 + "minute = ms - ms % 60000"
    yield INDENT * 3 + "end = minute + 60000"
    yield INDENT * 3 + "named = rows.setdefault(minute // 60000, {})"
    yield INDENT * 3 + "get = named.get"
    yield INDENT * 2 + "kind = event.__class__"
    keyword = "if"
    for struct, (event, names) in sorted(fields.items(), key=lambda item: -len(additions[item[1][0]])):
        if additions[event]:
            known = f"T{len(scope)}"
            scope[known] = struct
            yield INDENT * 2 + f"{keyword} kind is {known}:"
            yield from (INDENT * 3 + line for line in _row(names))
            yield from (INDENT * 3 + line for line in branch(additions[event]))
            keyword = "elif"
    if keyword == "if":
        yield INDENT * 2 + "pass"


def _own_counted(first: int, own: Sequence[str]) -> Iterator[str]:
    yield "def own_counted(row):"
    yield INDENT + "counted = []"
    for place, name in enumerate(own, first):
        yield INDENT + f"if number := row[{place}]:"
        yield INDENT * 2 + f"counted += ({name!r}, number)"
    yield INDENT + "return counted"


def _row(names: frozenset[str]) -> Iterator[str]:
    key = ", ".join(f"data.{name}" if name in names else "None" for name in NAMES)
    yield "data = event.data"
    yield f"key = ({key})"
    yield "row = get(key)"
    yield "if row is None:"
    yield INDENT + "row = named[key] = TEMPLATE.copy()"


def branch(additions: Iterable[Addition]) -> Iterator[str]:
    """Yield the statements for additions: split by the field whose values most of them name, then the conditions."""
    rest = list(additions)
    split = _splitting_field(rest)
    for addition in rest:
        if split is None or split not in addition.choices:
            yield from _guarded(addition)
    if split is None:
        return
    chosen = [addition for addition in rest if split in addition.choices]
    variable = f"chosen_{split}"
    yield f"{variable} = {value_of(split)}"
    keyword = "if"
    for value in dict.fromkeys(value for addition in chosen for value in addition.choices[split]):
        yield f"{keyword} {variable} == {value!r}:"
        inside = [addition.without(split) for addition in chosen if value in addition.choices[split]]
        yield from (INDENT + line for line in branch(inside))
        keyword = "elif"


def _guarded(addition: Addition) -> Iterator[str]:
    """Yield one addition with all of its conditions, choices too."""
    if addition.choices:
        yield from branch([addition])
    else:
        yield from addition.statements()


def _splitting_field(additions: Sequence[Addition]) -> str | None:
    count: dict[str, int] = {}
    for addition in additions:
        for name in addition.choices:
            count[name] = count.get(name, 0) + 1
    return max(count, key=lambda name: count[name], default=None)
