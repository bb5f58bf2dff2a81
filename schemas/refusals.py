"""Why an event is refused: a closed set, tried in this order."""

from enum import StrEnum


class Reason(StrEnum):
    """The `reason` header of a dead letter."""

    TOO_LARGE = "too_large"
    """The value is over 262 144 bytes."""
    NOT_JSON = "not_json"
    """No value, an empty one, broken UTF-8, or no JSON."""
    UNKNOWN_TYPE = "unknown_type"
    """A `type` that no topic has."""
    WRONG_TOPIC = "wrong_topic"
    """A `type` of another topic."""
    INVALID = "invalid"
    """No object, no text `type` (these two are seen first), or a field that its model refuses."""
    FUTURE = "future"
    """The event's time is more than 5 minutes after its arrival."""
    TOO_LATE = "too_late"
    """The event is older than what is kept, at its arrival."""


VALUE_MAX_BYTES = 262_144
FUTURE_MS = 300_000
TOO_LATE_MS = 35 * 86_400_000
REP_TOO_LATE_MS = 48 * 3_600_000
