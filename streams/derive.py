"""A fast decoder derived from the pydantic models: the models stay the only place where a field is defined.

Each event model becomes a msgspec struct with the same fields, bounds and rules (`AfterValidator`). Reserved names
(`__…`) and real times cost less elsewhere: `decode` sees to them for a whole chunk.
"""

import types
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import msgspec
from pydantic import AfterValidator, BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from pydantic.types import Strict

from schemas.events import TOPICS, type_name
from schemas.events.envelope import Envelope
from schemas.events.fields import not_reserved

BOUNDS = {
    annotated_types.Ge: "ge",
    annotated_types.Gt: "gt",
    annotated_types.Le: "le",
    annotated_types.Lt: "lt",
    annotated_types.MinLen: "min_length",
    annotated_types.MaxLen: "max_length",
}
TEXT_BOUNDS = ("min_length", "max_length", "pattern")
SCREENED = (not_reserved,)
"""Rules that `decode` checks."""

Rule = Callable[[Any], Any]


def structs_of(topic: str) -> dict[str, type[msgspec.Struct]]:
    """Return the envelope struct of each event type of a topic; a topic's only struct has `type` as a field."""
    models = TOPICS[topic]
    data: dict[type, type[msgspec.Struct]] = {}
    return {type_name(model): _envelope(model, data, alone=len(models) == 1) for model in models}


def union_of(structs: dict[str, type[msgspec.Struct]]) -> Any:
    """Return the type that a topic's decoder decodes to: one struct, or several told apart by their tag `type`."""
    return reduce(or_, structs.values())


def data_struct(envelope: type[msgspec.Struct]) -> Any:
    """Return the struct of an envelope struct's `data`."""
    (data,) = (field.type for field in msgspec.structs.fields(envelope) if field.name == "data")
    return data


def adder_fields(structs: dict[str, type[msgspec.Struct]]) -> dict[type, tuple[str, frozenset[str]]]:
    """Return what the facts' compiler wants to know: envelope struct → its event type and the fields of its data."""
    return {struct: (event, frozenset(data_struct(struct).__struct_fields__)) for event, struct in structs.items()}


def _envelope(model: type[Envelope], data: dict[type, type[msgspec.Struct]], *, alone: bool) -> type[msgspec.Struct]:
    payload = model.model_fields["data"].annotation
    assert isinstance(payload, type)
    if payload not in data:
        data[payload] = _struct(payload.__name__, _fields(payload), after=_rules(payload))
    fields = [field for field in _fields(model) if alone or field[0] != "type"]
    # msgspec asks for the tag only where it tells structs apart
    tag = {} if alone else {"tag_field": "type", "tag": type_name(model)}
    return _struct(model.__name__, [*fields, ("data", data[payload])], after=_rules(model), **tag)


def _struct(name: str, fields: list[Any], *, after: list[tuple[str, Rule]], **tag: str) -> type[msgspec.Struct]:
    namespace = {"__post_init__": _after(after)} if after else None
    return msgspec.defstruct(name, fields, namespace=namespace, gc=False, kw_only=True, **tag)  # type: ignore[arg-type]


def _after(rules: list[tuple[str, Rule]]) -> Callable[[Any], None]:
    """Return what applies rules to a struct. Compiled: it runs for every event."""
    lines = ["def apply(struct):"]
    for place, (name, _) in enumerate(rules):
        lines += [
            f"    was = struct.{name}",
            f"    now = rule_{place}(was)",
            "    if now is not was:",
            f"        struct.{name} = now",
        ]
    scope: dict[str, Any] = {f"rule_{place}": rule for place, (_, rule) in enumerate(rules)}
    exec("\n".join(lines), scope)  # noqa: S102  # names of our own models' fields, nothing else
    apply: Callable[[Any], None] = scope["apply"]
    return apply


def _fields(model: type[BaseModel]) -> list[Any]:
    return [_field(name, info) for name, info in model.model_fields.items() if name != "data"]


def _field(name: str, info: FieldInfo) -> Any:
    kind = _kind(info.annotation, info.metadata)
    return (name, kind) if info.is_required() else (name, kind, info.default)


def _kind(annotation: Any, metadata: Iterable[Any] = ()) -> Any:
    """Return the msgspec type of a pydantic annotation; raises TypeError for what has no translation here."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *inside = get_args(annotation)
        return _kind(inner, [*inside, *metadata])
    bounds = dict(_bounds(metadata))
    if origin in (Union, types.UnionType) and not bounds:
        return Union[tuple(_kind(part) for part in get_args(annotation))]  # noqa: UP007  # the parts are values here
    if (origin is Literal or annotation in (types.NoneType, bool)) and not bounds:
        return annotation
    if annotation in (str, int):
        return Annotated[annotation, msgspec.Meta(**bounds)] if bounds else annotation
    raise TypeError(f"no translation for {annotation!r} with {bounds}")


def _bounds(metadata: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield what msgspec checks of a field's metadata; raises TypeError for metadata unknown here."""
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from _bounds(item.metadata)
        elif isinstance(item, StringConstraints):
            yield from _text_bounds(item)
        elif type(item) in BOUNDS:
            name = BOUNDS[type(item)]
            yield name, getattr(item, name)
        elif not isinstance(item, Strict | AfterValidator):  # msgspec is strict; rules are applied after
            raise TypeError(f"no translation for {item!r}")


def _text_bounds(item: StringConstraints) -> Iterator[tuple[str, Any]]:
    for name, value in vars(item).items():
        if name in TEXT_BOUNDS and value is not None:
            yield name, value
        elif value and name != "strict":
            raise TypeError(f"no translation for {name}={value!r}")


def _rules(model: type[BaseModel]) -> list[tuple[str, Rule]]:
    return [
        (name, rule)
        for name, info in model.model_fields.items()
        for rule in _field_rules(info.annotation, info.metadata)
        if rule not in SCREENED
    ]


def _field_rules(annotation: Any, metadata: Iterable[Any]) -> Iterator[Rule]:
    """Yield a field's rules in their order; raises TypeError for one inside a union, which null would reach."""
    for item in metadata:
        if isinstance(item, AfterValidator):
            yield item.func  # type: ignore[misc]
    for part in get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else ():
        inside = [item.func for item in get_args(part)[1:] if isinstance(item, AfterValidator)]
        if set(inside) - set(SCREENED):
            raise TypeError(f"no translation for a rule inside of {annotation!r}")
