"""Section `facts`: a floor's own facts, in the words of the built-in ones."""

from collections.abc import Mapping
from functools import partial
from zoneinfo import ZoneInfo

from yaml.nodes import MappingNode, Node, SequenceNode

from schemas.events import EVENT_TYPES
from streams.floor import scalars
from streams.floor.event_fields import EventField, fields_of, summable
from streams.floor.model import Floor
from streams.floor.problems import nearest
from streams.floor.reading import Reader, Wrong
from streams.floor.versions import Versioned, place
from streams.kpis.model import Fact, versioned

FACT = Versioned(("event", "where", "add"), fixed=("event",))
BOUND_KEYS = ("at_least", "below")


def read_facts(node: Node | None, reader: Reader, floor: Floor) -> dict[str, Fact | None]:
    """Return the own facts of a floor, which has none yet, by name; None for one that was refused."""
    built_in = floor.catalogue()
    taken = {fact.name for fact in built_in.facts} | set(built_in.kpis)
    facts: dict[str, Fact | None] = {}
    for name, (key, value) in reader.entries(node, "facts").items():
        reader.value(key, scalars.identifier, "")
        facts[name] = _fact(name, key, value, reader, floor)
        if name in taken:
            reader.refuse(key, f"{name!r} is built in: give the fact another name")
            facts[name] = None
    return facts


def _fact(name: str, key: Node, node: Node, reader: Reader, floor: Floor) -> Fact | None:
    problems = len(reader.problems)
    versions = FACT.read(node, reader, f"fact {name!r}", ZoneInfo(floor.timezone))
    made = [_version(name, key, since, fields, reader, floor.currency) for since, fields in versions]
    facts = [fact for fact in made if fact]
    if len(reader.problems) > problems:
        return None
    for number, fact in enumerate(facts):
        if fact.measure is not facts[0].measure:
            reason = f"version {number + 1} of fact {name!r} must add up {facts[0].measure.value}s as version 1 does"
            reader.refuse(place(node, number), reason)
    return versioned(facts)


def _version(
    name: str, key: Node, since_ms: int | None, fields: Mapping[str, Node], reader: Reader, currency: str
) -> Fact | None:
    what = f"fact {name!r}"
    if "event" not in fields:
        reader.refuse(key, f"{what} lacks event")
        return None
    event = reader.value(fields["event"], scalars.one_of(EVENT_TYPES, "event"), "")
    if not event:
        return None
    where = _where(fields.get("where"), reader, event, what)
    add = reader.value(fields.get("add"), lambda add: _addend(add, event), 1)
    if add == "amount_minor":
        where = reader.value(fields["add"], lambda add: _in_currency(add, where, currency), where)
    return Fact(name, event, where, add, own=True, since_ms=since_ms)


def _where(node: Node | None, reader: Reader, event: str, what: str) -> dict[str, object]:
    known = fields_of(event)
    where: dict[str, object] = {}
    for name, (key, value) in reader.entries(node, f"where of {what}").items():
        if name not in known:
            reader.refuse(key, f"{event} has no field {name!r}{nearest(name, known)}")
        else:
            where[name] = reader.value(value, partial(_wanted, field=known[name]), None)
    return where


def _wanted(node: Node, field: EventField) -> object:
    if isinstance(node, MappingNode):
        return _bounds(node, field)
    if isinstance(node, SequenceNode):
        if not node.value:
            raise Wrong(node, f"an empty list matches no {field.name}")
        return [field.value(item) for item in node.value]
    return field.value(node)


def _bounds(node: MappingNode, field: EventField) -> Mapping[str, int]:
    if field.kind != "integer":
        raise Wrong(node, f"at_least and below are for numbers: {field.name} is none")
    bounds: dict[str, int] = {}
    for key, value in node.value:
        side = scalars.one_of(BOUND_KEYS, "bound")(key)
        if side in bounds:
            raise Wrong(key, f"{side!r} stands twice")
        bounds[side] = scalars.whole(value)
    if not bounds:
        raise Wrong(node, f"bounds of {field.name} need at_least or below")
    if "below" in bounds and bounds.get("at_least", 0 if field.name.endswith("_ms") else -(2**53)) >= bounds["below"]:
        raise Wrong(node, f"no {field.name} can be within these bounds")
    return bounds


def _addend(node: Node, event: str) -> int | str:
    found = scalars.text(node)
    if found == "1":
        return 1
    valid = summable(event)
    if found not in valid:
        raise Wrong(node, f"add must be 1 or a number that {event} has, not {found!r}{nearest(found, valid)}")
    return found


def _in_currency(node: Node, where: Mapping[str, object], currency: str) -> dict[str, object]:
    """Return `where` for a sum of amounts, which takes the floor's currency only."""
    wanted = where.get("currency", currency)
    if currency not in (wanted if isinstance(wanted, list) else [wanted]):
        raise Wrong(node, f"a sum of amount_minor takes the floor's currency only, which is {currency}")
    return {**where, "currency": currency}
