"""Whatever happens in whatever order, the view shows what a plain recount of all happenings gives."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.floor import Floor, parse
from streams.kpis.formulas import evaluate
from streams.kpis.model import Scope
from streams.kpis.windows import WINDOWS, window_range
from streams.store.protocol import Partition
from streams.targets import Calendars
from streams.view.figures import Figures
from streams.view.view import View
from tests.view.stored import Happening, MemoryReader, Recount

FLOOR = """
floor: {currency: USD, timezone: ZONE, calendar: office}
teams: {a: {calendar: nights}, b|%: {calendar: elsewhere}}
calendars:
  office:
    shifts:
      day: {days: [mon, tue, wed, thu, fri, sat, sun], start: "09:00", end: "23:30", breaks: [["12:00", "13:00"]]}
      peak: {days: [mon, wed, fri, sun], start: "10:00", end: "10:30"}
  nights:
    shifts:
      night: {days: [mon, tue, wed, thu, fri, sat, sun], start: "22:00", end: "06:00"}
      midnight: {days: [mon, tue, wed, thu, fri, sat, sun], start: "23:45", end: "00:30"}
  elsewhere:
    timezone: Pacific/Honolulu
    shifts: {whole: {days: [tue, thu, sat, sun], start: "00:15", end: "00:15"}}
facts:
  long_calls: {event: call.ended, where: {talk_ms: {at_least: 600000}}, add: 1}
  lost_amount: {event: deal.stage_changed, where: {outcome: lost}, add: amount_minor}
kpis:
  long_call_share:
    {title: {en: Long, ja: L}, definition: d, unit: ratio, better: lower, numerator: [long_calls], denominator: [calls_handled]}
  lost_amount:
    {title: {en: Lost, ja: L}, definition: d, unit: currency, better: lower, facts: [lost_amount]}
