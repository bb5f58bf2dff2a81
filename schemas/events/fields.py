"""The kinds of field that events are made of, with their bounds. Chars are code points; types are strict."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.types import Strict

DURATION_MAX_MS = 86_400_000
AMOUNT_LIMIT = 2**53
RESERVED = "__"
"""How no name begins: what we fold rows into is called `__other__`."""
UNASSIGNED = "unassigned"
"""A name sent as this is the same as absent."""


class Data(BaseModel):
    """The `data` of an event: unknown fields are ignored, null means absent."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def not_reserved(name: str) -> str:
    """Refuse a name that begins with `__`."""
    if name.startswith(RESERVED):
        raise ValueError(f"must not begin with '{RESERVED}'")
    return name


def assigned(name: str) -> str:
    """Refuse the name that means absent, where a name is required."""
    if name == UNASSIGNED:
        raise ValueError(f"is required: '{UNASSIGNED}' is the same as absent")
    return name


def false_if_null(flag: bool | None) -> bool:
    """Return what an absent flag is."""
    return flag is True


def _text(least: int, most: int, pattern: str | None = None) -> StringConstraints:
    return StringConstraints(strict=True, min_length=least, max_length=most, pattern=pattern)


Name = Annotated[
    str, _text(1, 64), AfterValidator(not_reserved), Field(json_schema_extra={"pattern": f"^(?!{RESERVED})"})
]
"""A team, queue, campaign or rep; `unassigned` is the same as absent."""
RequiredName = Annotated[Name, AfterValidator(assigned), Field(json_schema_extra={"not": {"const": UNASSIGNED}})]
Id = Annotated[str, _text(1, 128)]
"""An opaque identifier; never a phone number or an address."""
Word = Annotated[str, _text(1, 256)]
Url = Annotated[str, _text(1, 2048)]
Currency = Annotated[str, _text(3, 3, r"^[A-Z]{3}$")]
DurationMs = Annotated[int, Strict(), Field(ge=0, le=DURATION_MAX_MS)]
AmountMinor = Annotated[int, Strict(), Field(gt=-AMOUNT_LIMIT, lt=AMOUNT_LIMIT)]
Flag = Annotated[Annotated[bool, Strict()] | None, AfterValidator(false_if_null)]
"""False where it is null, or absent by its default."""

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
