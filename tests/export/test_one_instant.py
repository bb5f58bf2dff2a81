"""An answer of many tables is about one instant, also where the figures move on while it is made."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest

from streams.export.answers import Answers
from streams.export.query import Filters
from streams.export.updates import Boards
from streams.view.view import View
from tests.export.floor_page import CALLS, Exporter, call
from tests.view.floor_of_two import MINUTE, NOON

TEAMS = 25
"""Enough for others to be served between the tables of teams."""
EVERYTHING = Filters()
Ask = Callable[[Exporter], Awaitable[dict[str, Any]]]


async def now(exporter: Exporter) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await Answers(exporter.view).kpis(EVERYTHING))
    return answer


async def at_an_instant(exporter: Exporter) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await Answers(exporter.view).kpis(EVERYTHING, NOON))
    return answer


async def to_a_board(exporter: Exporter) -> dict[str, Any]:
    message = await Boards(exporter.view, Answers(exporter.view)).message(EVERYTHING)
    answer: dict[str, Any] = json.loads(message.event[6:])
    return answer


async def moved_on(exporter: Exporter) -> None:
    """When whoever asks has begun, let a minute begin, with a call of every team in it."""
    for _ in range(3):
        await asyncio.sleep(0)
    exporter.reader.clock_ms += MINUTE
    exporter.reader.add(CALLS, [call(NOON + MINUTE, team=f"t{number}") for number in range(TEAMS)])
    await exporter.view.refresh()


async def asked_meanwhile(ask: Ask) -> dict[str, Any]:
    exporter = await Exporter().with_calls(*(call(team=f"t{number}") for number in range(TEAMS)))
    answer, _ = await asyncio.gather(ask(exporter), moved_on(exporter))
    assert exporter.view.figures.t_ms == NOON + MINUTE
    return answer


def is_of_one_instant(answer: dict[str, Any]) -> bool:
    calls = [row for row in answer["kpis"] if (row["kpi"], row["window"]) == ("calls_answered", "today")]
    sums = {scope: sum(row["value"] for row in calls if row["scope"] == scope) for scope in ("floor", "team", "rep")}
    minute_ends = datetime.fromisoformat(answer["at"]) + timedelta(minutes=1)
    ends = {datetime.fromisoformat(row["to"]) for row in answer["kpis"] if row["to"]}
    return ends == {minute_ends} and len(set(sums.values())) == 1


@pytest.mark.parametrize("ask", [now, at_an_instant, to_a_board])
async def test_an_answer_is_of_one_instant(ask: Ask) -> None:
    assert is_of_one_instant(await asked_meanwhile(ask))


@pytest.mark.parametrize("ask", [now, at_an_instant, to_a_board])
async def test_a_view_that_moves_on_between_tables_is_noticed(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    init = View.__init__

    def without_lock(self: View, *arguments: Any, **named: Any) -> None:
        init(self, *arguments, **named)
        self._reading = nullcontext()  # type: ignore[assignment]

    monkeypatch.setattr(View, "__init__", without_lock)
    assert not is_of_one_instant(await asked_meanwhile(ask))
