"""Which parts of a changed floor.yaml take effect at once, and which wait until the program is started again.

What a worker counts by decides what is stored: a worker takes it at its start and keeps it, and an exporter must not
show a KPI of facts that nobody counts yet, nor amounts in another unit than they were added up in. So what is counted
by waits in both. Everything else only says how stored figures are read.
"""

from dataclasses import fields, replace

from streams.floor.model import Floor

LIVE = frozenset({"name", "timezone", "calendar", "teams", "calendars", "targets", "kpis"})
"""Parts of a floor that only readers use. Every other one is counted by."""
DEFINING = frozenset({"facts", "currency", "conversation_ms"})
"""What a floor's own KPIs are made of: while it waits, they wait too."""
_IN_THE_FILE = {
    "currency": "floor.currency",
    "conversation_ms": "floor.conversation_seconds",
    "timezone": "floor.timezone",
    "name": "floor.name",
    "calendar": "floor.calendar",
}


def changed(before: Floor, after: Floor) -> tuple[str, ...]:
    """Return the parts in which two floors differ, as the file names them, in the model's order."""
    return _named(_differing(before, after))


def waiting(running: Floor, wanted: Floor) -> tuple[str, ...]:
    """Return the changed parts that need a start, as the file names them."""
    return _named(_waiting(running, wanted))


def live(running: Floor, wanted: Floor) -> Floor:
    """Return the floor that a running program may use: as wanted, save the parts that wait."""
    return replace(wanted, **{part: getattr(running, part) for part in _waiting(running, wanted)})


def read_alike(one: Floor, other: Floor) -> bool:
    """Say whether two floors read the store alike, and differ at most in what they say of the figures."""
    return replace(one, targets=(), name="") == replace(other, targets=(), name="")


def _waiting(running: Floor, wanted: Floor) -> list[str]:
    differing = _differing(running, wanted)
    counted = set(differing) - LIVE
    return [part for part in differing if part in counted or (part == "kpis" and counted & DEFINING)]


def _differing(before: Floor, after: Floor) -> list[str]:
    return [one.name for one in fields(Floor) if getattr(before, one.name) != getattr(after, one.name)]


def _named(parts: list[str]) -> tuple[str, ...]:
    return tuple(_IN_THE_FILE.get(part, part) for part in parts)
