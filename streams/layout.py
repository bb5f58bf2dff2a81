"""How a topic's events lie in memory once they are scanned: derived from the pydantic models, which define the fields.

Each field of a model becomes what the scanner checks of it and where the value goes. What has no translation is an
error and never left out: so the scanner accepts nothing that the models refuse.
"""

import types
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import AfterValidator, BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from pydantic.types import Strict

from schemas.events import TOPICS, type_name
from schemas.events.envelope import Envelope
from schemas.events.fields import assigned, false_if_null, not_reserved

SLOTS = 12
"""Values that a scanned event has room for."""
NAMES = ("team", "queue", "campaign", "rep")
"""The fields that are names, in the order of a row's."""
Hashes = Collection[tuple[str, ...]]
"""Texts of which hashes are wanted; of several fields, the hash of each one is the seed of the next one's."""
ANY_LENGTH = (1 << 32) - 1
MOST = (1 << 63) - 1


class Kind(IntEnum):
    """How a field is read; numbered as in `native/scan.c`."""

    TEXT = 0
    NAME = 1
    INTEGER = 2
    FLAG = 3
    CHOICE = 4
    TIME = 5
    ID = 6
    SOURCE = 7
    TYPE = 8
    DATA = 9


class Rule(IntFlag):
    """What a text must keep to; numbered as in `native/scan.c`."""

    NONE = 0
    NOT_RESERVED = 1
    ASSIGNED = 2
    CAPITALS = 4


ATTRIBUTES = {"time": Kind.TIME, "id": Kind.ID, "source": Kind.SOURCE}
"""Texts of the envelope that become numbers."""
PATTERNS = {None: (Rule.NONE, 0, ANY_LENGTH), r"^[A-Z]{3}$": (Rule.CAPITALS, 3, 3)}
"""A text's pattern → what the scanner checks for it: a rule, the least and the greatest length."""
RULES = {not_reserved: Rule.NOT_RESERVED, assigned: Rule.ASSIGNED, false_if_null: Rule.NONE}
"""A flag that is null or absent is false by itself."""
BOUNDS = {
    annotated_types.Ge: ("low", "ge", 0),
    annotated_types.Gt: ("low", "gt", 1),
    annotated_types.Le: ("high", "le", 0),
    annotated_types.Lt: ("high", "lt", -1),
}
"""What an integer's bound is called in a `Field` and in pydantic, and how far the least or greatest value is from it."""
BOTH: Mapping[str, Callable[[Any, Any], Any]] = {"least": max, "most": min, "low": max, "high": min, "rules": or_}
"""Part of a `Field` → what it is where it is said twice: both must be kept to."""


@dataclass(frozen=True, slots=True)
class Field:
    """What the scanner checks of a field."""

    name: str
    kind: Kind
    required: bool
    least: int = 0
    most: int = ANY_LENGTH
    """Code points of a text."""
    low: int = -MOST
    high: int = MOST
    """Bounds of an integer, both included."""
    choices: tuple[str, ...] = ()
    rules: Rule = Rule.NONE


@dataclass(frozen=True, slots=True)
class Layout:
    """A topic's event types, and where the values of their fields lie."""

    topic: str
    envelope: tuple[Field, ...]
    data: Mapping[str, tuple[Field, ...]]
    """Event type → the fields of its data."""
    slots: Mapping[str, int]
    """The slots of integers, flags (0 or 1) and choices (their place in `choices`, from 1 on). 0 where one is absent."""
    choices: Mapping[str, tuple[str, ...]]
    hashes: Mapping[tuple[str, ...], int]
    """The slots of hashes."""

    @property
    def types(self) -> tuple[str, ...]:
        """The event types, each at the place of its number."""
        return tuple(self.data)


def layout_of(topic: str, hashes: Hashes = ()) -> Layout:
    """Return the layout of a topic's events with those hashes that its events can have. Raises TypeError for models that
    the scanner cannot check.
    """
    data = {type_name(model): tuple(_data_fields(model)) for model in TOPICS[topic]}
    every = dict.fromkeys(one for fields in data.values() for one in fields)
    valued = dict.fromkeys(one.name for one in every if one.kind in (Kind.INTEGER, Kind.FLAG, Kind.CHOICE))
    texts = {one.name for one in every if one.kind is Kind.TEXT}
    wanted = [one for one in dict.fromkeys(hashes) if texts.issuperset(one)]
    if len(valued) + len(wanted) > SLOTS:
        raise TypeError(f"{topic}: {len(valued)} values and {len(wanted)} hashes need more than {SLOTS} slots")
    choices = {one.name: one.choices for one in every if one.kind is Kind.CHOICE}
    if any(one.choices != choices[one.name] for one in every if one.kind is Kind.CHOICE):
        raise TypeError(f"{topic}: a field has other choices in other types")
    return Layout(
        topic,
        (*_envelope_fields(), Field("type", Kind.TYPE, True, choices=tuple(data)), Field("data", Kind.DATA, True)),
        data,
        {name: slot for slot, name in enumerate(valued)},
        choices,
        {one: slot for slot, one in enumerate(wanted, len(valued))},
    )


