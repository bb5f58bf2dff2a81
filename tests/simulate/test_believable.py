"""A person who reads the board believes it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from streams.floor.load import parse
from streams.floor.model import Floor
from streams.simulate.arrivals import Demand
from streams.simulate.crm import Crm
from streams.simulate.customers import Customers
from streams.simulate.engine import Engine
from streams.simulate.floor import Sizes, staff
from streams.simulate.source import Source
from tests.simulate.kpis import kpis, time_in_states
from tests.simulate.runs import DAY, HOUR, MINUTE, START, Run, plan, read, run

RANGES = {
    "service_level": (0.75, 0.95),
    "abandon_rate": (0.02, 0.08),
    "average_speed_of_answer": (4, 20),
    "connect_rate": (0.2, 0.35),
    "conversation_rate": (0.08, 0.2),
    "average_handle_time": (120, 300),
    "occupancy": (0.7, 0.9),
    "idle_share": (0.05, 0.25),
    "away_share": (0.08, 0.22),
    "dials_per_hour": (8, 40),
    "open_rate": (0.2, 0.4),
    "click_rate": (0.02, 0.06),
    "bounce_rate": (0.01, 0.04),
    "meeting_set_rate": (0.1, 0.35),
    "meeting_held_rate": (0.65, 0.95),
    "lead_conversion": (0.12, 0.4),
    "closing_rate": (0.2, 0.5),
}
TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE_AND_NIGHTS = """
floor: {timezone: Asia/Tokyo, currency: JPY, calendar: office}
teams: {night-desk: {calendar: nights}}
calendars:
  office:
    shifts: {day: {days: [mon, tue, wed, thu, fri], start: "09:00", end: "18:00"}}
    holidays: {country: JP}
  nights:
    shifts: {night: {days: [mon, tue, wed, thu, fri], start: "22:00", end: "06:00"}}
    holidays: {country: JP}
