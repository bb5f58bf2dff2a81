"""docs/targets.md: every snippet is a floor.yaml that is read as the text beside it says."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from streams.floor import Floor, FloorError, parse
from streams.targets import Calendars, Targets
from streams.targets.choice import applying
from streams.times import parse_ms

PAGE = (Path(__file__).parents[1] / "docs" / "targets.md").read_text("utf-8")


def snippets() -> Iterator[tuple[str, str, str]]:
    """Yield heading, kind and text of each block."""
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        for kind, text in re.findall(r"^```([^\n]*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            yield section.split("\n", 1)[0], kind, text


GOOD = {heading: text for heading, kind, text in snippets() if kind == "yaml"}


def recipe(heading: str) -> Floor:
    return parse(GOOD[heading].encode())


def target(floor: Floor, kpi: str, name: str, day: str, window: str = "today", scope: str = "team") -> float | None:
    found = applying(Targets(floor.targets).of(scope, window)[kpi], name, date.fromisoformat(day))
    return found.value if found else None


def test_the_page_has_a_snippet_for_each_recipe() -> None:
    assert len(GOOD) == 7
    assert len(re.findall("^```yaml", PAGE, re.MULTILINE)) == 8


@pytest.mark.parametrize("heading", GOOD)
def test_every_snippet_is_a_good_file_with_targets(heading: str) -> None:
    assert recipe(heading).targets


def test_what_is_shown_as_refused_is_refused_in_these_words() -> None:
    blocks = list(snippets())
    (place,) = [place for place, (_, kind, _) in enumerate(blocks) if kind == "yaml refused"]
    with pytest.raises(FloorError) as refused:
        parse(blocks[place][2].encode())
    assert str(refused.value) == blocks[place + 1][2].strip()


def test_a_name_wins_over_all_names() -> None:
    floor = recipe("A target for every team, and another for one of them")
    assert [target(floor, "dials", team, "2026-11-24") for team in ("alpha", "beta")] == [500, 400]
    floor = recipe("A target for every rep")
    days = ("2026-12-31", "2027-01-01")
    assert [target(floor, "conversations", "new-hire-1", day, scope="rep") for day in days] == [4, 12]


def test_of_equals_the_latest_from_counts() -> None:
    floor = recipe("Targets that begin and end on a day")
    days = {"2027-03-31": 40, "2027-04-01": 55, "2027-12-01": 70, "2027-12-31": 70, "2028-01-01": 55}
    assert {day: target(floor, "leads_converted", "beta", day, "month") for day in days} == days


def test_a_shift_begins_anew_and_breaks_are_no_working_time() -> None:
    office = Calendars(recipe("A target for a shift")).of("team", "beta")
    begins = [office.shift_at(parse_ms(f"2026-11-24T{time}:00+09:00")) for time in ("14:59", "15:00", "23:00")]
    assert begins[0] and begins[1]
    assert (begins[0][1], begins[1][0], begins[2]) == (begins[1][0], parse_ms("2026-11-24T15:00:00+09:00"), None)
    assert office.between(parse_ms("2026-11-24T11:00:00+09:00"), parse_ms("2026-11-24T12:00:00+09:00")) == 0


@pytest.mark.parametrize(("day", "works"), [("2026-11-23", False), ("2026-12-30", False), ("2026-11-24", True)])
def test_no_shift_begins_on_holidays(day: str, works: bool) -> None:
    office = Calendars(recipe("Holidays")).of("floor", "all")
    assert bool(office.shift_at(parse_ms(f"{day}T10:00:00+09:00"))) is works


def test_each_team_has_its_own_hours() -> None:
    calendars = Calendars(recipe("A team with hours of its own"))
    tokyo = {"beta": "09:00", "night-desk": "22:00", "berlin": "16:00"}
    for team, begins in tokyo.items():
        begin = parse_ms(f"2026-11-24T{begins}:00+09:00")
        calendar = calendars.of("team", team)
        assert (calendar.shift_at(begin) or (0,))[0] == begin
        assert calendar.shift_at(begin - int(timedelta(minutes=1).total_seconds() * 1000)) is None
    german = parse_ms("2026-12-25T16:00:00+09:00")
    assert calendars.of("team", "berlin").shift_at(german) is None
    assert calendars.of("team", "beta").shift_at(german - 3_600_000)
