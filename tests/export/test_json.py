"""The JSON keeps to its contract: shapes, filters, instants, and refusals in words."""

from datetime import datetime
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request

from streams.export.judgement import Judgement, Judgements, NoTargets
from streams.view.open_calls import OpenCall
from streams.view.tables import Table
from tests.export.floor_page import CALLS, CRM, REPS, Exporter, call
from tests.view.floor_of_two import HOUR, MINUTE, NOON
from tests.view.stored import Happening

Client = TestClient[Request, Application]
KEYS = "kpi scope name window from to value numerator denominator unit target bound attainment pace forecast required_per_hour"
DAY = 24 * HOUR


async def asked(client: Client, path: str) -> Any:
    response = await client.get(path)
    assert response.status == 200, await response.text()
    assert response.content_type == "application/json"
    return await response.json()


async def kpis(exporter: Exporter, query: str = "") -> list[dict[str, Any]]:
    async with exporter.http() as client:
        return list((await asked(client, f"/api/kpis?{query}"))["kpis"])


async def refused(exporter: Exporter, path: str, status: int) -> Any:
    async with exporter.http() as client:
        response = await client.get(path)
        assert response.status == status
        assert response.content_type == "application/problem+json"
        problem = await response.json()
        assert problem["status"] == status
        assert problem["title"]
        return response.headers, problem["detail"]


async def test_a_row_has_all_its_fields_in_order() -> None:
    exporter = await Exporter().with_calls(call())
    (row,) = await kpis(exporter, "kpi=average_speed_of_answer&scope=team&window=today")
    assert " ".join(row) == KEYS
    assert row == {
        "kpi": "average_speed_of_answer",
        "scope": "team",
        "name": "a",
        "window": "today",
        "from": "2026-11-24T00:00:00+09:00",
        "to": "2026-11-24T21:01:00+09:00",
        "value": 10.0,
        "numerator": 10.0,
        "denominator": 1,
        "unit": "seconds",
        **dict.fromkeys(("target", "bound", "attainment", "pace", "forecast", "required_per_hour")),
    }


async def test_the_answer_says_when_and_what_is_stale() -> None:
    exporter = await Exporter().with_calls(call())
    del exporter.reader.rows[CRM]
    await exporter.refresh()
    async with exporter.http() as client:
        answer = await asked(client, "/api/kpis")
    assert list(answer) == ["at", "stale", "kpis"]
    assert answer["at"] == "2026-11-24T21:00:00+09:00"
    assert answer["stale"] == ["crm"]


async def test_without_filters_everything_is_there_reps_too() -> None:
    exporter = await Exporter().with_calls(call())
    rows = await kpis(exporter)
    assert {(row["scope"], row["name"]) for row in rows} == {
        ("floor", "all"), ("team", "a"), ("queue", "q"), ("campaign", "c"), ("rep", "r")
    }  # fmt: skip
    of_floor = [row for row in rows if row["scope"] == "floor"]
    assert len(of_floor) == 8 * len(exporter.view.kpis)
    assert len({(row["kpi"], row["scope"], row["name"], row["window"]) for row in rows}) == len(rows)


async def test_no_value_is_a_row_with_null_and_its_parts_stay() -> None:
    exporter = await Exporter().with_calls(call())
    (rate,) = await kpis(exporter, "kpi=connect_rate&scope=floor&window=5m")
    assert (rate["value"], rate["numerator"], rate["denominator"]) == (None, 0, 0)
    (median,) = await kpis(exporter, "kpi=handle_p90&scope=floor&window=5m")
    assert (median["value"], median["numerator"], median["denominator"]) == (None, None, None)


async def test_a_window_that_does_not_exist_now_has_rows_of_null() -> None:
    exporter = await Exporter().with_calls(call())
    (row,) = await kpis(exporter, "kpi=calls_answered&scope=floor&window=shift")
    assert (row["value"], row["from"], row["to"]) == (None, None, None)


