"""What each event type adds, as conditions and statements for the compiler."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from streams.kpis.catalogue import Catalogue
from streams.kpis.model import HIGH_BITS, Fact

BUCKET = "(v if v < 128 else ((b := v.bit_length() - 7) << 6) + (v >> b))"
"""`buckets.bucket_of(v)` in line."""
CHOICES = 8
"""A field with more values than this is tested as a set: a branch for each would only grow the code."""
NAMES = ("team", "queue", "campaign", "rep")
OTHER_CURRENCY = "other_currency"
"""The counter of won deals whose amount is in another currency than the floor's, or in none."""


@dataclass(frozen=True, slots=True)
class Addition:
    """Statements that run for events of one type that meet all conditions."""

    body: tuple[str, ...]
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Field → the values that match: the compiler may branch on it."""
    tests: tuple[str, ...] = ()
    """Further conditions, as Python."""

    def without(self, name: str) -> "Addition":
        """Return the addition for a branch in which the choice of `name` is made."""
        return replace(self, choices={key: values for key, values in self.choices.items() if key != name})

    def statements(self) -> Iterator[str]:
        """Yield the body under its tests; no choices are left."""
        if not self.tests:
            yield from self.body
            return
        yield f"if {' and '.join(self.tests)}:"
        for line in self.body:
            yield f"    {line}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A topic's additions and the shape of its rows."""

    additions: Mapping[str, tuple[Addition, ...]]
    """Event type → what it adds."""
    facts: int
    own: tuple[str, ...]
    buckets: tuple[str, ...]
    distinct: tuple[str, ...]


def additions_of(topic: str, catalogue: Catalogue, events: Sequence[str]) -> Plan:
    """Return what the topic's events add, in the layout's order of places.

    Time in states is not among it: see `time_in_state`.
    """
    layout = catalogue.layout(topic)
    facts = [fact for fact in catalogue.facts if fact.event in events]
    own = tuple(sorted(place for fact in facts if fact.own for place in fact.places))
    buckets = tuple(name for name, kind in catalogue.buckets.items() if kind.event in events)
    distinct = tuple(n for n, sources in catalogue.distinct.items() if any(s.event in events for s in sources))
    place = {name: number for number, name in enumerate((*layout, *own, *buckets, *distinct))}
    found: dict[str, list[Addition]] = {event: [] for event in events}
    for fact in facts:
        if fact.add is not None:
            found[fact.event].extend(_by_version(fact, place[fact.name]))
    for name in buckets:
        kind = catalogue.buckets[name]
        found[kind.event].append(_conditioned(kind.where, _bucket_body(kind.of, place[name])))
    for name in distinct:
        for source in catalogue.distinct[name]:
            if source.event in found:
                found[source.event].append(_conditioned(source.where, _distinct_body(source.of, place[name])))
    _add_judgement([fact for fact in facts if fact.policy], place, found)
    _add_excluded(facts, found)
    additions = {event: tuple(items) for event, items in found.items()}
    return Plan(additions, len(layout), own, buckets, distinct)


def _by_version(fact: Fact, place: int) -> Iterator[Addition]:
    """Yield what each version of a fact adds: the event's own time `ms` says which one counts it."""
    versions = fact.versions
    for one, after in zip_longest(versions, versions[1:]):
        tests = [] if one.since_ms is None else [f"ms >= {one.since_ms}"]
        tests += [f"ms < {after.since_ms}"] if after else []
        addition = _conditioned(one.where, _fact_body(one, place))
        yield replace(addition, tests=(*tests, *addition.tests))


def value_of(name: str) -> str:
    """Return the Python for a field as conditions see it: an absent name is `unassigned`."""
    return f"(data.{name} or 'unassigned')" if name in NAMES else f"data.{name}"


def _add_judgement(facts: Sequence[Fact], place: Mapping[str, int], found: dict[str, list[Addition]]) -> None:
    """Let the policy of a call's queue judge it once, for both sides of the service level."""
    sides = {fact.policy: fact for fact in facts}
    if not sides:
        return
    met, of = sides["met"], sides["of"]
    assert (met.event, met.where) == (of.event, of.where)
    body = (
        "met, of = judge(data.queue, data.outcome, data.wait_ms, ms)",
        "if of:",
        f"    row[{place[of.name]}] += of",
        f"    row[{place[met.name]}] += met",
    )
    where = {**met.where, "outcome": ["answered", "abandoned"]}
    found[met.event].append(_conditioned(where, body))


def _add_excluded(facts: Sequence[Fact], found: dict[str, list[Addition]]) -> None:
    """Count the events that a built-in sum of amounts leaves out for their currency."""
    for fact in facts:
        if fact.wide and not fact.own:
            where = {name: wanted for name, wanted in fact.where.items() if name != "currency"}
            body = (f"counters[{OTHER_CURRENCY!r}] = counters.get({OTHER_CURRENCY!r}, 0) + 1",)
            addition = _conditioned(where, body)
            tests = (f"data.{fact.add} is not None", f"data.currency != {fact.where['currency']!r}")
            found[fact.event].append(replace(addition, tests=(*addition.tests, *tests)))


def _conditioned(where: Mapping[str, object], body: tuple[str, ...]) -> Addition:
    choices: dict[str, tuple[Any, ...]] = {}
    tests: list[str] = []
    for name, wanted in where.items():
        if isinstance(wanted, Mapping):
            tests.extend(_bounds(name, wanted))
            continue
        values = tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,)
        if len(values) <= CHOICES:
            choices[name] = values
        else:
            tests.append(f"{value_of(name)} in {set(values)!r}")
    return Addition(body, choices, tuple(tests))


def _bounds(name: str, bounds: Mapping[str, object]) -> Iterator[str]:
    yield f"{value_of(name)} is not None"
    if "at_least" in bounds:
        yield f"data.{name} >= {bounds['at_least']!r}"
    if "below" in bounds:
        yield f"data.{name} < {bounds['below']!r}"


def _fact_body(fact: Fact, place: int) -> tuple[str, ...]:
    if fact.add == 1:
        return (f"row[{place}] += 1",)
    if fact.wide:
        return (
            f"v = {amount(str(fact.add))}",
            f"row[{place}] += v & {(1 << HIGH_BITS) - 1}",
            f"row[{place + 1}] += v >> {HIGH_BITS}",
        )
    return (f"row[{place}] += {amount(str(fact.add))}",)


def amount(name: str) -> str:
    """Return the Python for a field as an addend: absent is 0."""
    if name == "handle_ms":
        return "(data.talk_ms or 0) + (data.hold_ms or 0) + (data.wrap_ms or 0)"
    return f"data.{name} or 0"


def _bucket_body(name: str, place: int) -> tuple[str, ...]:
    append = f"(row[{place}] or samples(row, {place})).append({BUCKET})"
    if name == "handle_ms":
        return (f"v = {amount(name)}", append)
    return (f"v = data.{name}", "if v is not None:", f"    {append}")


def _distinct_body(names: Sequence[str], place: int) -> tuple[str, ...]:
    hashed = f"digest(data.{names[0]}.encode())"
    for name in names[1:]:
        hashed = f"digest(data.{name}.encode(), {hashed})"
    return (
        f"if {' and '.join(f'data.{name} is not None' for name in names)}:",
        f"    (row[{place}] or samples(row, {place})).append({hashed})",
    )
