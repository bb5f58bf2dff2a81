"""What is wrong with floor.yaml is told with its line, the reason and the nearest valid name: all of it at once."""

import pytest

from streams.floor import FloorError, parse
from streams.floor.reading import DEEP

SHIFT = "calendars: {c: {shifts: {s: {days: [mon], start: '09:00', end: '18:00'%s}}}}"
TARGET = "targets: [{kpi: dials, scope: team, name: a, window: 1h, at_least: 3%s}]"
FACT = "facts: {f: {event: call.ended, where: {%s}, add: 1}}"
KPI = "kpis: {k: {%s}}"

REFUSED = {
    # keys
    "flor: {}": "unknown key 'flor' in the configuration; did you mean 'floor'?",
    "floor: {time_zone: UTC}": "unknown key 'time_zone' in floor; did you mean 'timezone'?",
    "queues: {q: {threshold: 3}}": "unknown key 'threshold' in queue 'q'; did you mean 'threshold_seconds'?",
    "queues: {q: {}, q: {}}": "'q' stands twice in queues: first on line 1",
    "floor: {name: a, name: b}": "'name' stands twice in floor: first on line 1",
    "facts: {f: {event: call.ended}, f: {event: call.ended}}": "'f' stands twice in facts",
    FACT % "rep: a, rep: b": "'rep' stands twice in where of fact 'f'",
    "queues: [a]": "queues must be a mapping of keys to values",
    "targets: {}": "targets must be a list",
    "? [a]\n: b": "a key of the configuration must be text",
    "teams: {'*': {calendar: c}}\ncalendars: {c: {shifts: {s: {days: [mon], start: 9:00, end: 9:15}}}}": (
        "a team's calendar needs the team's name"
    ),
    # values
    "floor: {name: ''}": "name: must be text",
    "floor: {timezone: Asia/Tokio}": "unknown time zone 'Asia/Tokio'; did you mean 'Asia/Tokyo'?",
    "floor: {timezone: localtime}": "unknown time zone 'localtime'",
    'floor: {name: "a\\ud800"}': "'a\\ud800' is no text: half a character",
    'queues: {"a\\ud800": {}}': "'a\\ud800' in queues is no text: half a character",
    "floor: {currency: jpy}": "unknown currency (ISO 4217) 'jpy'; did you mean 'JPY'?",
    "floor: {currency: XAU}": "unknown currency (ISO 4217) 'XAU'",
    "floor: {conversation_seconds: -1}": "'-1' must be 0 to 86400 seconds",
    "floor: {conversation_seconds: 0.0001}": "must be 0 to 86400 seconds, in whole milliseconds",
    "floor: {conversation_seconds: '60'}": "'60' is no number",
    "floor: {conversation_seconds: .inf}": "'.inf' is no number",
    "floor: {calendar: ofice}\n" + SHIFT.replace("c:", "office:") % "": (
        "there is no calendar 'ofice'; did you mean 'office'?"
    ),
    "queues: {q: {service_level: abandon_ignored}}": "did you mean 'abandons_ignored'?",
    "queues: {__q: {}}": "'__q' is no name",
    "teams: {t: {calendar: c}}": "there is no calendar 'c'",
    # calendars
    SHIFT % ", ends: 3": "unknown key 'ends' in shift 's'; did you mean 'end'?",
    SHIFT.replace("18:00", "24:00") % "": "'24:00' is an impossible time; midnight is 00:00",
    SHIFT.replace("18:00", "18:60") % "": "'18:60' is an impossible time",
    SHIFT.replace("18:00", "6pm") % "": "'6pm' is no time of day like 09:00",
    SHIFT.replace("18:00", "18:10") % "": "'18:10' is not on a quarter hour",
    SHIFT.replace("mon", "monday") % "": "unknown weekday 'monday'; did you mean 'mon'?",
    SHIFT.replace("mon", "mon, mon") % "": "mon stands twice in days of shift 's'",
    SHIFT.replace("[mon]", "[]") % "": "shift 's' needs at least one weekday",
    SHIFT.replace("days: [mon], ", "") % "": "shift 's' lacks days",
    SHIFT % ", breaks: [['12:05', '13:00']]": "'12:05' is not on a quarter hour",
    SHIFT % ", breaks: [['17:00', '18:15']]": "the break 17:00-18:15 is impossible: it must lie within its shift",
    SHIFT % ", breaks: [['08:00', '09:15']]": "the break 08:00-09:15 is impossible",
    SHIFT % ", breaks: [['12:00', '12:00']]": "the break 12:00-12:00 is impossible",
    SHIFT.replace("18:00", "09:00") % ", breaks: [['09:00', '09:00']]": "the break 09:00-09:00 is impossible",
    SHIFT % ", breaks: ['12:00']": "a break is a list of two times",
    "calendars: {c: {}}": "calendar 'c' needs shifts",
    "calendars: {c: {shifts: {}}}": "calendar 'c' needs at least one shift",
    SHIFT.replace("{shifts", "{timezone: Mars, shifts") % "": "unknown time zone 'Mars'",
    SHIFT.replace("{shifts", "{holidays: {country: Japan}, shifts") % "": "unknown country 'Japan'",
    SHIFT.replace("{shifts", "{holidays: {dates: [2026-02-30]}, shifts")
    % "": "'2026-02-30' is no date like 2026-11-01",
    # targets
    TARGET.replace("dials", "dails") % "": "unknown KPI 'dails'; did you mean 'dials'?",
    TARGET.replace("team", "teams") % "": "unknown scope 'teams'; did you mean 'team'?",
    TARGET.replace("1h", "2h") % "": "unknown window '2h'; valid: 5m, 15m, 30m, 1h, today, shift, week, month",
    TARGET.replace("name: a, ", "") % "": "target in scope team lacks name",
    TARGET.replace("team", "floor") % "": "scope floor has no name",
    TARGET.replace("dials", "emails_sent").replace("team", "queue") % "": (
        "emails_sent has no scope queue; valid: floor, team, campaign, rep"
    ),
    TARGET.replace("1h", "shift") % "": "window shift needs a calendar",
    TARGET.replace("at_least: 3", "at_least: 0") % "": "at_least must be above 0",
    TARGET.replace("at_least: 3", "at_least: -0.5") % "": "at_least must be above 0",
    TARGET.replace("at_least: 3", "at_least: 80%%") % "": "'80%' is no number",
    TARGET.replace("at_least: 3", "at_least: []") % "": "at_least: must be a number",
    TARGET % ", at_most: 9": "target needs either at_least or at_most",
    TARGET.replace(", at_least: 3", "") % "": "target needs either at_least or at_most",
    TARGET.replace("kpi: dials, ", "") % "": "target lacks kpi",
    TARGET % ", from: tomorrow": "'tomorrow' is no date",
    TARGET % ", from: 2026-11-02, until: 2026-11-01": "until 2026-11-01 is before from 2026-11-02",
    # own facts
    "facts: {f: {event: call.end}}": "unknown event 'call.end'; did you mean 'call.ended'?",
    "facts: {f: {add: 1}}": "fact 'f' lacks event",
    "facts: {talk_ms: {event: call.ended}}": "'talk_ms' is built in",
    "facts: {open_rate: {event: call.ended}}": "'open_rate' is built in",
    "facts: {9f: {event: call.ended}}": "'9f' must begin with a letter",
    FACT % "outcom: answered": "call.ended has no field 'outcom'; did you mean 'outcome'?",
    FACT % "outcome: answerd": "unknown outcome 'answerd'; did you mean 'answered'?",
    FACT % "talk_ms: long": "'long' is no number",
    FACT % "talk_ms: 1.5": "'1.5' must be a whole number",
    FACT % "talk_ms: 99999999": "talk_ms can never be 99999999",
    FACT % "rep: []": "an empty list matches no rep",
    FACT % "rep: {at_least: 3}": "at_least and below are for numbers: rep is none",
    FACT % "talk_ms: {least: 3}": "unknown bound 'least'; did you mean 'at_least'?",
    FACT % "talk_ms: {at_least: 3, below: 3}": "no talk_ms can be within these bounds",
    FACT % "talk_ms: {}": "bounds of talk_ms need at_least or below",
    FACT.replace("add: 1", "add: 2") % "": "add must be 1 or a number that call.ended has, not '2'",
    FACT.replace("add: 1", "add: queue") % "": "add must be 1 or a number that call.ended has, not 'queue'",
    FACT.replace("add: 1", "add: talk") % "": "did you mean 'talk_ms'?",
    "facts: {f: {event: email.opened, where: {machine: 0}}}": "'0' must be true or false",
    "facts: {f: {event: deal.stage_changed, where: {currency: EUR}, add: amount_minor}}": (
        "takes the floor's currency only, which is USD"
    ),
    # own KPIs
    KPI % "facts: [dails]": "there is no fact or KPI 'dails'; did you mean 'dials'?",
    KPI
    % "numerator: [open_rate], denominator: [dials]": "a ratio of ratios cannot be expressed: 'open_rate' is a ratio",
    KPI % "facts: [unique_opens, unique_clicks]": "a sum of distinct counts cannot be expressed",
    KPI % "facts: [talk_ms, dials]": "a sum of seconds and counts has no unit",
    KPI % "facts: [dials], unit: ratio": "unit ratio does not fit: the figure is in count",
    KPI % "facts: [dials], unit: number": "unknown unit 'number'; valid: count, ratio, seconds, currency, per_hour",
    KPI % "facts: [dials], better: high": "unknown word for what is better 'high'; did you mean 'higher'?",
    KPI % "facts: [dials], numerator: [dials]": "needs either facts, or numerator and denominator",
    KPI % "numerator: [dials]": "needs either facts, or numerator and denominator",
    KPI % "facts: dials": "facts of KPI 'k' must be a list",
    KPI % "facts: [dials, dials]": "'dials' stands twice in facts of KPI 'k'",
    KPI % "facts: [dials], title: {de: Wahl}": "unknown key 'de' in title of KPI 'k'; valid: en, ja",
    "kpis: {dials: {facts: [dials]}}": "'dials' is built in",
    "kpis: {k: {facts: [m]}, m: {facts: [dials]}}": "the KPI on line 1 must stand above this one",
    "kpis: {r: {numerator: [dials], denominator: [emails_sent]}, k: {facts: [r]}}": "a ratio of ratios",
}