async def test_a_count_has_no_parts() -> None:
    exporter = await Exporter().with_calls(call())
    (row,) = await kpis(exporter, "kpi=calls_answered&scope=floor&window=5m")
    assert (row["value"], row["numerator"], row["denominator"]) == (1, None, None)


async def test_amounts_are_exact_integers_of_any_size() -> None:
    exporter = Exporter()
    won = {"deals_won": 3, "leads_created": 2**60}
    exporter.reader.add(CRM, [Happening("crm", NOON, "a", "unassigned", "c", "r", won)])
    exporter.reader.add(CALLS, [])
    await exporter.refresh()
    async with exporter.http() as client:
        text = await (await client.get("/api/kpis?kpi=leads_created&scope=team&window=5m")).text()
    assert f'"value":{2**60},' in text


async def test_filters_repeat_and_combine() -> None:
    exporter = await Exporter().with_calls(call(), call(team="b"), call(team="c&=+ 営"))
    rows = await kpis(
        exporter, "scope=team&scope=floor&name=a&name=all&window=5m&window=1h&kpi=dials&kpi=calls_answered"
    )
    found = {(row["scope"], row["name"], row["window"], row["kpi"]) for row in rows}
    assert found == {
        (scope, name, window, kpi)
        for scope, name in (("team", "a"), ("floor", "all"))
        for window in ("5m", "1h")
        for kpi in ("dials", "calls_answered")
    }
    (odd,) = await kpis(exporter, "name=c%26%3D%2B%20%E5%96%B6&window=5m&kpi=dials")
    assert odd["name"] == "c&=+ 営"


async def test_single_figures_are_asked_for_each_with_its_own_window() -> None:
    exporter = await Exporter().with_calls(call(), call(team="b"))
    rows = await kpis(
        exporter, "figure=floor/5m/dials&figure=team/today/calls_answered&figure=team/1h/luck&figure=x/y/z"
    )
    assert [(row["scope"], row["name"], row["window"], row["kpi"]) for row in rows] == [
        ("floor", "all", "5m", "dials"),
        ("team", "a", "today", "calls_answered"),
        ("team", "b", "today", "calls_answered"),
    ]
    (row,) = await kpis(exporter, "figure=floor/5m/dials&figure=team/today/calls_answered&name=b&kpi=calls_answered")
    assert row["name"] == "b"


@pytest.mark.parametrize(
    ("kpi", "best"),
    [("calls_answered", ["a", "b"]), ("average_speed_of_answer", ["a", "c"]), ("connect_rate", [])],
)
async def test_of_a_figure_the_best_names_are_asked_for(kpi: str, best: list[str]) -> None:
    calls = [call(rep="a"), call(rep="a"), call(rep="b", wait_ms=20_000), call(rep="b"), call(rep="c")]
    exporter = await Exporter().with_calls(
        *calls, *(call(rep=name) for name in ("unassigned", "__other__") for _ in "123")
    )
    rows = await kpis(exporter, f"figure=rep/today/{kpi}/2")
    assert [row["name"] for row in rows] == best


@pytest.mark.parametrize(
    "figure",
    [
        "dials",
        "floor/5m",
        "floor/5m/dials/0",
        "floor/5m/dials/x",
        "floor/5m/dials/1/2",
        "floor/5m/a&figure=floor/5m/a/3",
    ],
)
async def test_figures_that_are_none_are_refused_in_words(figure: str) -> None:
    _, detail = await refused(await Exporter().with_calls(call()), f"/api/kpis?figure={figure}", 400)
    assert "figure" in detail


async def test_empty_filters_do_not_count() -> None:
    exporter = await Exporter().with_calls(call())
    assert await kpis(exporter, "at=&scope=&name=&window=&kpi=") == await kpis(exporter)


