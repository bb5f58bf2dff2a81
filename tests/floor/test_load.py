"""floor.yaml as people write it becomes a complete floor."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from streams.floor import Floor, FloorError, Target, load, parse
from streams.floor.followed import FloorFile
from streams.kpis.model import Better, Kind, Scope, Unit
from streams.kpis.service_level import QueuePolicy
from tests.scanned import judge_of

EXAMPLE = Path(__file__).parents[2] / "floor.yaml"


def floor(text: str) -> Floor:
    return parse(text.encode())


@pytest.fixture(scope="module")
def example() -> Floor:
    return load(EXAMPLE)


def test_the_example_says_what_kind_of_floor_it_is(example: Floor) -> None:
    assert (example.name, example.timezone, example.currency) == ("Tokyo inside sales", "Asia/Tokyo", "JPY")
    assert (example.conversation_ms.latest, example.calendar) == (60_000, "office")


def test_the_examples_shifts_are_minutes_after_the_midnight_on_which_they_start(example: Floor) -> None:
    (day,) = example.calendars["office"].shifts
    (night,) = example.calendars["nights"].shifts
    assert (day.days, day.start, day.end, day.breaks) == (frozenset(range(5)), 540, 1080, ((720, 780),))
    assert (night.start, night.end) == (22 * 60, 30 * 60)


def test_the_examples_days_off_are_by_country_and_date(example: Floor) -> None:
    office = example.calendars["office"]
    assert (office.country, office.dates) == ("JP", frozenset({date(2026, 12, 30), date(2026, 12, 31)}))
    assert office.timezone == "Asia/Tokyo"


def test_a_team_uses_its_calendar_and_everything_else_the_floors(example: Floor) -> None:
    names = [example.calendar_of(team) for team in ("night-desk", "alpha", None)]
    assert [calendar and calendar.name for calendar in names] == ["nights", "office", "office"]


def test_the_examples_targets_keep_their_order_lines_and_dates(example: Floor) -> None:
    assert [target.kpi for target in example.targets] == [
        "dials",
        "dials",
        "connect_rate",
        "average_handle_time",
        "service_level",
        "abandon_rate",
        "lead_conversion",
    ]
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert all(f"kpi: {target.kpi}" in lines[target.line - 1] for target in example.targets)
    alpha, last = example.targets[1], example.targets[-1]
    assert alpha == Target("dials", Scope.TEAM, "alpha", "shift", "min", 500, since=date(2026, 11, 1), line=alpha.line)
    assert (last.name, last.window, last.until) == ("all", "month", date(2027, 3, 31))
    assert (example.targets[3].bound, example.targets[3].value) == ("max", 360)


def test_the_examples_own_facts_and_kpis_join_the_catalogue(example: Floor) -> None:
    catalogue = example.catalogue()
    calls, talk = catalogue.facts[-2:]
    assert (calls.name, calls.event, calls.add, calls.own) == ("long_calls", "call.ended", 1, True)
    assert calls.where == {"outcome": "answered", "talk_ms": {"at_least": 600_000}}
    assert (talk.add, talk.where) == ("talk_ms", {"queue": ["refunds", "returns"], "outcome": "answered"})
    share = catalogue.kpis["long_call_share"]
    assert (share.kind, share.unit, share.better, share.group) == (Kind.RATIO, Unit.RATIO, Better.LOWER, "own")
    assert share.title == {"en": "Long calls", "ja": "長時間通話率"}
    assert share.numerator.facts == ("long_calls",)
    assert share.denominator and share.denominator.facts == ("inbound_answered", "outbound_answered")
    assert share.scopes == tuple(Scope)


@pytest.mark.parametrize("text", ["", "# nothing\n", "~"])
def test_a_file_that_says_nothing_is_refused(text: str) -> None:
    """Emptied by mistake or by a full disk: with everything by default there would be other figures."""
    with pytest.raises(FloorError, match=r"^floor\.yaml:1: it says nothing: `{}` says "):
        parse(text.encode())


@pytest.mark.parametrize("text", ["floor:\nqueues:\ntargets: []\n", "# all of it by default\n{}"])
def test_what_is_absent_takes_defaults(text: str) -> None:
    found = floor(text)
    assert (found.timezone, found.currency, found.conversation_ms.latest) == ("UTC", "USD", 60_000)
    assert found.queue_policy("any") == QueuePolicy(20_000, 5_000, "abandons_count_against")
    assert found.calendar_of("any") is None and not found.targets
    assert found.catalogue() == Floor.default().catalogue()


def test_a_queue_inherits_what_it_does_not_set() -> None:
    found = floor("""
queues:
  sales: {threshold_seconds: 10}
  "*": {short_abandon_seconds: 7.5, service_level: abandons_ignored}
  support: {service_level: short_abandon_is_met}
  plain:
