"""An explanation as people read it: everything is there, and as many lines as fit."""

from typing import Any

import msgspec
import pytest
from rich.console import Console

from streams.explain.explanation import Explanation, PaneSum
from streams.explain.screen import picture
from streams.explain.stretches import FITTING, stretches
from tests.explain.floor import explained, exporter
from tests.explain.test_api import SERVICE_LEVEL
from tests.export.floor_page import REPS
from tests.view.floor_of_two import MINUTE, NOON


def lines(told: Any) -> list[str]:
    """Return what a wide terminal shows, without runs of blanks."""
    console = Console(width=240, no_color=True)
    with console.capture() as captured:
        console.print(picture(msgspec.convert(told, Explanation)))
    return [" ".join(line.split()) for line in captured.get().splitlines()]


async def test_a_ratio_is_shown_with_everything_that_is_told() -> None:
    found = lines(await explained(await exporter(), **SERVICE_LEVEL))
    for wanted in (
        "service_level · queue support · 30m 66.7%",
        "formula service_level_met ÷ service_level_of",
        "window from 2026-11-24T20:31:00+09:00 until before 2026-11-24T21:01:00+09:00",
        "service_level_met 2 call.ended where direction inbound: 1 to met, by the policy of the call's queue",
        "20:40–20:41 1 1",
        "21:00–21:01 1 2",
        "calls 0 0 0",
    ):
        assert wanted in found
    assert any(
        line.startswith("target at least 90.0%, attained 74.1% floor.yaml:") and "queue support, 30m from 2026" in line
        for line in found
    )
    assert any(
        line.startswith("support 2 3 short_abandon_ignored, in 30 s, short up to 5 s; from 2026-11-24T20:45")
        for line in found
    )


@pytest.mark.parametrize(
    ("kpi", "words"),
    [
        ("customers_covered", "different customers 2 2 in calls"),
        ("wait_p90", "4 values; rank ⌈0.9 · 4⌉ = 4 lies among the 1 from "),
        ("handle_p90", "no values"),
        ("average_speed_of_answer", "together 68 000 ÷ 1 000 = 68"),
        ("connect_rate", "no value the denominator is 0"),
        ("calls_answered", "target none applies"),
    ],
)
async def test_each_kind_is_shown_in_its_own_words(kpi: str, words: str) -> None:
    found = lines(await explained(await exporter(), kpi=kpi, scope="floor", window="30m"))
    assert any(line.startswith(words) for line in found), found


async def test_states_that_last_are_shown_one_by_one_up_to_a_dozen() -> None:
    made = await exporter()
    reps = {f"rep-{n:02}": msgspec.msgpack.encode([(NOON - MINUTE, n, "on_call", "a")]) for n in range(14)}
    made.reader.add(REPS, [], reps=reps)
    await made.refresh()
    found = lines(await explained(made, kpi="occupancy", scope="floor", window="30m"))
    assert "rep-11 a on_call 2026-11-24T20:59:00+09:00 60 000" in found
    assert "and 2 more 120 000" in found
    assert any("(of it 840 000 still open)" in line for line in found)


async def test_a_window_that_does_not_exist_says_why() -> None:
    found = lines(await explained(await exporter(), kpi="calls_answered", scope="floor", window="shift"))
    assert "window no shift is on at this instant" in found


def pane(from_: str, to: str, count: int = 1) -> PaneSum:
    return PaneSum("q:0", from_, to, {"dials": count}, {}, {}, 0, count, None)


def quarters(days: int) -> list[PaneSum]:
    """Return whole days of quarters."""
    times = [f"2026-11-{day + 1:02}T{hour:02}:{minute:02}:00+09:00" for day in range(days) for hour in range(24)
             for minute in (0, 15, 30, 45)]  # fmt: skip
    return [pane(time, time) for time in times]


@pytest.mark.parametrize(
    ("panes", "first", "count"),
    [
        (quarters(1)[:40], "00:00–00:00", 40),
        (quarters(1)[:41], "00h", 11),
        (quarters(2), "2026-11-01", 2),
        (quarters(30), "2026-11-01", 30),
    ],
)
def test_panes_are_put_together_until_they_fit(panes: list[PaneSum], first: str, count: int) -> None:
    found = stretches(panes)
    assert (found[0].time, len(found)) == (first, count)
    assert len(found) <= FITTING
    assert sum(one.numerator for one in found) == sum(one.facts["dials"] for one in found) == len(panes)


def test_an_hour_that_dst_repeats_stays_two() -> None:
    twice = [pane(f"2026-10-25T02:00:00{offset}", f"2026-10-25T02:15:00{offset}") for offset in ("+02:00", "+01:00")]
    assert [one.time for one in stretches(twice)] == ["02:00–02:15"] * 2
