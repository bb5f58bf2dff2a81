"""Shifts at the limits of what the view holds in detail: nothing is lost where days are merged and ids forgotten."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from streams.floor import parse
from streams.targets import Calendars
from streams.view.view import View
from tests.view.floor_of_two import CATALOGUE, FIRST, dial, value
from tests.view.stored import MemoryReader

EVERY = "days: [mon, tue, wed, thu, fri, sat, sun]"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def view_of(reader: MemoryReader, timezone: str, calendar: str) -> View:
    floor = parse(f"floor: {{timezone: {timezone}, calendar: c}}\ncalendars: {{c: {calendar}}}".encode())
    shifts = Calendars(floor).shifts()
    return View(reader, CATALOGUE, ZoneInfo(timezone), lambda: [FIRST], shifts=shifts, monotonic=lambda: 0.0)


@pytest.mark.parametrize("watching", [False, True])
async def test_a_shift_of_another_zone_may_begin_before_yesterday(*, watching: bool) -> None:
    reader = MemoryReader(CATALOGUE, ms("2026-03-28T23:30:00+01:00"))  # before Berlin's day of 23 hours
    view = view_of(
        reader, "Europe/Berlin", f'{{timezone: UTC, shifts: {{s: {{{EVERY}, start: "22:15", end: "22:15"}}}}}}'
    )
    reader.add(FIRST, [dial(ms("2026-03-28T22:10:00+00:00")), dial(ms("2026-03-28T22:20:00+00:00"))])
    for now in ("2026-03-29T12:00:00+02:00", "2026-03-30T00:00:00+02:00", "2026-03-30T00:10:00+02:00")[
        2 * (not watching) :
    ]:
        reader.clock_ms = ms(now)
        await view.refresh()
        assert value(view.figures, "dials", "shift") == 1
    reader.clock_ms = ms("2026-03-30T00:16:00+02:00")
    await view.refresh()
    assert value(view.figures, "dials", "shift") == 0


async def test_ids_of_a_shift_that_another_interrupts_are_known_when_it_goes_on() -> None:
    reader = MemoryReader(CATALOGUE, ms("2026-05-31T23:00:00+00:00"))  # the first of June is a Monday
    shifts = f'{{night: {{{EVERY}, start: "22:00", end: "10:00"}}, peak: {{{EVERY}, start: "00:00", end: "02:00"}}}}'
    view = view_of(reader, "UTC", f"{{shifts: {shifts}}}")
    reader.add(FIRST, [replace(dial(ms("2026-05-31T22:30:00+00:00")), ids={"customers": 7})])
    found = []
    for now in ("2026-05-31T23:00", "2026-06-01T00:30", "2026-06-01T01:30", "2026-06-01T02:30"):
        reader.clock_ms = ms(f"{now}:00+00:00")
        await view.refresh()
        found.append([value(view.figures, kpi, "shift") for kpi in ("customers_covered", "dials")])
    assert found == [[1, 1], [0, 0], [0, 0], [1, 1]]
