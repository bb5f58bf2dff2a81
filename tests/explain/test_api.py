"""`/api/explain`: the row of `/api/kpis`, what it is made of, and refusals in words."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from streams.store.protocol import IRREGULAR, StoredPane
from tests.explain.floor import EARLIER, FLOOR, explained, exporter, inbound, refused, served
from tests.export.floor_page import CALLS, REPS
from tests.view.floor_of_two import HOUR, MINUTE, NOON

SERVICE_LEVEL = {"kpi": "service_level", "scope": "queue", "name": "support", "window": "30m"}


async def test_a_ratio_is_told_down_to_its_panes_policies_and_target() -> None:
    made = await exporter()
    told = await explained(made, **SERVICE_LEVEL)
    assert told["figure"] == await served(made, **SERVICE_LEVEL)
    assert (told["figure"]["numerator"], told["figure"]["denominator"]) == (2, 3)
    assert told["formula"] == "service_level_met ÷ service_level_of"
    assert told["definition"].startswith("Inbound calls")
    assert (told["figure"]["from"], told["figure"]["to"]) == ("2026-11-24T20:31:00+09:00", "2026-11-24T21:01:00+09:00")
    assert [(pane["from"], pane["numerator"], pane["denominator"]) for pane in told["panes"]] == [
        ("2026-11-24T20:40:00+09:00", 1, 1),
        ("2026-11-24T21:00:00+09:00", 1, 2),
    ]
    assert told["panes"][0]["pane"] == f"m:{EARLIER // MINUTE}"
    assert told["panes"][1]["facts"] == {"service_level_met": 1, "service_level_of": 2}
    (queue,) = told["queues"]
    assert (queue["queue"], queue["met"], queue["of"]) == ("support", 2, 3)
    assert [(one["since"], one["policy"], one["threshold_seconds"]) for one in queue["policies"]] == [
        (None, "short_abandon_ignored", 30),
        ("2026-11-24T20:45:00+09:00", "short_abandon_ignored", 20),
    ]
    line = next(n for n, one in enumerate(FLOOR.targets) if one.name == "support")
    rule = told["rule"]
    assert (rule["file"], rule["line"], rule["target"]) == ("floor.yaml", FLOOR.targets[line].line, 0.9)
    assert (rule["name"], rule["from"], rule["until"]) == ("support", "2026-11-01", None)


async def test_a_definition_that_changed_in_the_window_is_told_by_both_versions_and_after_it_by_the_last() -> None:
    made = await exporter()
    for at, count in (("2026-11-24T20:44:00+09:00", 1), ("2026-11-24T20:45:00+09:00", 2)):
        told = await explained(made, **SERVICE_LEVEL, at=at)
        assert len(told["queues"][0]["policies"]) == count
    told = await explained(made, **{**SERVICE_LEVEL, "window": "15m"})
    assert [one["threshold_seconds"] for one in told["queues"][0]["policies"]] == [20]


async def test_an_own_fact_is_told_though_it_is_named_as_what_is_irregular() -> None:
    made = await exporter()
    told = await explained(made, kpi="lates", scope="floor", window="30m")
    assert (told["figure"]["value"], told["numerator"]["sum"]) == (2, 2)
    (fact,) = told["numerator"]["facts"]
    assert fact["counted"] == [{"since": None, "where": "outcome answered", "adds": "1"}]


async def test_only_its_own_topics_are_told_and_parked_records_by_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    made = await exporter()
    panes = made.reader.panes

    async def dirty(wanted: Any) -> list[StoredPane]:
        found = await panes(wanted)
        for (partition, pane), content in zip(wanted, found, strict=True):
            if pane == f"m:{NOON // MINUTE}":
                content.own[IRREGULAR] = {"late": 1, "duplicate": 2, "parked:not_json": 3, "parked:future": 4}
            assert partition.topic == "calls"
        return found

    monkeypatch.setattr(made.reader, "panes", dirty)
    told = await explained(made, **SERVICE_LEVEL)
    parked = {"future": 4, "not_json": 3}
    assert told["irregular"] == [{"topic": "calls", "late": 1, "duplicate": 2, "parked": parked}]
    assert (await explained(made, **SERVICE_LEVEL, at="2026-11-24T20:59:00+09:00"))["irregular"][0]["parked"] == {}


async def test_a_distinct_count_is_the_union_of_its_panes() -> None:
    made = await exporter()
    told = await explained(made, kpi="customers_covered", scope="floor", window="30m")
    assert told["figure"] == await served(made, kpi="customers_covered", scope="floor", window="30m")
    assert told["numerator"]["distinct"] == {"distinct": "customers", "topics": {"calls": 2}, "sum": 2}
    assert [(pane["distinct"], pane["new"]) for pane in told["panes"]] == [
        ({"customers": 2}, {"customers": 2}),
        ({"customers": 2}, {"customers": 0}),
    ]


async def test_a_quantile_is_told_by_its_rank() -> None:
    made = await exporter()
    told = await explained(made, kpi="wait_p90", scope="floor", window="30m")
    rank = told["rank"]
    assert told["figure"] == await served(made, kpi="wait_p90", scope="floor", window="30m")
    assert (rank["n"], rank["rank"], rank["below"], rank["above"], rank["bucket"]["count"]) == (4, 4, 3, 0, 1)
    assert rank["bucket"]["from"] <= told["figure"]["value"] <= rank["bucket"]["to"]
    assert [bucket["count"] for bucket in rank["buckets"]] == [2, 1, 1]
    assert told["numerator"] is None


async def test_a_state_that_lasts_is_told_by_rep_and_counted_to_the_instant() -> None:
    made = await exporter()
    pack = msgspec.msgpack.encode
    reps = {
        "ann": pack([(NOON - 10 * MINUTE, 1, "on_call", "a")]),
        "bob": pack([(NOON - 5 * MINUTE, 2, "offline", "a")]),
        "cho": pack([(NOON - 3 * HOUR, 3, "available", "a")]),
        "dee": pack([(NOON - 10 * MINUTE, 4, "on_call", "b")]),
        "eve": pack([(NOON - 13 * HOUR, 5, "on_call", "a")]),
    }
    made.reader.add(REPS, [], reps=reps)
    await made.refresh()
    query = {"kpi": "occupancy", "scope": "team", "name": "a", "window": "30m"}
    told = await explained(made, **query)
    assert told["figure"] == await served(made, **query)
    assert [(one["rep"], one["state"], one["from"][11:16], one["ms"]) for one in told["open"]] == [
        ("cho", "available", "20:31", 29 * MINUTE),
        ("ann", "on_call", "20:50", 10 * MINUTE),
    ]
    assert (told["numerator"]["sum"], told["denominator"]["sum"]) == (10 * MINUTE, 39 * MINUTE)


async def test_a_window_that_does_not_exist_now_says_why() -> None:
    told = await explained(await exporter(), kpi="calls_answered", scope="floor", window="shift")
    assert (told["figure"]["value"], told["note"], told["panes"]) == (None, "no shift is on at this instant", [])
    made = await exporter()
    told = await explained(made, kpi="calls_answered", scope="floor", window="month", at="2026-10-25T21:00:00+09:00")
    assert (told["figure"]["to"], told["note"]) == (None, "the window begins before what is kept")


async def test_no_value_says_why() -> None:
    told = await explained(await exporter(), **{**SERVICE_LEVEL, "kpi": "connect_rate"})
    assert (told["figure"]["value"], told["note"], told["denominator"]["sum"]) == (None, "the denominator is 0", 0)


async def test_a_stale_topic_is_named_only_where_it_matters() -> None:
    made = await exporter()
    made.reader.rows[CALLS] = replace(made.reader.rows[CALLS], lease=NOON - 1)
    await made.refresh()
    assert (await explained(made, **SERVICE_LEVEL))["stale"] == ["calls"]
    assert (await explained(made, kpi="leads_created", scope="floor", window="1h"))["stale"] == []


async def test_what_came_since_the_last_look_is_in_it() -> None:
    made = await exporter()
    made.reader.add(CALLS, [inbound(NOON, "support", met=True)])
    told = await explained(made, **SERVICE_LEVEL)
    assert (told["numerator"]["sum"], told["figure"]["numerator"]) == (3, 3)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"kpi": "service_levle"}, "kpi service_levle: there is no such kpi; did you mean 'service_level'?"),
        ({"scope": "queues"}, "scope queues: there is no such scope; did you mean 'queue'?"),
        ({"window": "30"}, "window 30: there is no such window; did you mean '30m'?"),
        ({"name": "suport"}, "name suport: no queue of that name has been active in 35 days; did you mean 'support'?"),
        ({"kpi": "emails_sent"}, "emails_sent has no scope queue; valid: floor, team, campaign, rep"),
        ({"version": "2"}, "version 2: service_level has 1"),
        ({"version": "0"}, "version is a number from 1 on"),
        ({"kpi": ""}, "kpi is missing: a figure has a kpi, a scope, a name and a window"),
        ({"name": ""}, "name is missing"),
        ({"at": "noon"}, "at: time must be"),
        ({"at": "2020-01-01T00:00:00Z"}, "at is more than 35 days ago"),
        ({"window": ["30m", "1h"]}, "window is given 2 times: one figure is explained at a time"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_words(query: dict[str, Any], words: str) -> None:
    problem = await refused(await exporter(), **{**SERVICE_LEVEL, **query})
    assert problem["status"] == 400
    assert problem["detail"].startswith(words)


async def test_a_name_that_was_not_active_yet_has_nothing() -> None:
    made = await exporter()
    made.reader.add(CALLS, [inbound(NOON, "refunds", met=True)])
    await made.refresh()
    told = await explained(made, **{**SERVICE_LEVEL, "name": "refunds"}, at="2026-11-24T20:59:00+09:00")
    assert (told["figure"]["value"], told["denominator"]["sum"], told["panes"]) == (None, 0, [])


async def test_an_instant_of_long_ago_needs_no_more_than_the_panes_of_its_window() -> None:
    made = await exporter()
    made.reader.reads.clear()
    await explained(made, **SERVICE_LEVEL, at="2026-11-20T21:00:00+09:00")
    assert len(made.reader.reads) == 2  # quarters, of the one partition of calls


KPIS = (
    "service_level",
    "average_speed_of_answer",
    "wait_p90",
    "customers_covered",
    "calls_answered",
    "occupancy",
    "lates",
)


@pytest.mark.parametrize("at", ["20:00:00", "20:59:59", "20:44:00.500", "18:10:00", "17:00:00", "2026-11-20T21:00:00"])
async def test_every_window_of_every_instant_is_that_of_the_kpis(at: str) -> None:
    made = await exporter()
    reps = {"ann": msgspec.msgpack.encode([(NOON - 11 * HOUR - 1, 1, "on_call", "a")])}
    made.reader.add(REPS, [], reps=reps)
    old = [inbound(NOON - back * HOUR, "support", met=back % 2 == 0) for back in (4, 5, 27, 100)]
    made.reader.add(CALLS, old)
    await made.refresh()
    query = {"scope": "floor", "at": f"{at}+09:00" if "T" in at else f"2026-11-24T{at}+09:00"}
    async with made.http() as client:
        rows = (await (await client.get("/api/kpis", params=[*query.items(), *(("kpi", kpi) for kpi in KPIS)])).json())[
            "kpis"
        ]
        assert len(rows) == 8 * len(KPIS)
        for row in rows:
            asked = {**query, "kpi": row["kpi"], "window": row["window"]}
            assert (await (await client.get("/api/explain", params=asked)).json())["figure"] == row


async def test_a_store_that_is_away_is_a_problem_of_later() -> None:
    made = await exporter()
    made.reader.away = True
    async with made.http() as client:
        answer = await client.get("/api/explain", params=SERVICE_LEVEL)
        assert (answer.status, answer.content_type) == (503, "application/problem+json")
        assert answer.headers["Retry-After"]