@pytest.mark.parametrize(
    "query", ["scope=nowhere", "name=nobody", "window=9m", "kpi=luck", "scope=queue&kpi=emails_sent"]
)
async def test_filters_that_match_nothing_give_an_empty_list(query: str) -> None:
    assert await kpis(await Exporter().with_calls(call()), query) == []


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-24T19:00:00%2B09:00",
        "2026-11-24T19:00:00+09:00",
        "2026-11-24T10:00:00Z",
        "2026-11-24t10:00:00.000999z",
        "2026-11-24T05:00:00-05:00",
    ],
)
async def test_an_earlier_instant_is_asked_for_in_any_writing(at: str) -> None:
    ten = NOON - 2 * HOUR
    exporter = await Exporter().with_calls(call(), call(ten), call(ten - HOUR))
    async with exporter.http() as client:
        answer = await asked(client, f"/api/kpis?at={at}&kpi=calls_answered&scope=floor&window=1h&window=today")
    assert answer["at"] == "2026-11-24T19:00:00+09:00"
    assert {row["window"]: row["value"] for row in answer["kpis"]} == {"1h": 1, "today": 2}
    assert {row["to"] for row in answer["kpis"]} == {"2026-11-24T19:01:00+09:00"}


async def test_an_instant_of_long_ago_has_whole_quarters() -> None:
    then = NOON - 5 * HOUR
    exporter = await Exporter().with_calls(call(then + 14 * MINUTE), call())
    (row,) = await kpis(exporter, "at=2026-11-24T07:01:30Z&kpi=calls_answered&scope=floor&window=5m")
    assert (row["from"], row["to"]) == ("2026-11-24T16:00:00+09:00", "2026-11-24T16:15:00+09:00")
    assert row["value"] == 1


@pytest.mark.parametrize(
    "at",
    [
        "yesterday",
        "2026-11-24T10:00:00",
        "2026-11-24",
        "1795521600",
        "2026-02-30T10:00:00Z",
        "%00",
        "2026-11-24T12:00:05.001Z",
        "2026-10-20T11:59:59.999Z",
    ],
)
async def test_an_instant_that_is_none_or_not_kept_is_refused_in_words(at: str) -> None:
    exporter = await Exporter(zone="UTC").with_calls(call())
    _, detail = await refused(exporter, f"/api/kpis?at={at}", 400)
    assert "at" in detail


@pytest.mark.parametrize("at", ["2026-11-24T12:00:05Z", "2026-10-20T12:00:00Z"])
async def test_the_edges_of_what_may_be_asked_are_answered(at: str) -> None:
    exporter = await Exporter(zone="UTC").with_calls(call())
    assert await kpis(exporter, f"at={at}&kpi=calls_answered&scope=floor")


async def test_the_future_is_measured_by_the_store_s_clock_as_it_goes_on() -> None:
    exporter = await Exporter(zone="UTC").with_calls(call())
    await refused(exporter, "/api/kpis?at=2026-11-24T12:00:08Z", 400)
    exporter.stopwatch.now_s += 3
    assert await kpis(exporter, "at=2026-11-24T12:00:08Z&kpi=calls_answered&scope=floor&window=5m")


async def test_judgements_stand_in_the_rows() -> None:
    class OneTarget(NoTargets):
        def __call__(self, table: Table, t_ms: int) -> Judgements:
            place = [kpi.id for kpi in table.kpis].index("calls_answered")
            return {(0, place): Judgement(40.0, "min", 0.5, 0.75, 80.0, 3.0)} if t_ms == NOON else {}

    exporter = await Exporter(judge=OneTarget()).with_calls(call())
    (row,) = await kpis(exporter, "kpi=calls_answered&scope=floor&window=5m")
    assert list(row.values())[-6:] == [40.0, "min", 0.5, 0.75, 80.0, 3.0]
    (row,) = await kpis(exporter, "kpi=calls_answered&scope=floor&window=5m&at=2026-11-24T11:59:59Z")
    assert list(row.values())[-6:] == [None] * 6


