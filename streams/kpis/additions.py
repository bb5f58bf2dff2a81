"""What each event type adds, as data: actions, and the tests that an event must pass for each of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import zip_longest

from streams.kpis.catalogue import Catalogue
from streams.kpis.model import Fact
from streams.layout import NAMES, Layout

OTHER_CURRENCY = "other_currency"
"""The counter of won deals whose amount is in another currency than the floor's, or in none."""
SUMS = {"handle_ms": ("talk_ms", "hold_ms", "wrap_ms")}
"""What can be added beside an event's own fields, by the fields that it is the sum of. An absent one is 0."""


class Action(IntEnum):
    """What is done for an event that passes all tests; numbered as in `native/count.c`."""

    COUNT = 0
    SUM = 1
    WIDE = 2
    BUCKET = 3
    HASH = 4
    JUDGE = 5
    EXCLUDE = 6


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these values. An absent name is `unassigned`, an absent flag False; else absent has none."""

    field: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The field is absent, or has none of these values."""

    field: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The field is there and within the bounds; of None there are none."""

    field: str
    at_least: int | None
    below: int | None


@dataclass(frozen=True, slots=True)
class There:
    """The fields are there."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The event's own time is in [since, until), epoch ms; None: open."""

    since_ms: int | None
    until_ms: int | None


Test = OneOf | NoneOf | Within | There | Between


@dataclass(frozen=True, slots=True)
class Addition:
    """What an event adds if it passes all tests: the sum of `fields`, or their hash."""

    action: Action
    place: int
    """Of the fact; of a sample, the number of its kind. Buckets come first, then distinct sets."""
    fields: tuple[str, ...] = ()
    tests: tuple[Test, ...] = ()
    other: int = 0
    """The place after `place` of a wide fact; the place of *of* beside that of *met*."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A topic's additions and the shape of its rows."""

    additions: Mapping[str, tuple[Addition, ...]]
    """Event type → what it adds."""
    facts: int
    """How many places built-in facts take."""
    own: tuple[str, ...]
    """By name: so they are stored. Their places follow."""
    buckets: tuple[str, ...]
    distinct: tuple[str, ...]

    @property
    def places(self) -> int:
        """How many numbers a row has."""
        return self.facts + len(self.own)


def hashes_of(topic: str, catalogue: Catalogue) -> list[tuple[str, ...]]:
    """Return the texts of which the topic's additions want to know hashes."""
    sources = [source.of for sources in catalogue.distinct.values() for source in sources]
    asked = [
        (name,)
        for fact in catalogue.facts
        if fact.topic == topic
        for version in fact.versions
        for name in version.where
        if name not in NAMES
    ]
    return [*sources, *asked]


def additions_of(catalogue: Catalogue, layout: Layout) -> Plan:
    """Return what the topic's events add, in the layout's order of places.

    Time in states is not among it: see `time_in_state`.
    """
    places = catalogue.layout(layout.topic)
    facts = [fact for fact in catalogue.facts if fact.event in layout.types]
    own = tuple(sorted(place for fact in facts if fact.own for place in fact.places))
    buckets = tuple(name for name, kind in catalogue.buckets.items() if kind.event in layout.types)
    distinct = tuple(n for n, sources in catalogue.distinct.items() if any(s.event in layout.types for s in sources))
    place = {name: number for number, name in enumerate((*places, *own))}
    found: dict[str, list[Addition]] = {event: [] for event in layout.types}
    for fact in facts:
        if fact.add is not None:
            found[fact.event].extend(_by_version(fact, place))
    for number, name in enumerate(buckets):
        kind = catalogue.buckets[name]
        fields = _fields(kind.of)
        known = () if kind.of in SUMS else (There(fields),)
        found[kind.event].append(Addition(Action.BUCKET, number, fields, (*_tests(kind.where), *known)))
    for number, name in enumerate(distinct, len(buckets)):
        for source in catalogue.distinct[name]:
            if source.event in found:
                tests = (*_tests(source.where), There(source.of))
                found[source.event].append(Addition(Action.HASH, number, source.of, tests))
    _add_judgement([fact for fact in facts if fact.policy], place, found)
    _add_excluded(facts, found)
    additions = {event: tuple(items) for event, items in found.items()}
    return Plan(additions, len(places), own, buckets, distinct)


def _by_version(fact: Fact, place: Mapping[str, int]) -> Iterator[Addition]:
    """Yield what each version of a fact adds: the event's own time says which one counts it."""
    for one, after in zip_longest(fact.versions, fact.versions[1:]):
        tests = _tests(one.where)
        if one.since_ms is not None or after:
            tests = (Between(one.since_ms, after.since_ms if after else None), *tests)
        first, *second = (place[name] for name in one.places)
        action = Action.COUNT if one.add == 1 else Action.WIDE if one.wide else Action.SUM
        fields = () if one.add == 1 else _fields(str(one.add))
        yield Addition(action, first, fields, tests, *second)


def _fields(name: str) -> tuple[str, ...]:
    return SUMS.get(name, (name,))


def _add_judgement(facts: Sequence[Fact], place: Mapping[str, int], found: dict[str, list[Addition]]) -> None:
    """Let the policy of a call's queue judge it once, for both sides of the service level."""
    sides = {fact.policy: fact for fact in facts}
    if not sides:
        return
    met, of = sides["met"], sides["of"]
    assert (met.event, met.where) == (of.event, of.where)
    tests = _tests({**met.where, "outcome": ["answered", "abandoned"]})
    judged = Addition(Action.JUDGE, place[met.name], ("wait_ms",), (*tests, There(("wait_ms",))), other=place[of.name])
    found[met.event].append(judged)


def _add_excluded(facts: Sequence[Fact], found: dict[str, list[Addition]]) -> None:
    """Count the events that a built-in sum of amounts leaves out for their currency."""
    for fact in facts:
        if fact.wide and not fact.own:
            where = {name: wanted for name, wanted in fact.where.items() if name != "currency"}
            other = NoneOf("currency", (fact.where["currency"],))
            tests = (*_tests(where), There((str(fact.add),)), other)
            found[fact.event].append(Addition(Action.EXCLUDE, 0, tests=tests))


def _tests(where: Mapping[str, object]) -> tuple[Test, ...]:
    return tuple(_test(name, wanted) for name, wanted in where.items())


def _test(name: str, wanted: object) -> Test:
    if isinstance(wanted, Mapping):
        return Within(name, wanted.get("at_least"), wanted.get("below"))
    return OneOf(name, tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,))
