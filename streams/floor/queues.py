"""Sections `floor`, `queues` and `teams`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from yaml.nodes import Node, SequenceNode

from streams.floor import scalars
from streams.floor.model import ANY, Floor
from streams.floor.problems import nearest
from streams.floor.reading import Reader
from streams.floor.versions import Version, Versioned, place
from streams.kpis.service_level import POLICIES, QueuePolicy
from streams.kpis.versions import Versions

GENERAL_KEYS = ("name", "timezone", "currency", "conversation_seconds", "calendar")
QUEUE = Versioned(("threshold_seconds", "short_abandon_seconds", "service_level"))
CONVERSATION = Versioned(("seconds",))
FROM_THE_BEGINNING: Version = (None, {})


@dataclass(frozen=True, slots=True)
class General:
    """Section `floor`; the calendar is a name that has yet to be found."""

    floor: Floor
    calendar: Node | None


def read_general(node: Node | None, reader: Reader) -> General:
    """Return a floor that knows its own settings."""
    fields = reader.fields(node, "floor", GENERAL_KEYS)
    default = Floor.default()
    timezone = reader.value(fields.get("timezone"), scalars.timezone, default.timezone)
    floor = Floor(
        name=reader.value(fields.get("name"), scalars.text, default.name),
        timezone=timezone,
        currency=reader.value(fields.get("currency"), scalars.currency, default.currency),
        conversation_ms=_conversation(fields.get("conversation_seconds"), reader, ZoneInfo(timezone)),
    )
    return General(floor, fields.get("calendar"))


def _conversation(node: Node | None, reader: Reader, zone: ZoneInfo) -> Versions[int]:
    default = Floor.default().conversation_ms
    if not isinstance(node, SequenceNode):
        return Versions(reader.value(node, scalars.duration_ms, default.first))
    versions = CONVERSATION.read(node, reader, "conversation_seconds", zone)
    for number, (_, fields) in enumerate(versions):
        if "seconds" not in fields:
            reader.refuse(place(node, number), f"version {number + 1} of conversation_seconds lacks seconds")
    held = [(since, reader.value(fields.get("seconds"), scalars.duration_ms, 0)) for since, fields in versions]
    return Versions.of(held) if held else default


def read_queues(node: Node | None, reader: Reader, zone: ZoneInfo) -> dict[str, Versions[QueuePolicy]]:
    """Return each queue's policies, completed from those of `*` at the same time, which the defaults complete."""
    entries = reader.entries(node, "queues")
    read = {
        name: QUEUE.read(value, reader, f"queue {name!r}", zone) or [FROM_THE_BEGINNING]
        for name, (_, value) in entries.items()
    }
    everybody = read.get(ANY, [FROM_THE_BEGINNING])
    queues = {ANY: _policies(everybody, [FROM_THE_BEGINNING], reader)}
    for name, (key, _) in entries.items():
        if name != ANY:
            queues[reader.value(key, scalars.name, name)] = _policies(read[name], everybody, reader)
    return queues


def _policies(own: Sequence[Version], everybody: Sequence[Version], reader: Reader) -> Versions[QueuePolicy]:
    """Return a new version wherever the queue's own or those of all change."""
    changes = sorted({since for since, _ in (*own, *everybody) if since is not None})
    held = [(since, {**_at(everybody, since), **_at(own, since)}) for since in (None, *changes)]
    return Versions.of([(since, _policy(fields, reader)) for since, fields in held])


def _at(versions: Sequence[Version], ms: int | None) -> dict[str, Node]:
    begun = [fields for since, fields in versions if since is None or (ms is not None and since <= ms)]
    return begun[-1] if begun else {}


def _policy(fields: Mapping[str, Node], reader: Reader) -> QueuePolicy:
    inherited = QueuePolicy()
    policy = scalars.one_of(POLICIES, "service level policy")
    return QueuePolicy(
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
