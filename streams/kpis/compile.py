"""Facts compiled to Python: one loop a topic, with a branch for each event type and for each value that facts ask for.

Built-in and own facts go through the same compiler. A generated loop spends on a call only the additions that the
call causes; reading the rules for each event again would cost ten times as much. Names of facts, fields and values
enter the source as literals (`repr`) and only where the catalogue or the floor's checked configuration gave them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import xxhash

from streams.kpis.additions import Addition, additions_of
from streams.kpis.catalogue import Catalogue
from streams.kpis.rules import FloorRules

Row = list[Any]
"""Additions to one row: built-in facts, own facts, then a list of samples (or None) for each bucket and distinct set."""

ROW_FIELDS = ("team", "queue", "campaign", "rep")
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Adder:
    """The additions of one topic's events.

    `add(events, times, rows, counters)` adds accepted events (their times in epoch ms) into
    rows[(epoch minute, team, queue, campaign, rep)].
    """

    add: Callable[[Sequence[Any], Sequence[int], dict[Any, Row], dict[str, int]], None]
    facts: int
    """How many places built-in facts take."""
    own: tuple[str, ...]
    buckets: tuple[str, ...]
    distinct: tuple[str, ...]
    source: str
    """The generated Python, for people who debug."""


def compile_adder(
    topic: str, catalogue: Catalogue, rules: FloorRules, structs: Mapping[str, type[msgspec.Struct]]
) -> Adder:
    """Compile the facts of `topic`, whose events decode to `structs` (event type → envelope struct)."""
    plan = additions_of(topic, catalogue, tuple(structs))
    scope: dict[str, Any] = {
        "digest": xxhash.xxh3_64_intdigest,
        "samples": _samples,
        "judge": rules.judge,
        "TEMPLATE": [0] * (plan.facts + len(plan.own)) + [None] * (len(plan.buckets) + len(plan.distinct)),
        "CONVERSATION_MS": rules.conversation_ms,
        "CURRENCY": rules.currency,
    }
    branches = sorted(structs, key=lambda event: -len(plan.additions.get(event, ())))
    lines = list(_loop([event for event in branches if plan.additions.get(event)], plan.additions, structs, scope))
    source = "\n".join(lines) + "\n"
    exec(compile(source, f"<facts of {topic}>", "exec"), scope)  # noqa: S102  # our own text, see the module's docstring
    return Adder(scope["add"], plan.facts, plan.own, plan.buckets, plan.distinct, source)


def _samples(row: Row, place: int) -> list[int]:
    """Return the sample list at `place` of a row, newly made: the caller appends at once."""
    row[place] = made = []
    return made


def _loop(
    events: Sequence[str],
    additions: Mapping[str, Sequence[Addition]],
    structs: Mapping[str, type[msgspec.Struct]],
    scope: dict[str, Any],
) -> Iterator[str]:
    yield "def add(events, times, rows, counters):"
    yield INDENT + "get = rows.get"
    yield INDENT + "for event, ms in zip(events, times):"
    yield INDENT * 2 + "kind = event.__class__"
    for number, event in enumerate(events):
        scope[f"T{number}"] = structs[event]
        fields = data_fields(structs[event])
        yield INDENT * 2 + f"{'if' if number == 0 else 'elif'} kind is T{number}:"
        yield from (INDENT * 3 + line for line in _row(fields))
        yield from (INDENT * 3 + line for line in branch(additions[event], fields))
    if not events:
        yield INDENT * 2 + "pass"


def data_fields(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the fields of an envelope's `data`, name → type."""
    (data,) = (field.type for field in msgspec.structs.fields(struct) if field.name == "data")
    return {field.name: field.type for field in msgspec.structs.fields(data)}


def _row(fields: Mapping[str, Any]) -> Iterator[str]:
    names = ", ".join(f"data.{name}" if name in fields else "None" for name in ROW_FIELDS)
    yield "data = event.data"
    yield f"key = (ms // 60000, {names})"
    yield "row = get(key)"
    yield "if row is None:"
    yield INDENT + "row = rows[key] = TEMPLATE.copy()"


def branch(additions: Iterable[Addition], fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the statements for additions: split by the field whose values most of them name, then the conditions."""
    rest = list(additions)
    split = _splitting_field(rest)
    if split is None:
        for addition in rest:
            yield from addition.statements(fields)
        return
    for addition in rest:
        if split not in addition.choices:
            yield from addition.statements(fields)
    values = dict.fromkeys(v for addition in rest for v in addition.choices.get(split, ()))
    yield f"chosen = {expression(split)}"
    keyword = "if"
    for value in values:
        yield f"{keyword} chosen == {value!r}:"
        inside = [a.without(split) for a in rest if value in a.choices.get(split, ())]
        yield from (INDENT + line for line in branch(inside, fields))
        keyword = "elif"


def _splitting_field(additions: Sequence[Addition]) -> str | None:
    count: dict[str, int] = {}
    for addition in additions:
        for name in addition.choices:
            count[name] = count.get(name, 0) + 1
    best = max(count, key=lambda name: count[name], default=None)
    return best


def expression(name: str) -> str:
    """Return the Python for a field's value as `where` sees it: an absent name is `unassigned`."""
    return f"(data.{name} or 'unassigned')" if name in ROW_FIELDS else f"data.{name}"
