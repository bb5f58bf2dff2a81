"""The most specific target that is valid on the day applies."""

from datetime import date

from streams.floor.model import Target
from streams.kpis.model import Scope
from streams.targets import Targets
from streams.targets.choice import applying


def target(value: float, name: str = "*", since: str | None = None, until: str | None = None) -> Target:
    first, last = (date.fromisoformat(day) if day else None for day in (since, until))
    return Target("dials", Scope.TEAM, name, "today", "min", value, first, last)


ALL = [
    target(400),
    target(500, "alpha", since="2026-11-01"),
    target(550, "alpha", since="2026-12-01", until="2026-12-24"),
    target(450, since="2026-11-20", until="2026-11-30"),
    target(300, "beta", until="2026-10-31"),
]


def value(name: str, day: str) -> float | None:
    found = applying(Targets(ALL).of("team", "today")["dials"], name, date.fromisoformat(day))
    return found.value if found else None


def test_a_name_counts_over_the_star_and_the_latest_from_among_equals() -> None:
    assert value("alpha", "2026-10-31") == 400
    assert value("alpha", "2026-11-01") == 500
    assert value("alpha", "2026-12-01") == 550
    assert value("alpha", "2026-12-24") == 550
    assert value("alpha", "2026-12-25") == 500
    assert value("gamma", "2026-11-19") == 400
    assert value("gamma", "2026-11-20") == 450
    assert value("gamma", "2026-12-01") == 400


def test_a_target_that_has_ended_leaves_its_place_to_the_star() -> None:
    assert value("beta", "2026-10-31") == 300
    assert value("beta", "2026-11-01") == 400


def test_another_scope_or_window_has_none() -> None:
    assert Targets(ALL).of("team", "week") == Targets(ALL).of("floor", "today") == {}
    assert applying({"alpha": [target(1, "alpha", until="2026-01-01")]}, "alpha", date(2026, 2, 1)) is None