def problems(text: str) -> tuple[tuple[int, str], ...]:
    with pytest.raises(FloorError) as error:
        parse(text.encode(), "floor.yaml")
    assert all(problem.file == "floor.yaml" for problem in error.value.problems)
    return tuple((problem.line, problem.reason) for problem in error.value.problems)


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_it_is_refused_with_its_line_and_reason(text: str, reason: str) -> None:
    ((line, said),) = problems("# a comment\n\n" + text)
    assert line == 3
    assert reason.replace("line 1", "line 3") in said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("floor: {name: [}", 1),
        ("a: 1\nb: @\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: &x 1\nb: *y\n", 2),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int) -> None:
    ((found, reason),) = problems(text)
    assert found == line and reason.startswith("no valid YAML: ")


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    with pytest.raises(FloorError, match=r"^f\.yaml:2: no valid YAML: "):
        parse(b"floor:\n  name: \xff\xfe\n", "f.yaml")


def test_nesting_beyond_reason_is_a_refusal_and_not_a_crash() -> None:
    assert problems("[" * 5000) == ((1, "no valid YAML: it is nested too deeply"),)
    ((line, reason),) = problems("targets:\n" + " [\n" * 5000)
    assert line == 1 + DEEP and reason == "no valid YAML: it is nested too deeply"