async def test_now_says_who_waits_talks_and_works() -> None:
    exporter = Exporter()
    encode = msgspec.msgpack.encode
    exporter.reader.packed_calls[CALLS] = {
        "x": encode(OpenCall(NOON - 61_500, "q", None, None, None, None, NOON - 61_500)),
        "y": encode(OpenCall(None, None, None, NOON, "a", "inbound", NOON)),
        "z": encode(OpenCall(NOON - 5 * HOUR, "q", None, None, None, None, NOON - 5 * HOUR)),
    }
    exporter.reader.packed_reps[REPS] = {"r": encode([(NOON, 1, "on_call", "a")])}
    exporter.reader.add(REPS, [])
    await exporter.with_calls(call())
    async with exporter.http() as client:
        answer = await asked(client, "/api/now")
    assert answer == {
        "at": "2026-11-24T21:00:00+09:00",
        "reps": [{"team": "a", "state": "on_call", "count": 1}],
        "waiting": [{"queue": "q", "count": 1, "longest_seconds": 61.5}],
        "active": [{"team": "a", "direction": "inbound", "count": 1}],
        "stale": {"calls": 1, "reps": 0},
    }


async def test_times_are_those_of_the_floor_to_the_millisecond() -> None:
    exporter = await Exporter(zone="America/St_Johns").with_calls(call())
    exporter.reader.clock_ms += 7
    await exporter.refresh()
    async with exporter.http() as client:
        at = (await asked(client, "/api/now"))["at"]
    assert at == "2026-11-24T08:30:00.007-03:30"
    assert datetime.fromisoformat(at).timestamp() * 1000 == NOON + 7


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/api/kpis",
        "/api/now",
        "/api/stream",
        "/api/catalogue",
        "/api/history?name=all&figure=floor/5m/dials",
    ],
)
async def test_before_the_store_was_read_there_is_nothing_to_show(path: str) -> None:
    headers, _ = await refused(Exporter(), path, 503)
    assert int(headers["Retry-After"]) >= 1


async def test_readiness_tells_its_reasons_and_liveness_does_not_wait() -> None:
    exporter = Exporter()
    async with exporter.http() as client:
        early = await client.get("/readyz")
        assert early.status == 503
        assert (await early.json())["reasons"] == ["the store has not been read yet"]
        assert (await client.get("/livez")).status == 200
        await exporter.with_calls(call())
        ready = await client.get("/readyz")
        assert (ready.status, (await ready.json())["reasons"]) == (200, [])


async def test_an_instant_that_must_be_read_waits_for_the_store() -> None:
    exporter = await Exporter().with_calls(call())
    exporter.reader.away = True
    headers, detail = await refused(exporter, "/api/kpis?at=2026-11-20T12:00:00Z", 503)
    assert "Retry-After" in headers
    assert "store" in detail


async def test_unknown_paths_and_methods_are_refused_in_the_same_words() -> None:
    exporter = await Exporter().with_calls(call())
    await refused(exporter, "/api/nothing", 404)
    async with exporter.http() as client:
        response = await client.post("/api/kpis")
        assert (response.status, response.content_type) == (405, "application/problem+json")
        assert "GET" in response.headers["Allow"]


async def test_the_front_page_leads_everywhere() -> None:
    exporter = await Exporter().with_calls(call())
    async with exporter.http() as client:
        text = await (await client.get("/")).text()
        for link in ("/metrics", "/api/kpis", "/api/now", "/livez", "/readyz"):
            assert f'href="{link}"' in text
            assert (await client.get(link)).status == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate", "gzip"), ("identity", None), ("gzip;q=0", None), ("br;q=1.0, GZIP;q=0.8", "gzip")],
)
async def test_the_page_is_compressed_for_who_asks(accepted: str, encoding: str | None) -> None:
    exporter = await Exporter().with_calls(call())
    async with exporter.http() as client:
        response = await client.get("/metrics", headers={"Accept-Encoding": accepted})
        assert response.headers.get("Content-Encoding") == encoding
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert await response.read() == exporter.text().encode()
