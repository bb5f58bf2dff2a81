"""`floorcast targets`: from the settings and a question to an answer."""

from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rich.console import RenderableType

from streams.export.times import shown
from streams.floor import Floor, load, load_installed
from streams.floor.changes import live, read_alike, waiting
from streams.floor.problems import nearest
from streams.progress import Tell, untold
from streams.review import screen
from streams.review.opened import opened, opened_to_judge, some_partitions
from streams.review.outcomes import outcomes
from streams.review.report import Report, Side
from streams.review.span import span
from streams.review.standings import standings
from streams.settings import Settings
from streams.store.protocol import Reader
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader


class UnknownKpi(Exception):
    """No file has a KPI that is asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    what_if: Path | None = None
    from_: str | None = None
    to: str | None = None
    kpis: frozenset[str] = frozenset()
    """Empty: all."""

    @property
    def of_history(self) -> bool:
        """Whether more than the present is asked for."""
        return bool(self.what_if or self.from_ or self.to)


@dataclass(frozen=True, slots=True)
class Source:
    """A file and what of it can be said of figures that are stored already."""

    file: Path
    floor: Floor


class Answer(NamedTuple):
    """An answer in both forms."""

    table: RenderableType
    json: dict[str, Any]


def sources(settings: Settings, question: Question) -> tuple[list[Source], list[str]]:
    """Read the files; return them with what to be warned of. Raises FloorError, UnknownKpi."""
    today = load_installed(settings.config, named=settings.config_named)
    found, warnings = [Source(settings.config, today)], []
    if question.what_if:
        wanted = load(question.what_if)
        if parts := waiting(today, wanted):
            kept = "stored figures stay as they were counted, by the rules of today"
            warnings.append(f"{question.what_if} differs in {', '.join(parts)}: {kept}")
        found.append(Source(question.what_if, live(today, wanted)))
    known = {kpi for source in found for kpi in source.floor.catalogue().kpis}
    for kpi in sorted(question.kpis - known):
        raise UnknownKpi(f"--kpi {kpi}: there is no such KPI{nearest(kpi, known)}")
    return [replace(source, floor=_about(source.floor, question.kpis)) for source in found], warnings


async def answer(settings: Settings, question: Question, found: list[Source], tell: Tell = untold) -> Answer:
    """Look into the store. Raises BadRange, NothingCounted, StoreUnavailable."""
    async with aclosing(connect(settings.redis, **settings.redis_arguments)) as client:
        reader = RedisReader(client, settings.group)
        if question.of_history:
            return await _history(reader, settings, question, found, tell)
        return await _now(reader, settings, found[0])


async def _now(reader: Reader, settings: Settings, source: Source) -> Answer:
    view = await opened(reader, source.floor, await some_partitions(reader, settings.group))
    now_ms = view.now_ms()
    standing = standings(view.figures, source.floor, now_ms)
    at = shown(now_ms, view.days.zone)
    rows = [one.answer() for one in standing]
    return Answer(screen.standings(standing), {"at": at, "file": str(source.file), "targets": rows})


async def _history(reader: Reader, settings: Settings, question: Question, found: list[Source], tell: Tell) -> Answer:
    zone = ZoneInfo(found[0].floor.timezone)
    now_ms = await reader.now_ms()
    from_ms, to_ms = span(question.from_, question.to, now_ms, zone)
    partitions = await some_partitions(reader, settings.group)
    view = await opened_to_judge(reader, found[0].floor, partitions)
    sides = []
    for source in found:
        if not read_alike(source.floor, found[0].floor):
            view = await opened_to_judge(reader, source.floor, partitions)
        told = partial(_of_file, source.file.name, tell)
        sides.append(Side(source.file, await outcomes(view, source.floor, from_ms, to_ms, now_ms, told)))
    report = Report(from_ms, to_ms, zone, now_ms, tuple(sides))
    return Answer(screen.report(report), report.answer())


def _of_file(file: str, tell: Tell, what: str, left: int) -> None:
    tell(f"{file}: {what}", left)


def _about(floor: Floor, kpis: frozenset[str]) -> Floor:
    """Return a floor with the targets about these KPIs, all where none is named, and about those that it has."""
    known = floor.catalogue().kpis
    kept = (target for target in floor.targets if target.kpi in known and (not kpis or target.kpi in kpis))
    return replace(floor, targets=tuple(kept))
