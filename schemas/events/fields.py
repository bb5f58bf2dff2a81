"""The kinds of field that events are made of, with their bounds. Chars are code points; types are strict."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.types import Strict

DURATION_MAX_MS = 86_400_000
AMOUNT_LIMIT = 2**53
RESERVED = "__"


class Data(BaseModel):
    """The `data` of an event: unknown fields are ignored, null means absent."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _not_reserved(value: object) -> object:
    if isinstance(value, str) and value.startswith(RESERVED):
        raise ValueError("must not begin with '__'")
    return value


def _text(least: int, most: int, pattern: str | None = None) -> StringConstraints:
    return StringConstraints(strict=True, min_length=least, max_length=most, pattern=pattern)


Name = Annotated[str, _text(1, 64), BeforeValidator(_not_reserved)]
"""A team, queue, campaign or rep; `unassigned` is the same as absent."""
Id = Annotated[str, _text(1, 128)]
"""An opaque identifier; never a phone number or an address."""
Word = Annotated[str, _text(1, 256)]
Url = Annotated[str, _text(1, 2048)]
Currency = Annotated[str, _text(3, 3, r"^[A-Z]{3}$")]
DurationMs = Annotated[int, Strict(), Field(ge=0, le=DURATION_MAX_MS)]
AmountMinor = Annotated[int, Strict(), Field(gt=-AMOUNT_LIMIT, lt=AMOUNT_LIMIT)]
Flag = Annotated[bool, Strict()]

Direction = Literal["inbound", "outbound"]
CallOutcome = Literal["answered", "abandoned", "no_answer", "busy", "failed", "voicemail"]
DealOutcome = Literal["open", "won", "lost"]
RepState = Literal[
    "available",
    "ringing",
    "on_call",
    "on_hold",
    "wrap_up",
    "email",
    "admin",
    "meeting",
    "training",
    "break",
    "meal",
    "offline",
]
