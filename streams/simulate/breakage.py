"""Broken copies of sound events, one way for each reason to refuse an event."""

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from schemas.events import TOPICS
from schemas.refusals import VALUE_MAX_BYTES, Reason
from streams.simulate.engine import Arrival
from streams.simulate.source import TimeSpelling, encode, unique_id

Event = dict[str, Any]

MINUTE_MS = 60_000
DAY_MS = 1440 * MINUTE_MS
_OTHER_TYPES = ("call.transferred", "email.deferred", "rep.logged_in", "lead.scored", "Call.Ended")


def broken(arrival: Arrival, reason: Reason, rng: Random) -> Arrival:
    """Return a copy, with an id of its own, that is refused for `reason`."""
    event = msgspec.json.decode(arrival.value, type=Event) | {"id": unique_id(rng)}
    if reason is Reason.WRONG_TOPIC:
        topic = rng.choice([topic for topic in TOPICS if topic != arrival.topic])
        return arrival._replace(topic=topic, value=encode(event), dirt=reason.value)
    if reason is Reason.NOT_JSON:
        return arrival._replace(value=rng.choice(NOT_JSON)(encode(event)), dirt=reason.value)
    return arrival._replace(value=encode(_changed(event, arrival, reason, rng)), dirt=reason.value)


def _changed(event: Event, arrival: Arrival, reason: Reason, rng: Random) -> Event:
    if reason is Reason.UNKNOWN_TYPE:
        return event | {"type": rng.choice(_OTHER_TYPES)}
    if reason is Reason.FUTURE:
        return event | {"time": TimeSpelling().spell(arrival.at_ms + rng.randint(6 * MINUTE_MS, DAY_MS))}
    if reason is Reason.TOO_LATE:
        return event | {"time": TimeSpelling().spell(arrival.at_ms - rng.randint(36 * DAY_MS, 90 * DAY_MS))}
    if reason is Reason.TOO_LARGE:
        return event | {"transcript": "x" * VALUE_MAX_BYTES}
    return rng.choice(INVALID)(event)


def _key_as_number(event: Event) -> Event:
    data = event["data"]
    key = next(name for name, value in data.items() if value == event["subject"])
    return event | {"data": data | {key: 4711}}


INVALID: tuple[Callable[[Event], Event], ...] = (
    _key_as_number,
    lambda event: event | {"data": None},
    lambda event: event | {"data": [event["data"]]},
    lambda event: event | {"specversion": "0.3"},
    lambda event: event | {"id": ""},
    lambda event: event | {"time": event["time"][:19]},
    lambda event: event | {"time": 1_795_480_201},
    lambda event: {name: value for name, value in event.items() if name != "source"},
)
NOT_JSON: tuple[Callable[[bytes], bytes], ...] = (
    lambda value: b"",
    lambda value: value[: len(value) * 2 // 3],
    lambda value: value.replace(b'"source":"', b'"source":"\xff', 1),
    lambda value: b"<html><body>502 Bad Gateway</body></html>",
    lambda value: value.replace(b'"', b"'"),
)
