"""JSON Schema (2020-12) of each event type."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from schemas.events import EVENT_TYPES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """Without the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False for every field."""
        return False


def schema_of(kind: str) -> dict[str, Any]:
    """Return the schema of an event type; what is a real time and how large a value may be is beyond it."""
    schema = EVENT_TYPES[kind].model_json_schema(schema_generator=_Untitled)
    return {"$schema": DIALECT, "$id": f"urn:floorcast:event:{kind}", **schema, "title": kind}


def files() -> dict[str, str]:
    """Return `jsonschema/<type>.json` of every type."""
    return {f"jsonschema/{kind}.json": as_json(schema_of(kind)) for kind in EVENT_TYPES}


def as_json(content: Any) -> str:
    """Return a text that is the same on every machine."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
