"""Whatever stops, what is shown says so."""

import asyncio
from typing import Any

import pytest

from streams.export.follow import follow
from streams.store.protocol import StoreUnavailable
from tests.export.floor_page import CRM, Exporter, call
from tests.view.floor_of_two import NOON

TOPICS = ["calls", "reps", "crm"]


def stale(exporter: Exporter) -> dict[str, float]:
    return {dict(pairs)["topic"]: n for (name, pairs), n in exporter.samples().items() if name == "floorcast_stale"}


async def silent(exporter: Exporter, seconds: float) -> None:
    exporter.reader.away = True
    with pytest.raises(StoreUnavailable):
        await exporter.refresh()
    exporter.stopwatch.now_s += seconds


async def test_the_same_page_turns_stale_when_the_store_falls_silent() -> None:
    exporter = await Exporter().with_calls(call())
    assert stale(exporter) == dict.fromkeys(TOPICS, 0)
    await silent(exporter, 10)
    assert stale(exporter) == dict.fromkeys(TOPICS, 1)
    assert exporter.sample("floorcast_snapshot_timestamp_seconds") == NOON / 1000
    assert exporter.sample("kpi_value", kpi="calls_answered", scope="floor", name="all", window="5m") == 1


async def test_every_answer_says_that_it_is_stale() -> None:
    exporter = await Exporter().with_calls(call())
    await silent(exporter, 10)
    async with exporter.http() as client:
        answer: Any = await (await client.get("/api/kpis?scope=floor")).json()
        assert answer["stale"] == TOPICS
        assert answer["at"] == "2026-11-24T21:00:00+09:00", "the time that the figures are of"
        ready = await client.get("/readyz")
        assert ready.status == 503
        assert "10 s" in (await ready.json())["reasons"][0]


async def test_one_topic_without_an_owner_is_stale_alone() -> None:
    exporter = await Exporter().with_calls(call())
    exporter.reader.rows = {p: row for p, row in exporter.reader.rows.items() if p != CRM}
    await exporter.refresh()
    assert stale(exporter) == {"calls": 0, "reps": 0, "crm": 1}


async def test_a_page_of_stale_figures_stays_stale_until_the_next_one_is_written() -> None:
    exporter = await Exporter().with_calls(call())
    row = exporter.reader.rows.pop(CRM)
    await exporter.refresh()
    exporter.reader.rows[CRM] = row
    await exporter.view.refresh()
    assert exporter.view.stale() == ()
    assert stale(exporter)["crm"] == 1
    await exporter.refresh()
    assert stale(exporter)["crm"] == 0


async def test_a_page_that_is_older_than_the_view_is_stale_until_the_next_one_is_written() -> None:
    """The exporter was paused: it has read the store again, and not written the page yet."""
    exporter = await Exporter().with_calls(call())
    exporter.reader.clock_ms += 9_000
    exporter.own()
    await exporter.view.refresh()
    assert stale(exporter) == dict.fromkeys(TOPICS, 0)
    exporter.reader.clock_ms += 1_000
    await exporter.view.refresh()
    assert stale(exporter) == dict.fromkeys(TOPICS, 1)
    async with exporter.http() as client:
        assert (await client.get("/readyz")).status == 503
        await exporter.refresh()
        assert (await client.get("/readyz")).status == 200
    assert stale(exporter) == dict.fromkeys(TOPICS, 0)


async def test_who_has_no_page_yet_is_not_ready() -> None:
    exporter = Exporter()
    exporter.own()
    await exporter.view.refresh()
    async with exporter.http() as client:
        ready = await client.get("/readyz")
        assert (ready.status, (await ready.json())["reasons"]) == (503, ["the metrics are not written yet"])
        await exporter.refresh()
        assert (await client.get("/readyz")).status == 200


async def test_it_recovers_with_the_store() -> None:
    exporter = await Exporter().with_calls(call())
    await silent(exporter, 60)
    exporter.reader.away = False
    exporter.reader.clock_ms += 60_000
    exporter.reader.verify()
    await exporter.refresh()
    assert stale(exporter) == dict.fromkeys(TOPICS, 0)
    assert exporter.sample("floorcast_snapshot_timestamp_seconds") == NOON / 1000 + 60


async def test_following_goes_on_through_an_outage() -> None:
    exporter = Exporter()
    exporter.reader.away = True
    asked = asyncio.Event()
    ask = exporter.reader._ask

    def asking() -> None:
        asked.set()
        ask()

    exporter.reader._ask = asking  # type: ignore[method-assign]
    following = asyncio.create_task(follow(exporter.editions()))
    following.add_done_callback(lambda _: asked.set())
    try:
        await asked.wait()
        assert exporter.view.snapshot is None
        exporter.reader.away = False
        while exporter.view.snapshot is None and not following.done():
            asked.clear()
            await asked.wait()
            await asyncio.sleep(0)
        assert not following.done()
    finally:
        following.cancel()


async def test_an_unknown_failure_ends_the_following_loudly() -> None:
    exporter = Exporter()

    async def broken() -> int:
        raise ZeroDivisionError

    exporter.reader.now_ms = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(follow(exporter.editions()), timeout=30)