def test_a_list_that_holds_itself_is_a_refusal_and_not_a_crash() -> None:
    assert problems("targets: &t [*t]") == ((1, "target must be a mapping of keys to values"),)


def test_overlapping_targets_of_the_same_rank_are_refused_whatever_their_bound() -> None:
    text = """targets:
  - {kpi: dials, scope: team, name: a, window: 1h, at_least: 3}
  - {kpi: dials, scope: team, name: a, window: 1h, at_most: 5, until: 2026-11-30}
  - {kpi: dials, scope: team, name: "*", window: 1h, at_least: 3}
"""
    ((line, reason),) = problems(text)
    assert line == 3 and reason.startswith("overlaps the target on line 2, which is of the same rank")


def test_a_shift_target_of_one_team_needs_that_teams_calendar() -> None:
    text = """
calendars: {c: {shifts: {s: {days: [mon], start: "09:00", end: "18:00"}}}}
teams: {a: {calendar: c}}
targets:
  - {kpi: dials, scope: team, name: a, window: shift, at_least: 3}
  - {kpi: dials, scope: team, name: "*", window: shift, at_least: 3}
  - {kpi: dials, scope: team, name: b, window: shift, at_least: 3}
  - {kpi: dials, scope: queue, name: a, window: shift, at_least: 3}
"""
    assert [line for line, _ in problems(text)] == [7, 8]


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    text = """
queues: {q: {treshold_seconds: 3}}
floor: {timezone: Nowhere}
targets:
  - {kpi: dails, scope: floor, window: today, at_least: 0}
"""
    found = problems(text)
    assert [line for line, _ in found] == [2, 3, 5, 5]


def test_nothing_more_is_said_about_what_builds_on_something_refused() -> None:
    text = """
facts: {f: {event: call.end}}
kpis: {k: {facts: [f]}, m: {facts: [k]}}
targets: [{kpi: m, scope: floor, window: today, at_least: 1}]
"""
    assert [line for line, _ in problems(text)] == [2]


def test_the_error_reads_as_a_list_of_places_and_reasons() -> None:
    with pytest.raises(FloorError) as error:
        parse(b"flor: 1\nqueue: 2\n", "my/floor.yaml")
    assert str(error.value) == (
        "my/floor.yaml:1: unknown key 'flor' in the configuration; did you mean 'floor'?\n"
        "my/floor.yaml:2: unknown key 'queue' in the configuration; did you mean 'queues'?"
    )
