"""The values at the ends of the last quarters are those of `/api/kpis?at=`, and cost little."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from yarl import URL

from streams.export.history import KEPT_S, History
from streams.export.query import Filters
from streams.kpis.panes import QUARTER_MS
from tests.export.floor_page import CALLS, Exporter, call
from tests.view.floor_of_two import NOON

CURVES = "figure=floor/today/calls_answered&figure=team/30m/connect_rate&figure=team/5m/calls_answered&name=all&name=a"
SOME = [call(NOON - quarters * QUARTER_MS - 1000, team="ab"[quarters % 2]) for quarters in range(12)]
LATE = call(NOON - 3 * QUARTER_MS - 2000)


async def asked(exporter: Exporter, query: str = CURVES) -> Any:
    async with exporter.http() as client:
        response = await client.get(f"/api/history?{query}")
        return response.status, await response.json()


async def test_a_curve_has_the_values_that_were_shown_at_the_end_of_each_quarter() -> None:
    exporter = await Exporter(zone="UTC").with_calls(*SOME, call())
    _, answer = await asked(exporter)
    assert answer["ends"][0] == "2026-11-24T09:30:00+00:00"
    assert answer["ends"][-1] == "2026-11-24T12:00:00+00:00"
    assert len(answer["series"]) == 3
    async with exporter.http() as client:
        for place, end in enumerate(answer["ends"]):
            at = (datetime.fromisoformat(end) - timedelta(milliseconds=1)).isoformat()
            for curve in answer["series"]:
                about = {field: curve[field] for field in ("kpi", "scope", "name", "window")}
                (row,) = (await (await client.get("/api/kpis", params={"at": at, **about})).json())["kpis"]
                assert row["to"] == end
                assert row["value"] == curve["values"][place], (curve, end)
    values = {curve["window"]: curve["values"] for curve in answer["series"]}
    assert values["today"] == list(range(2, 13))
    assert set(values["30m"]) == {None}


async def test_boards_share_what_was_made_until_late_events_may_show() -> None:
    exporter = await Exporter(zone="UTC").with_calls(*SOME)
    asks: list[int] = []
    at = exporter.view.at

    async def counted(t_ms: int) -> Any:
        asks.append(t_ms)
        return await at(t_ms)

    exporter.view.at = counted  # type: ignore[method-assign,assignment]
    now_s = 0.0
    history = History(exporter.view, lambda: now_s)

    async def today() -> Any:
        answer = json.loads(await history.answer(Filters.of(URL(f"?{CURVES}").query)))
        return next(one["values"] for one in answer["series"] if one["window"] == "today")

    first = await today()
    assert len(asks) == 11
    exporter.reader.add(CALLS, [LATE])
    await exporter.refresh()
    assert await today() == first
    assert len(asks) == 11
    now_s = KEPT_S
    assert await today() == [*first[:-1], first[-1] + 1]
    assert len(asks) == 12
    now_s = QUARTER_MS / 1000
    assert await today() == [*first[:-3], *(value + 1 for value in first[-3:])], "half an hour ago: kept half as long"
    assert len(asks) == 15


async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = await Exporter().with_calls(*SOME)
    cells = len(exporter.view.figures.table("floor", "today").kpis)
    monkeypatch.setattr("streams.export.history.CELLS_KEPT", 3 * cells)
    history = History(exporter.view)
    await history.answer(Filters.of(URL("?figure=floor/today/dials&name=all").query))
    assert len(history._kept) == 3


@pytest.mark.parametrize("wrong", ["", "figure=floor/5m/dials", "name=all", "figure=floor/5m&name=all"])
async def test_a_history_of_everything_is_refused(wrong: str) -> None:
    status, answer = await asked(await Exporter().with_calls(call()), wrong)
    assert status == 400
    assert "figure" in answer["detail"]


async def test_too_many_curves_are_refused() -> None:
    names = [f"team {number}" for number in range(51)]
    exporter = await Exporter().with_calls(*(call(team=name) for name in names))
    figures = "&".join(f"figure=team/5m/{kpi.id}" for kpi in exporter.view.kpis[:10])
    status, answer = await asked(exporter, figures + "&" + "&".join(f"name={name}" for name in names))
    assert (status, answer["detail"]) == (400, "510 series are asked for, 500 at most can be")


@pytest.mark.parametrize("nothing", ["luck/5m/dials", "floor/9m/dials", "floor/5m/luck", "queue/5m/emails_sent"])
async def test_what_does_not_exist_has_no_curve(nothing: str) -> None:
    status, answer = await asked(await Exporter().with_calls(call()), f"figure={nothing}&name=all&name=q")
    assert (status, answer["series"]) == (200, [])
