"""When an alert would have fired, and how that is told."""

from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from streams.alerts.backtest.ask import Report
from streams.alerts.backtest.firings import Firing, Tally, firings, shown
from streams.alerts.backtest.history import instants
from streams.alerts.backtest.rules import Rule
from streams.alerts.backtest.told import as_json, table
from streams.kpis.panes import QUARTER_MS

Q = QUARTER_MS
MINUTE = 60_000
END = 100 * Q
ALPHA = {"__name__": "kpi_value", "kpi": "dials", "scope": "team", "name": "alpha", "window": "1h", "title": "Dials", "unit": "count"}  # fmt: skip


@pytest.mark.parametrize(
    ("held_at", "minutes", "fired"),
    [
        ([4], 0, [(4 * 15, 5 * 15)]),
        ([4], 10, [(4 * 15 + 10, 5 * 15)]),
        ([4], 15, []),  # it held at one evaluation and not at the next
        ([4, 5], 15, [(5 * 15, 6 * 15)]),
        ([4, 5, 6, 7], 30, [(6 * 15, 8 * 15)]),
        ([4, 5, 7, 8], 15, [(5 * 15, 6 * 15), (8 * 15, 9 * 15)]),
        ([98, 99], 15, [(99 * 15, 100 * 15)]),
    ],
)
def test_an_alert_fires_once_it_has_held_for_longer_than_its_hold(
    held_at: list[int], minutes: int, fired: list[tuple[int, int]]
) -> None:
    found = firings([(ALPHA, [n * Q for n in held_at])], minutes * 60, END)
    assert [(one.from_ms // MINUTE, one.to_ms // MINUTE) for one in found] == fired


def test_nothing_fires_after_the_end_of_what_is_asked() -> None:
    held = [(ALPHA, [4 * Q])]
    assert firings(held, 0, 4 * Q + MINUTE) == [Firing(4 * Q, 4 * Q + MINUTE, shown(ALPHA))]
    assert firings(held, 600, 4 * Q + 10 * MINUTE) == []


def test_label_sets_fire_on_their_own_and_are_told_in_order_of_time() -> None:
    bravo = {**ALPHA, "name": "bravo"}
    found = firings([(ALPHA, [5 * Q]), (bravo, [4 * Q, 5 * Q])], 0, END)
    assert [(one.from_ms // Q, one.labels) for one in found] == [(4, "dials team bravo 1h"), (5, "dials team alpha 1h")]
    assert shown({"topic": "calls", "job": "x"}) == "job=x topic=calls"
    assert shown({}) == ""


def test_figures_are_looked_at_whenever_a_quarter_of_an_hour_ends() -> None:
    assert [*instants(Q, 3 * Q)] == [Q, 2 * Q]
    assert [*instants(Q + 1, 3 * Q + 1)] == [2 * Q, 3 * Q]
    assert not instants(Q + 1, 2 * Q)


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        ("kpi_value < 1", ""),
        ("kpi_value < 1 unless on () max(floorcast_stale) == 1", ""),
        ("floorcast_stale == 1", "not in history: it asks for no figures"),
        ("vector(1)", "not in history: it asks for no figures"),
        ("kpi_value < 1 and on () up == 1 or a:b > 0", "not in history: a:b, up"),
    ],
)
def test_a_rule_that_asks_for_what_is_not_stored_says_so(expr: str, reason: str) -> None:
    assert Rule("A", expr, 0).unanswerable == reason


REPORT = Report(
    0,
    8 * Q,
    ZoneInfo("Asia/Tokyo"),
    [
        Tally("Often", [Firing(0, Q, "a"), Firing(Q, 3 * Q, "b"), Firing(4 * Q, 5 * Q, "a")]),
        Tally("Never"),
        Tally("Unknown", unanswerable="not in history: up"),
    ],
)


def test_people_see_how_often_for_how_long_and_for_whom() -> None:
    console = Console(file=StringIO(), width=150)
    console.print(table(REPORT))
    lines = [line.split() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert lines[1:] == [
        ["Often", "3", "1:00:00", "Thu", "1970-01-01", "09:00", "Thu", "1970-01-01", "10:00", "a", "(2),", "b", "(1)"],
        ["Never", "0", "–", "–", "–"],
        ["Unknown", "–", "–", "–", "–", "not", "in", "history:", "up"],
    ]


def test_programs_are_told_every_firing_and_nothing_of_what_is_unknown() -> None:
    often, never, unknown = as_json(REPORT)["alerts"]
    assert (often["fired"], often["total_seconds"], len(often["firings"])) == (3, 3600, 3)
    assert often["firings"][1] == {
        "from": "1970-01-01T09:15:00+09:00",
        "to": "1970-01-01T09:45:00+09:00",
        "labels": "b",
    }
    assert (never["fired"], never["total_seconds"], never["firings"]) == (0, 0, [])
    assert (unknown["fired"], unknown["total_seconds"], unknown["firings"], unknown["note"]) == (
        None,
        None,
        None,
        "not in history: up",
    )
