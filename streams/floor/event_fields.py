"""What `where` and `add` of a floor's own facts may say about each event: derived from the event models."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from yaml.nodes import Node

from schemas.events import EVENT_TYPES
from streams.floor import scalars
from streams.floor.reading import Wrong

SUMMABLE = {"call.ended": ("handle_ms",)}
"""What can be added beside an event's own integer fields: talk + hold + wrap."""


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of an event's data."""

    name: str
    kind: str
    """integer, boolean or string."""
    choices: tuple[str, ...]
    """The only values of some strings."""
    check: TypeAdapter[Any]

    def value(self, node: Node) -> object:
        """Return the value that a node stands for. Raises Wrong if the field can never hold it."""
        if self.choices:
            return scalars.one_of(self.choices, self.name)(node)
        parse = {"integer": scalars.whole, "boolean": scalars.flag, "string": scalars.text}[self.kind]
        found = parse(node)
        try:
            self.check.validate_python(found)
        except ValidationError as error:
            raise Wrong(node, f"{self.name} can never be {found!r}: {error.errors()[0]['msg']}") from None
        return found


@cache
def fields_of(event: str) -> Mapping[str, EventField]:
    """Return the data fields of an event type by name."""
    model = EVENT_TYPES[event].model_fields["data"].annotation
    assert isinstance(model, type) and issubclass(model, BaseModel)
    return {name: _field(name, info) for name, info in model.model_fields.items()}


def summable(event: str) -> tuple[str, ...]:
    """Return what a fact of the event may add, beside 1."""
    own = (field.name for field in fields_of(event).values() if field.kind == "integer")
    return (*own, *SUMMABLE.get(event, ()))


def _field(name: str, info: FieldInfo) -> EventField:
    annotation: Any = Annotated[info.annotation, info]
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    schema = adapter.json_schema()
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    (option,) = options
    return EventField(name, option["type"], tuple(option.get("enum", ())), adapter)