def _envelope_fields() -> Iterator[Field]:
    for name, info in Envelope.model_fields.items():
        field = field_of(name, info)
        yield _as(ATTRIBUTES[name], field) if name in ATTRIBUTES else field


def _data_fields(model: type[Envelope]) -> Iterator[Field]:
    if set(model.model_fields) != {*Envelope.model_fields, "type", "data"}:
        raise TypeError(f"no translation for the attributes of {model!r}")
    data = model.model_fields["data"].annotation
    assert isinstance(data, type) and issubclass(data, BaseModel)
    for name, info in data.model_fields.items():
        field = field_of(name, info)
        yield _as(Kind.NAME, field) if name in NAMES else field


def _as(kind: Kind, field: Field) -> Field:
    if field.kind is not Kind.TEXT:
        raise TypeError(f"no translation: {field.name} must be a text")
    return Field(field.name, kind, field.required, field.least, field.most, rules=field.rules)


def field_of(name: str, info: FieldInfo) -> Field:
    """Return what the scanner checks of a model's field. Raises TypeError for what has no translation."""
    required = info.is_required()
    annotation, metadata, nullable = _parts(info.annotation, info.metadata)
    if not (required or (nullable and info.default in (None, False))):
        raise TypeError(
            f"no translation for {name}: what is not required must take null, and be null or false by default"
        )
    kind, choices = _kind(annotation)
    checks: dict[str, Any] = {}
    for item in metadata:
        for check, value in _checks(item, kind):
            checks[check] = BOTH[check](checks[check], value) if check in checks else value
    return Field(name, kind, required, choices=choices, **checks)


def _parts(annotation: Any, metadata: Sequence[Any]) -> tuple[Any, Sequence[Any], bool]:
    """Return an annotation's type, all that is said of it, and whether null is one of its values."""
    if get_origin(annotation) is Annotated:
        inner, *inside = get_args(annotation)
        return _parts(inner, [*inside, *metadata])
    if get_origin(annotation) in (Union, types.UnionType):
        some = [part for part in get_args(annotation) if part is not types.NoneType]
        if len(some) != 1 or len(some) == len(get_args(annotation)):
            raise TypeError(f"no translation for {annotation!r}")
        kind, said, _ = _parts(some[0], ())
        # a bound or a rule around null would have to take null
        if not all(isinstance(item, FieldInfo) or getattr(item, "func", None) is false_if_null for item in metadata):
            raise TypeError(f"no translation for {metadata!r} around {annotation!r}")
        return kind, said, True
    return annotation, metadata, False


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(annotation) is Literal and all(isinstance(value, str) for value in get_args(annotation)):
        return Kind.CHOICE, get_args(annotation)
    kinds = {str: Kind.TEXT, int: Kind.INTEGER, bool: Kind.FLAG}
    if annotation not in kinds:
        raise TypeError(f"no translation for {annotation!r}")
    return kinds[annotation], ()


def _checks(item: Any, kind: Kind) -> Iterator[tuple[str, Any]]:
    """Yield what a piece of a field's metadata says: parts of a `Field`."""
    if isinstance(item, FieldInfo):
        for inside in item.metadata:
            yield from _checks(inside, kind)
    elif isinstance(item, StringConstraints) and kind is Kind.TEXT:
        yield from _text_checks(item)
    elif type(item) in BOUNDS and kind is Kind.INTEGER:
        name, attribute, step = BOUNDS[type(item)]
        yield name, getattr(item, attribute) + step
    elif isinstance(item, AfterValidator) and kind is Kind.TEXT and item.func in RULES:
        yield "rules", RULES[item.func]
    elif not isinstance(item, Strict):  # the scanner is strict
        raise TypeError(f"no translation for {item!r}")


def _text_checks(item: StringConstraints) -> Iterator[tuple[str, Any]]:
    said = {name: value for name, value in vars(item).items() if value not in (None, False)}
    pattern = said.pop("pattern", None)
    if pattern not in PATTERNS or said.keys() - {"strict", "min_length", "max_length"}:
        raise TypeError(f"no translation for {item!r}")
    rule, least, most = PATTERNS[pattern]
    yield "least", max(said.get("min_length", 0), least)
    yield "most", min(said.get("max_length", ANY_LENGTH), most)
    yield "rules", rule