"""


def floor_in(zone: str) -> Floor:
    return parse(FLOOR.replace("ZONE", zone).encode())


CATALOGUE = floor_in("UTC").catalogue()
OWN = {"calls": ("long_calls",), "crm": ("lost_amount", "lost_amount.high")}
IDS = {
    "calls": ("customers",),
    "emails": ("customers", "opens"),
    "links": ("clicks",),
    "crm": ("customers", "prospects"),
}
PARTITIONS = [Partition(topic, number) for topic in ("calls", "emails", "links", "crm") for number in range(2)]
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
STARTS = (
    ("Europe/Berlin", "2026-10-24T22:50:00+02:00"),  # the night with 25 hours
    ("Europe/Berlin", "2026-03-28T23:20:00+01:00"),  # the night with 23 hours
    ("America/New_York", "2026-10-31T22:00:00-04:00"),  # the first of a month, a Sunday with 25 hours
    ("America/New_York", "2026-03-07T22:30:00-05:00"),
    ("Asia/Kolkata", "2026-10-24T23:30:00+05:30"),
    ("Asia/Kathmandu", "2026-11-29T23:00:00+05:45"),
    ("Australia/Lord_Howe", "2026-04-04T22:45:00+11:00"),  # a day of 24 and a half hours
    ("Australia/Lord_Howe", "2026-10-03T23:00:00+10:30"),  # half an hour of DST
    ("Asia/Tokyo", "2026-11-24T09:30:00+09:00"),
)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@st.composite
def happenings(draw: st.DrawFn, now_ms: int, seen: Sequence[Happening]) -> Happening:
    repeats = bool(seen) and draw(st.booleans())
    again = draw(st.sampled_from(seen)) if repeats else None
    topic = again.topic if again else draw(st.sampled_from(sorted(IDS)))
    places = [*CATALOGUE.layout(topic), *OWN.get(topic, ())]
    values = st.integers(1, 3) | st.integers(-5, 2**50)
    back = draw(st.sampled_from((0, 0, 0, MINUTE, 20 * MINUTE, 2 * HOUR, DAY, 3 * DAY, 34 * DAY)))
    ms = now_ms - back - draw(st.sampled_from((0, 0, -MINUTE, -3 * MINUTE)) | st.integers(-4 * MINUTE, 30 * MINUTE))
    return Happening(
        topic=topic,
        ms=again.ms if again else ms,
        team=draw(st.sampled_from(("a", "b|%", "c"))),
        queue=draw(st.sampled_from(("q", "unassigned"))) if topic == "calls" else "unassigned",
        campaign=draw(st.sampled_from(("c", "営"))),
        rep=draw(st.sampled_from(("r", "s"))),
        facts=draw(st.dictionaries(st.sampled_from(places[:2]) | st.sampled_from(places), values, max_size=4)),
        samples=draw(st.dictionaries(st.sampled_from(("wait", "handle")), st.integers(0, 1467), max_size=2))
        if topic == "calls"
        else {},
        ids=draw(st.dictionaries(st.sampled_from(IDS[topic]), st.integers(0, 4), max_size=2)),
    )


def check(figures: Figures, seen: Sequence[Happening], t_ms: int, now_ms: int, floor: Floor) -> None:
    """Compare every KPI of every name in every window."""
    zone = ZoneInfo(floor.timezone)
    (end,) = {span.to_ms for window in WINDOWS if (span := window_range(window, t_ms, now_ms, zone))}
    calendars = Calendars(floor)
    first = (now_ms - 35 * DAY) // (15 * MINUTE) * 15 * MINUTE
    for scope in Scope:
        active = {h.name(scope) for h in seen if first <= h.ms < end and any(h.facts.values())} - {None}
        zero = {h.name(scope) for h in seen if h.ms < end} - {None} | ({"all"} if scope is Scope.FLOOR else set())
        for window in WINDOWS:
            table = figures.table(scope.value, window)
            assert active <= set(table.names) <= zero
            assert list(table.names) == sorted(table.names)
            for place, name in enumerate(table.names):
                span = window_range(window, t_ms, now_ms, zone, calendars.of(scope, name).shift_at)
                assert table.ranges[place] == span
                shown = table.figures(place)
                if span is None:
                    assert all(figure.value is figure.numerator is None for figure in shown)
                    continue
                recount = Recount(seen, scope, name, span.from_ms, span.to_ms)
                for kpi, figure in zip(table.kpis, shown, strict=True):
                    wanted = evaluate(kpi, recount)
                    assert figure == wanted, (scope, window, name, kpi.id)
                    assert type(figure.value) is type(wanted.value), kpi.id


def view_of(reader: MemoryReader, zone: str) -> View:
    shifts = Calendars(floor_in(zone)).shifts()
    return View(reader, CATALOGUE, ZoneInfo(zone), lambda: PARTITIONS, shifts=shifts, monotonic=lambda: 0.0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), start=st.sampled_from(STARTS))
async def test_live_and_past_windows_equal_a_recount(data: st.DataObject, start: tuple[str, str]) -> None:
    zone, begin = start
    reader = MemoryReader(CATALOGUE, at(begin))
    view = view_of(reader, zone)
    seen: list[Happening] = []
    for _ in range(data.draw(st.integers(1, 5))):
        for _ in range(data.draw(st.integers(0, 3))):
            batch = data.draw(st.lists(happenings(reader.clock_ms, seen), max_size=4))
            if batch:
                topic = batch[0].topic
                batch = [h for h in batch if h.topic == topic]
                seen += batch
                reader.telling = data.draw(st.sampled_from((True, True, True, False)))
                reader.add(Partition(topic, data.draw(st.integers(0, 1))), batch)
        await view.refresh()
        check(view.figures, seen, reader.clock_ms, reader.clock_ms, floor_in(zone))
        back = data.draw(st.sampled_from((0, 7 * MINUTE, HOUR, 170 * MINUTE, 4 * HOUR, DAY, 4 * DAY, 30 * DAY)))
        t_ms = reader.clock_ms - back - data.draw(st.integers(0, 20 * MINUTE))
        check(await view.at(t_ms), seen, t_ms, reader.clock_ms, floor_in(zone))
        step = st.sampled_from(
            (1_000, 20_000, MINUTE, MINUTE, 2 * MINUTE, 9 * MINUTE, 15 * MINUTE, 50 * MINUTE, 5 * HOUR, DAY, 3 * DAY)
        )
        reader.clock_ms += data.draw(step)
        reader.verify()
