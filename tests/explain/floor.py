"""A floor with two versions of a KPI, an own fact of an odd name, two policies and targets; an exporter over it."""

from typing import Any

from streams.export.floor_targets import FloorTargets
from streams.floor import parse
from streams.kpis.buckets import bucket_of
from tests.export.floor_page import REPS, Exporter
from tests.view.floor_of_two import HOUR, MINUTE, NOON
from tests.view.stored import Happening, MemoryReader

TEXT = """
floor: {timezone: Asia/Tokyo, calendar: office}
calendars:
  office: {shifts: {day: {days: [mon, tue, wed, thu, fri], start: "09:00", end: "20:00"}}}
queues:
  support:
    - {threshold_seconds: 30, service_level: short_abandon_ignored}
    - {since: "2026-11-24T20:45:00+09:00", threshold_seconds: 20}
  sales: {threshold_seconds: 10}
facts:
  late: {event: call.ended, where: {outcome: answered}, add: 1}
kpis:
  lates:
    title: {en: Lates, ja: 遅}
    definition: A fact of an odd name.
    unit: count
    better: neither
    facts: [late]
targets:
  - {kpi: service_level, scope: queue, name: "*", window: 30m, at_least: 0.8}
  - {kpi: service_level, scope: queue, name: support, window: 30m, at_least: 0.9, from: "2026-11-01"}
  - {kpi: calls_answered, scope: floor, window: today, at_least: 10}
"""
FLOOR = parse(TEXT.encode())
CATALOGUE = FLOOR.catalogue()
EARLIER = NOON - 20 * MINUTE


def inbound(ms: int, queue: str, *, met: bool, wait_ms: int = 8000, **facts: int) -> Happening:
    """Return an answered call that is judged."""
    counted = {"inbound_answered": 1, "wait_ms": wait_ms, "known_waits": 1, "service_level_of": 1}
    counted |= {"service_level_met": 1} if met else {}
    samples = {"wait": bucket_of(wait_ms)}
    ids = {"customers": 7 if met else 8}
    return Happening("calls", ms, "a", queue, "c", "r", counted | facts, samples, ids)


CALLED = (
    inbound(NOON, "support", met=True, late=2),
    inbound(NOON, "support", met=False, wait_ms=40_000),
    inbound(EARLIER, "support", met=True),
    inbound(EARLIER, "sales", met=False, wait_ms=12_000),
    inbound(NOON - 2 * HOUR, "support", met=False),
)


async def exporter() -> Exporter:
    """Return an exporter over some calls, at 21:00 in Tokyo."""
    made = Exporter(judge=FloorTargets(FLOOR), floor=FLOOR, catalogue=CATALOGUE, reader=MemoryReader(CATALOGUE, NOON))
    made.reader.add(REPS, [])
    return await made.with_calls(*CALLED)


async def explained(made: Exporter, **query: Any) -> Any:
    """Return what `/api/explain` says."""
    async with made.http() as client:
        answer = await client.get("/api/explain", params=query)
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def refused(made: Exporter, **query: Any) -> Any:
    """Return the problem that `/api/explain` has with a question."""
    async with made.http() as client:
        answer = await client.get("/api/explain", params=query)
        assert answer.status == 400, await answer.text()
        return await answer.json(content_type="application/problem+json")


async def served(made: Exporter, **query: Any) -> Any:
    """Return the one row that `/api/kpis` has."""
    async with made.http() as client:
        (row,) = (await (await client.get("/api/kpis", params=query)).json())["kpis"]
        return row
