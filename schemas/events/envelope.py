"""The CloudEvents 1.0 envelope, JSON structured mode."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

_TIME: JsonDict = {
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$",
}


class Envelope(BaseModel):
    """What every event carries beside its `type` and `data`; unknown attributes are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128)]
    source: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256)]
    subject: Annotated[str, StringConstraints(strict=True, min_length=1)] | None = None
    time: Annotated[str, StringConstraints(strict=True, min_length=1), Field(json_schema_extra=_TIME)]
    """The event time: RFC 3339 with an offset. What is a real time is decided where it is read."""