""")
    assert found.queue_policy("sales") == QueuePolicy(10_000, 7_500, "abandons_ignored")
    assert found.queue_policy("support") == QueuePolicy(20_000, 7_500, "short_abandon_is_met")
    assert found.queue_policy("plain") == found.queue_policy(None) == QueuePolicy(20_000, 7_500, "abandons_ignored")


def test_the_rules_judge_a_call_by_its_queue_and_one_without_as_unassigned() -> None:
    judge = judge_of(
        floor("""
queues:
  unassigned: {threshold_seconds: 1}
  support: {service_level: abandons_ignored}
""")
    )
    assert judge("support", "abandoned", 3_000) == (0, 0)
    assert judge("other", "abandoned", 3_000) == (0, 1)
    assert judge("other", "answered", 3_000) == (1, 1)
    assert judge(None, "answered", 3_000) == judge("unassigned", "answered", 3_000) == (0, 1)


def test_values_are_read_as_written_and_not_as_yaml_guesses() -> None:
    found = floor("""
floor: {name: 007}
calendars:
  c:
    shifts: {night: {days: [mon], start: 22:00, end: 6:00, breaks: [[23:45, 00:15]]}}
    holidays: {country: NO, dates: [2026-01-02]}
queues: {yes: {threshold_seconds: 010}, 12: {}}
""")
    (night,) = found.calendars["c"].shifts
    assert found.name == "007"
    assert (night.start, night.end, night.breaks) == (1320, 1800, ((1425, 1455),))
    assert (found.calendars["c"].country, found.calendars["c"].dates) == ("NO", frozenset({date(2026, 1, 2)}))
    assert found.queue_policy("yes").threshold_ms == 10_000 and "12" in found.queues


def test_a_shift_that_ends_when_it_starts_lasts_a_day_and_a_break_may_be_after_midnight() -> None:
    found = floor("""
calendars: {c: {shifts: {all: {days: [sun], start: "08:00", end: "08:00", breaks: [["03:00", "03:30"]]}}}}
""")
    (shift,) = found.calendars["c"].shifts
    assert (shift.end - shift.start, shift.breaks) == (1440, ((1620, 1650),))


def test_among_targets_of_one_name_a_later_from_and_another_window_are_ranks_of_their_own() -> None:
    found = floor("""
targets:
  - {kpi: dials, scope: floor, window: today, at_least: 10}
  - {kpi: dials, scope: floor, window: today, at_least: 20, from: 2026-11-01}
  - {kpi: dials, scope: floor, window: week, at_most: 0}
""")
    assert [target.value for target in found.targets] == [10, 20, 0]


def test_own_sums_of_amounts_take_the_floors_currency() -> None:
    found = floor("""
floor: {currency: JPY}
facts: {lost: {event: deal.stage_changed, where: {outcome: lost}, add: amount_minor}}
kpis: {lost_amount: {facts: [lost]}}
""")
    (lost,) = found.facts
    assert lost.where == {"outcome": "lost", "currency": "JPY"} and lost.places == ("lost", "lost.high")
    kpi = found.catalogue().kpis["lost_amount"]
    assert (kpi.unit, kpi.kind, kpi.numerator.divisor) == (Unit.CURRENCY, Kind.SUM, 1)


def test_an_own_kpi_has_the_scopes_that_all_its_events_have() -> None:
    found = floor("""
facts: {pauses: {event: rep.state_changed, where: {state: [break, meal]}}}
kpis:
  pauses_each_day: {facts: [pauses]}
  mails_a_call: {numerator: [emails_sent], denominator: [dials]}
  mixed: {numerator: [pauses_each_day], denominator: [emails_sent], unit: count}
""")
    scopes = {name: kpi.scopes for name, kpi in found.catalogue().kpis.items()}
    assert scopes["pauses_each_day"] == scopes["mixed"] == (Scope.FLOOR, Scope.TEAM, Scope.REP)
    assert scopes["mails_a_call"] == (Scope.FLOOR, Scope.TEAM, Scope.CAMPAIGN, Scope.REP)


def test_a_title_that_is_missing_is_the_other_languages_or_the_id() -> None:
    found = floor("kpis: {a: {title: {en: One}, facts: [dials]}, b: {facts: [dials]}}")
    titles = [kpi.title for kpi in found.kpis]
    assert titles == [{"en": "One", "ja": "One"}, {"en": "b", "ja": "b"}]


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(FloorError, match=r"none\.yaml: cannot be read: No such file or directory"):
        load(tmp_path / "none.yaml")


def test_a_file_that_never_ends_is_refused() -> None:
    with pytest.raises(FloorError, match="/dev/zero: cannot be read: it has more than 16 MiB"):
        load("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_to_be_read_again_must_be_a_file(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "floor.yaml")
    with pytest.raises(FloorError, match=r"cannot be read: (it is no file that could be read again|Is a directory)"):
        FloorFile(tmp_path / "floor.yaml", named=True)
