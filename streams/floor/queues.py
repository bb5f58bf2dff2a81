"""Sections `floor`, `queues` and `teams`."""

from dataclasses import dataclass, replace

from yaml.nodes import Node

from streams.floor import scalars
from streams.floor.model import ANY, Floor
from streams.floor.problems import nearest
from streams.floor.reading import Reader
from streams.kpis.service_level import POLICIES, QueuePolicy

GENERAL_KEYS = ("name", "timezone", "currency", "conversation_seconds", "calendar")
QUEUE_KEYS = ("threshold_seconds", "short_abandon_seconds", "service_level")


@dataclass(frozen=True, slots=True)
class General:
    """Section `floor`; the calendar is a name that has yet to be found."""

    floor: Floor
    calendar: Node | None


def read_general(node: Node | None, reader: Reader) -> General:
    """Return a floor that knows its own settings."""
    fields = reader.fields(node, "floor", GENERAL_KEYS)
    default = Floor.default()
    floor = Floor(
        name=reader.value(fields.get("name"), scalars.text, default.name),
        timezone=reader.value(fields.get("timezone"), scalars.timezone, default.timezone),
        currency=reader.value(fields.get("currency"), scalars.currency, default.currency),
        conversation_ms=reader.value(fields.get("conversation_seconds"), scalars.duration_ms, default.conversation_ms),
    )
    return General(floor, fields.get("calendar"))


def read_queues(node: Node | None, reader: Reader) -> dict[str, QueuePolicy]:
    """Return each queue's policy, completed from `*`, which is completed from the defaults."""
    entries = reader.entries(node, "queues")
    default = QueuePolicy()
    if ANY in entries:
        default = _policy(ANY, entries[ANY][1], default, reader)
    queues = {ANY: default}
    for name, (key, value) in entries.items():
        if name != ANY:
            queues[reader.value(key, scalars.name, name)] = _policy(name, value, default, reader)
    return queues


def _policy(name: str, node: Node, inherited: QueuePolicy, reader: Reader) -> QueuePolicy:
    fields = reader.fields(node, f"queue {name!r}", QUEUE_KEYS)
    policy = scalars.one_of(POLICIES, "service level policy")
    return replace(
        inherited,
        threshold_ms=reader.value(fields.get("threshold_seconds"), scalars.duration_ms, inherited.threshold_ms),
        short_abandon_ms=reader.value(
            fields.get("short_abandon_seconds"), scalars.duration_ms, inherited.short_abandon_ms
        ),
        policy=reader.value(fields.get("service_level"), policy, inherited.policy),
    )


def read_teams(node: Node | None, reader: Reader, calendars: set[str]) -> dict[str, str]:
    """Return the calendar of each team that has its own."""
    teams: dict[str, str] = {}
    for name, (key, value) in reader.entries(node, "teams").items():
        fields = reader.fields(value, f"team {name!r}", ("calendar",))
        reader.value(key, scalars.name, name)
        if name == ANY:
            reader.refuse(key, "a team's calendar needs the team's name; that of all others is calendar in floor")
        elif found := read_calendar_name(fields.get("calendar"), reader, calendars):
            teams[name] = found
    return teams


def read_calendar_name(node: Node | None, reader: Reader, calendars: set[str]) -> str | None:
    """Return the name of a calendar that the file defines."""
    name = reader.value(node, scalars.text, "")
    if node is None or not name:
        return None
    if name not in calendars:
        reader.refuse(node, f"there is no calendar {name!r}{nearest(name, calendars)}")
        return None
    return name
