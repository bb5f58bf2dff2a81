"""What the two systems for comparison count: events by minute, type and team, and nothing else."""

import msgspec

TOPICS = ("calls", "emails", "links", "reps", "crm")


class Data(msgspec.Struct):
    """The one field of the data that is looked at."""

    team: str | None = None


class Event(msgspec.Struct):
    """The three attributes that are looked at; nothing is validated beyond them."""

    type: str
    time: str
    data: Data


def field_of(event: Event) -> str:
    """Return the field that an event is counted in."""
    return f"{event.time[:16]}|{event.type}|{event.data.team}"