"""


@pytest.fixture(scope="module")
def figures(hour: Run) -> dict[str, float]:
    """Return the KPIs of the busy hour."""
    return kpis(hour.told, hour.until_ms)


@pytest.mark.parametrize("name", RANGES)
def test_an_hour_of_the_default_floor_is_believable(figures: dict[str, float], name: str) -> None:
    low, high = RANGES[name]
    assert low <= figures[name] <= high


@pytest.mark.parametrize(("rate", "seed"), [(5.0, 11), (20.0, 12), (120.0, 13)])
def test_floors_of_other_sizes_are_believable(rate: float, seed: int) -> None:
    floor = run(plan(rate, seed), 60 if rate < 100 else 15)
    found = kpis(floor.told, floor.until_ms)
    names = ("service_level", "abandon_rate", "connect_rate", "occupancy", "average_handle_time")
    wide = {"service_level": (0.65, 0.98), "abandon_rate": (0.01, 0.1), "occupancy": (0.7, 0.92)}
    wrong = {name: found[name] for name in names if not within(found[name], wide.get(name, RANGES[name]))}
    assert not wrong


def within(value: float, bounds: tuple[float, float]) -> bool:
    """Return whether a value lies within bounds."""
    return bounds[0] <= value <= bounds[1]


def test_figures_are_believable_from_the_first_five_minutes_on() -> None:
    floor = run(plan(seed=3), 5)
    found = kpis(floor.told, floor.until_ms)
    assert within(found["service_level"], (0.65, 1))
    assert within(found["abandon_rate"], (0.005, 0.1))
    assert within(found["connect_rate"], RANGES["connect_rate"])
    assert within(found["occupancy"], (0.65, 0.95))
    assert within(found["open_rate"], (0.08, 0.4))


def test_machines_open_and_click_too_and_say_so(hour: Run) -> None:
    for kind in ("email.opened", "link.clicked"):
        machines = sum(told.data.get("machine") is True for told in hour.of(kind))
        assert 0.1 < machines / len(hour.of(kind)) < 0.6


def test_a_floor_too_large_for_its_rate_has_less_to_do_and_stays_busy_and_at_the_rate() -> None:
    small = plan(5)
    floor = run(replace(small, sizes=Sizes(6, 200, 4, 4)), 20)
    assert kpis(floor.told, floor.until_ms)["occupancy"] > 0.6
    assert len(floor.arrivals) / (20 * 60) == pytest.approx(5, rel=0.15)


@pytest.mark.parametrize("sizes", [Sizes(1, 4, 1, 1), Sizes(2, 12, 5, 7), Sizes(9, 30, 1, 2), Sizes(3, 40, 12, 1)])
def test_every_rep_of_any_floor_works_and_every_queue_is_answered(sizes: Sizes) -> None:
    floor = run(replace(plan(5), sizes=sizes), 90)
    work = {"on_call", "wrap_up"}
    states = {told.data["rep"] for told in floor.of("rep.state_changed") if told.data["state"] in work}
    assert len(states) == sizes.reps
    answered = [told.data for told in floor.of("call.answered")]
    assert len({data["queue"] for data in answered if "queue" in data}) == sizes.queues
    assert {data["direction"] for data in answered} >= {"outbound"} or sizes.teams > 1


def day(start: date, rate: float) -> Run:
    """Return a day of a Tokyo floor with an office and a night desk, in the profile `real`."""
    midnight = int(datetime.combine(start, datetime.min.time(), TOKYO).timestamp()) * 1000
    config = parse(OFFICE_AND_NIGHTS.encode())
    return run(plan(rate, 5, "real", config), DAY / MINUTE, warm=False, start_ms=midnight)


@pytest.fixture(scope="module")
def wednesday() -> Run:
    """Return a working day after a working night."""
    return day(date(2026, 11, 25), 6)


def by_hour(floor: Run, kind: str, team: str | None = None) -> Counter[int]:
    """Return how many events of a type there are in each local hour."""
    told = [told for told in floor.of(kind) if team is None or told.data.get("team") == team]
    return Counter((event.at_ms - floor.start_ms) // HOUR for event in told)


def test_a_real_day_has_a_profile(wednesday: Run) -> None:
    calls = by_hour(wednesday, "call.queued")
    assert calls[10] + calls[14] > calls[9] + calls[17] > 2 * calls[5] > 0
    assert calls[10] > 2 * calls[2]
    assert calls[20] == 0
    mails = by_hour(wednesday, "email.sent")
    assert mails[10] > 3 * mails[3] > 0


def test_a_real_day_is_as_believable_as_a_busy_hour(wednesday: Run) -> None:
    found = kpis(wednesday.told, wednesday.until_ms)
    wide = {"service_level": (0.65, 0.97), "abandon_rate": (0.015, 0.09), "click_rate": (0.02, 0.07)}
    wrong = {name: found[name] for name, bounds in (RANGES | wide).items() if not within(found[name], bounds)}
    assert not wrong


def test_people_work_in_their_shifts_and_in_their_names(wednesday: Run) -> None:
    teams = {told.data["team"] for told in wednesday.of("rep.state_changed")}
    assert "night-desk" in teams and len(teams) > 2
    for team in teams - {"night-desk"}:
        office = by_hour(wednesday, "call.answered", team)
        assert office[9] and office[17] and not any(office[at] for at in (7, 8, 19, 23))
    night = by_hour(wednesday, "rep.state_changed", "night-desk")
    assert night[22] and night[3] and not any(night[at] for at in range(8, 22))


def test_everyone_has_a_meal_and_most_go_home(wednesday: Run) -> None:
    spent = time_in_states(wednesday.told, wednesday.until_ms)
    reps = {told.data["rep"] for told in wednesday.of("rep.state_changed")}
    assert 30 * MINUTE < spent["meal"] / len(reps) < HOUR
    home = [told for told in wednesday.of("rep.state_changed") if told.data["state"] == "offline"]
    assert len(home) >= len(reps)


def test_nobody_works_on_a_holiday() -> None:
    holiday = day(date(2026, 11, 23), 1)
    assert not holiday.of("rep.state_changed")
    assert not by_hour(holiday, "call.ended")
    assert by_hour(holiday, "email.sent")


def test_deals_are_in_the_currency_of_the_floor_but_for_a_few() -> None:
    engine, dice = Engine(START), Random(1)
    people = staff(Sizes(3, 9, 2, 2), Floor.default())
    crm = Crm(engine, Source(engine, "crm", dice, (1, 1)), dice, people, Customers(dice, 100), "JPY")
    crm.start(3, Demand.of("busy", "UTC"))
    told = [read(arrival) for arrival in engine.advance(START + 20 * MINUTE)]
    currencies = Counter(event.data["currency"] for event in told if event.kind == "deal.stage_changed")
    assert currencies["JPY"] > 10 * (currencies.total() - currencies["JPY"]) > 0


def test_busy_means_busy_in_the_middle_of_a_sunday_night() -> None:
    sunday = int(datetime(2026, 11, 22, 3, tzinfo=UTC).timestamp()) * 1000
    floor = run(plan(), 2, start_ms=sunday)
    assert floor.of("call.answered") and floor.of("email.sent") and floor.of("rep.state_changed")
