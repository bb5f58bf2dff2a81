"""From floor.yaml to a Floor, or to everything that is wrong with it."""

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from yaml.nodes import Node

from streams.floor.calendars import read_calendars
from streams.floor.facts import read_facts
from streams.floor.kpis import read_kpis
from streams.floor.model import Floor
from streams.floor.problems import FloorError, Problem
from streams.floor.queues import read_calendar_name, read_general, read_queues, read_teams
from streams.floor.reading import Reader, is_null
from streams.floor.targets import TargetReading

MOST_BYTES = 16 << 20
"""A floor of ten thousand targets takes two."""
SECTIONS = ("floor", "queues", "teams", "calendars", "targets", "facts", "kpis")


def read(path: Path | str, *, again: bool = False) -> bytes:
    """Return what a file holds. Raises FloorError.

    What is read `again` and again must be a file: a pipe would give nothing more, and might never end.
    """

    def refused(why: str) -> FloorError:
        return FloorError([Problem(str(path), 0, f"cannot be read: {why}")])

    try:
        with open(path, "rb", opener=_at_once if again else None) as file:
            if again and not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise refused("it is no file that could be read again")
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise refused(error.strerror or str(error)) from None
    if len(content) > MOST_BYTES:
        raise refused(f"it has more than {MOST_BYTES >> 20} MiB")
    return content


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody at the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def load(path: Path | str) -> Floor:
    """Read a floor's configuration. Raises FloorError, which names every problem with file and line."""
    return parse(read(path), str(path))


def load_installed(path: Path, *, named: bool) -> Floor:
    """Read an installation's configuration; where there is no file and nobody `named` one, the defaults.

    Raises FloorError.
    """
    return load(path) if named or path.exists() else Floor.default()


def parse(content: bytes, file: str = "floor.yaml") -> Floor:
    """Return the floor that the YAML text describes; sections that are absent take defaults. Raises FloorError.

    A text that says nothing is refused: so a file looks that was emptied by mistake, or by a full disk.
    """
    reader = Reader(file)
    root = reader.compose(content)
    if root is None or is_null(root):
        raise FloorError([Problem(file, 1, "it says nothing: `{}` says that everything is to be as by default")])
    sections = reader.fields(root, "the configuration", SECTIONS)
    floor = _settled(sections, reader)
    facts = read_facts(sections.get("facts"), reader, floor)
    floor = replace(floor, facts=tuple(fact for fact in facts.values() if fact))
    kpis = read_kpis(sections.get("kpis"), reader, floor, _refused(facts))
    floor = replace(floor, kpis=tuple(kpi for kpi in kpis.values() if kpi))
    targets = TargetReading(reader, floor, floor.catalogue(), _refused(kpis)).read(sections.get("targets"))
    if reader.problems:
        raise FloorError(reader.problems)
    return replace(floor, targets=targets)


def _refused(read: Mapping[str, object]) -> list[str]:
    return [name for name, found in read.items() if found is None]


def _settled(sections: dict[str, Node], reader: Reader) -> Floor:
    general = read_general(sections.get("floor"), reader)
    calendars = read_calendars(sections.get("calendars"), reader, general.floor.timezone)
    return replace(
        general.floor,
        calendar=read_calendar_name(general.calendar, reader, set(calendars)),
        queues=read_queues(sections.get("queues"), reader, ZoneInfo(general.floor.timezone)),
        teams=read_teams(sections.get("teams"), reader, set(calendars)),
        calendars=calendars,
    )
