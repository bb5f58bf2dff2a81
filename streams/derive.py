"""A fast decoder derived from the pydantic models: the models stay the only place where a field is defined.

Each event model becomes a msgspec struct with the same fields and bounds. Reserved names (`__…`) and real times are
beyond msgspec's reach; `decode` screens for them.
"""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import msgspec
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from schemas.events import TOPICS, type_name
from schemas.events.envelope import Envelope


def structs_of(topic: str) -> dict[str, type[msgspec.Struct]]:
    """Return the envelope struct of each event type of a topic, tagged by `type`."""
    data: dict[type, type[msgspec.Struct]] = {}
    return {type_name(model): _envelope(model, data) for model in TOPICS[topic]}


def _envelope(model: type[Envelope], data: dict[type, type[msgspec.Struct]]) -> type[msgspec.Struct]:
    payload = model.model_fields["data"].annotation
    assert isinstance(payload, type)
    if payload not in data:
        data[payload] = msgspec.defstruct(payload.__name__, _fields(payload), gc=False, kw_only=True)
    fields = [field for field in _fields(model) if field[0] not in ("type", "data")]
    return msgspec.defstruct(
        model.__name__, [*fields, ("data", data[payload])], tag_field="type", tag=type_name(model), gc=False, kw_only=True
    )


def _fields(model: type[BaseModel]) -> list[Any]:
    return [_field(name, info) for name, info in model.model_fields.items() if name not in ("type", "data")]


def _field(name: str, info: FieldInfo) -> Any:
    kind = _kind(info.annotation, info.metadata)
    return (name, kind) if info.is_required() else (name, kind, info.default)


def _kind(annotation: Any, metadata: Any = ()) -> Any:
    """Return the msgspec type of a pydantic annotation; raises TypeError for what has no translation here."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *inside = get_args(annotation)
        return _kind(inner, [*inside, *metadata])
    if origin in (Union, types.UnionType):
        return Union[tuple(_kind(part, metadata if part is not type(None) else ()) for part in get_args(annotation))]  # noqa: UP007
    if origin is Literal or annotation is type(None) or annotation is bool:
        return annotation
    if annotation in (str, int):
        bounds = _bounds(metadata)
        return Annotated[annotation, msgspec.Meta(**bounds)] if bounds else annotation
    raise TypeError(f"no translation for {annotation!r}")


def _bounds(metadata: Any) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    for item in metadata:
        if isinstance(item, StringConstraints):
            named = {"min_length": item.min_length, "max_length": item.max_length, "pattern": item.pattern}
            bounds |= {name: value for name, value in named.items() if value is not None}
        elif isinstance(item, FieldInfo):
            bounds |= _bounds(item.metadata)
        elif isinstance(item, annotated_types.BaseMetadata):
            bounds |= {name: getattr(item, name) for name in ("ge", "gt", "le", "lt") if hasattr(item, name)}
            bounds |= {name: getattr(item, name) for name in ("min_length", "max_length") if hasattr(item, name)}
    return bounds
