"""One value, decided by the pydantic models: what the scanner does not take comes here for a verdict and its words."""

import json
from typing import Any

import msgspec
from pydantic import ValidationError

from schemas.events import EVENT_TYPES, TOPIC_OF
from schemas.refusals import VALUE_MAX_BYTES, Reason
from streams.texts import is_text
from streams.times import TimeError, parse_ms

_DIGITS_READ = 400
"""Longer integers are out of every field's bounds; Python refuses to read those over 4 300 digits."""


class Refused(Exception):
    """Park this record: its reason and words."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason = reason
        self.error = error


def plainly(topic: str, value: bytes | None) -> bytes:
    """Return an event of a topic written anew, with nothing in it that a scanner might stumble over. Raises Refused."""
    content = _parsed(value)
    kind = _kind(content, topic)
    try:
        event = EVENT_TYPES[kind].model_validate(content)
        parse_ms(event.time)
    except ValidationError as error:
        raise Refused(Reason.INVALID, _words(error)) from None
    except TimeError as error:
        raise Refused(Reason.INVALID, str(error)) from None
    return msgspec.json.encode(event.model_dump(exclude_none=True))


def _kind(content: Any, topic: str) -> str:
    kind = content.get("type") if isinstance(content, dict) else None
    if not isinstance(kind, str) or not kind or not is_text(kind):
        raise Refused(Reason.INVALID, "the event must be an object with a text `type`")
    home = TOPIC_OF.get(kind)
    if home is None:
        raise Refused(Reason.UNKNOWN_TYPE, f"no event has the type {kind[:80]!r}")
    if home != topic:
        raise Refused(Reason.WRONG_TOPIC, f"{kind} belongs into the topic {home}")
    return kind


def _parsed(value: bytes | None) -> Any:
    if value is not None and len(value) > VALUE_MAX_BYTES:
        raise Refused(Reason.TOO_LARGE, f"{len(value)} bytes are more than {VALUE_MAX_BYTES}")
    if not value:
        raise Refused(Reason.NOT_JSON, "the record has no value")
    try:
        return _content(value)
    except UnicodeDecodeError as error:
        raise Refused(Reason.NOT_JSON, f"broken UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.NOT_JSON, f"no JSON: {error}"[:300]) from None


def _content(value: bytes) -> Any:
    """Return what the JSON means. msgspec reads thrice as fast, but refuses some numbers and lone surrogates."""
    text = value.decode()
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _JSON.decode(text)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS_READ else float(digits)


_JSON = json.JSONDecoder(parse_constant=_no_constant, parse_int=_integer)


def _words(error: ValidationError) -> str:
    """Return what is wrong, field by field, without the values: they may be personal."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)[:5]
    )
