"""The three that judge an event: the pydantic model, the JSON Schema and the decoder."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from schemas.events import EVENT_TYPES, TOPIC_OF, TOPICS
from schemas.render.json_schema import schema_of
from streams.decode import TopicDecoder
from tests.wire import ARRIVAL, encoded

SCHEMAS = {kind: Draft202012Validator(schema_of(kind)) for kind in EVENT_TYPES}
DECODERS = {topic: TopicDecoder(topic) for topic in TOPICS}


def model(event: dict[str, Any]) -> bool:
    """Say whether the model accepts the event."""
    try:
        EVENT_TYPES[event["type"]].model_validate(event)
    except ValidationError:
        return False
    return True


def json_schema(event: dict[str, Any]) -> bool:
    """Say whether the JSON Schema accepts the event."""
    return SCHEMAS[event["type"]].is_valid(event)


def decoder(event: dict[str, Any]) -> bool:
    """Say whether the decoder accepts the event: its scanner, or the model that it asks."""
    return not DECODERS[TOPIC_OF[event["type"]]].decode_chunk([encoded(event)], [ARRIVAL]).refusals


every = pytest.mark.parametrize("judge", [model, json_schema, decoder])
