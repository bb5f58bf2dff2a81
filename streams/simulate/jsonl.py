"""Arrivals as lines of text, and back, to the byte.

    {"topic":"calls","key":"call-3f9c2b71d04e","arrival":1795480201000,"event":{…}}
    {"topic":"calls","key":"call-3f9c2b71d04e","arrival":1795480201000,"value":"PGh0bWw+","dirt":"not_json"}

`arrival` is the record's timestamp in epoch ms, `event` the record's value as it is. A value that is no JSON stands
as `value`, in base64. `dirt` is there only where something is wrong, and says what.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator

import msgspec

from schemas.refusals import Reason
from streams.simulate.engine import Arrival


class Line(msgspec.Struct, omit_defaults=True):
    """One line."""

    topic: str
    key: str
    arrival: int
    event: msgspec.Raw = msgspec.Raw()
    value: str | None = None
    dirt: str = ""


_encode = msgspec.json.Encoder().encode_into
_decode = msgspec.json.Decoder(Line).decode


def write(arrivals: Iterable[Arrival]) -> bytearray:
    """Return the lines, each with its line feed."""
    text = bytearray()
    for arrival in arrivals:
        _encode(_line(arrival), text, len(text))
        text += b"\n"
    return text


def read(lines: Iterable[bytes]) -> Iterator[Arrival]:
    """Yield what was written. Raises msgspec.DecodeError for a line that is none of ours."""
    for text in lines:
        line = _decode(text)
        value = bytes(line.event) if line.value is None else b64decode(line.value)
        yield Arrival(line.arrival, line.topic, line.key, value, line.dirt)


def _line(arrival: Arrival) -> Line:
    line = Line(arrival.topic, arrival.key, arrival.at_ms, dirt=arrival.dirt)
    if arrival.dirt == Reason.NOT_JSON:
        line.value = b64encode(arrival.value).decode()
    else:
        line.event = msgspec.Raw(arrival.value)
    return line
