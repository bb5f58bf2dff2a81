"""Boards are told of changes, at most four times a second, with all that they need."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientConnectionResetError, ServerDisconnectedError, StreamReader
from aiohttp.web import StreamResponse

from streams.export import follow
from streams.export.answers import Answers
from streams.export.packed import GZIP, Packing
from streams.export.query import Filters
from streams.export.updates import EVERY_S, LOOK_S, Boards, updates
from tests.export.floor_page import CALLS, Exporter, call
from tests.view.floor_of_two import NOON

ANSWERED = Filters(frozenset({"team"}), frozenset(), frozenset({"5m"}), frozenset({"calls_answered"}))


class Board:
    """A board whose pauses pass at once; between them the test lets things happen."""

    def __init__(self, exporter: Exporter, filters: Filters = ANSWERED) -> None:
        self.exporter = exporter
        self.boards = Boards(exporter.view, Answers(exporter.view))
        self.paused_s = 0.0
        self.happening: Any = None
        self._events = updates(lambda: self.boards, filters, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.paused_s += seconds
        if self.happening:
            await self.happening()

    async def next(self) -> tuple[float, Any]:
        """Return how long was paused before the next event, and its content."""
        self.paused_s = 0.0
        event = await anext(self._events)
        assert event.startswith(b"data: ")
        assert event.endswith(b"\n\n")
        assert event.count(b"\n") == 2
        return self.paused_s, json.loads(event[6:])


async def test_a_message_is_enough_for_a_board() -> None:
    exporter = await Exporter().with_calls(call())
    waited, message = await Board(exporter).next()
    assert waited == 0
    assert list(message) == ["at", "stale", "stale_since", "kpis", "now"]
    async with exporter.http() as client:
        kpis = await (await client.get("/api/kpis?scope=team&window=5m&kpi=calls_answered")).json()
        assert {key: message[key] for key in ("at", "stale", "kpis")} == kpis
        assert message["now"] == await (await client.get("/api/now")).json()


async def test_changes_are_told_at_most_four_times_a_second() -> None:
    exporter = await Exporter().with_calls(call())
    board = Board(exporter)

    async def calls_end() -> None:
        for _ in range(3):
            exporter.reader.add(CALLS, [call()])
            await exporter.view.refresh()

    board.happening = calls_end
    await board.next()
    values = []
    for _ in range(8):
        waited, message = await board.next()
        assert waited == 0.25
        values.append(message["kpis"][0]["value"])
    assert values == list(range(4, 28, 3)), "what came in between is in the next message"


def test_refreshes_keep_step_with_messages() -> None:
    assert 0.25 == EVERY_S < follow.EVERY_S < EVERY_S + LOOK_S


async def test_a_change_after_a_quiet_time_is_told_at_the_next_look() -> None:
    exporter = await Exporter().with_calls(call())
    board = Board(exporter)

    async def a_call_ends() -> None:
        if board.paused_s == 0.25 + 2 * LOOK_S:
            exporter.reader.add(CALLS, [call()])
            await exporter.view.refresh()

    board.happening = a_call_ends
    await board.next()
    waited, message = await board.next()
    assert waited == 0.25 + 2 * LOOK_S < 0.5
    assert message["kpis"][0]["value"] == 2


async def test_where_nothing_changes_the_time_is_told_once_a_second() -> None:
    exporter = await Exporter().with_calls(call())
    board = Board(exporter)
    began_ms = exporter.reader.clock_ms

    async def time_passes() -> None:
        exporter.reader.clock_ms = began_ms + round(board.paused_s * 1000)
        await exporter.view.refresh()

    board.happening = time_passes
    await board.next()
    waited, message = await board.next()
    assert waited == 1.0
    assert message["at"] == "2026-11-24T21:00:01+09:00"


async def test_staleness_is_told_although_nothing_is_refreshed() -> None:
    exporter = await Exporter().with_calls(call())
    board = Board(exporter)
    await board.next()

    async def silence() -> None:
        exporter.stopwatch.now_s += 10

    board.happening = silence
    waited, message = await board.next()
    assert waited == 0.25
    assert message["stale"] == ["calls", "reps", "crm"]
    assert message["at"] == "2026-11-24T21:00:00+09:00"
    assert message["stale_since"] == dict.fromkeys(message["stale"], "2026-11-24T21:00:00+09:00")


async def test_a_stale_topic_says_when_it_was_last_fresh_if_it_ever_was() -> None:
    exporter = await Exporter().with_calls(call())
    exporter.reader.clock_ms += 10_000
    del exporter.reader.rows[CALLS]
    await exporter.view.refresh()
    _, message = await Board(exporter).next()
    assert message["stale_since"] == dict.fromkeys(["calls", "reps", "crm"], "2026-11-24T21:00:00+09:00")
    exporter.reader.verify()
    await exporter.view.refresh()
    _, message = await Board(exporter).next()
    assert message["stale_since"] == {"calls": "2026-11-24T21:00:00+09:00"}
    _, message = await Board(await never_claimed()).next()
    assert message["stale_since"] == dict.fromkeys(["calls", "reps", "crm"])


async def never_claimed() -> Exporter:
    exporter = Exporter()
    await exporter.refresh()
    return exporter


async def test_boards_with_the_same_filters_share_the_work() -> None:
    exporter = await Exporter().with_calls(call())
    boards = Boards(exporter.view, Answers(exporter.view))
    first = await boards.message(ANSWERED)
    assert await boards.message(ANSWERED) is first
    await exporter.view.refresh()
    assert await boards.message(ANSWERED) is not first


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("identity", None)])
async def test_a_stream_is_compressed_for_who_asks_and_each_message_is_there_at_once(
    accepted: str, encoding: str | None
) -> None:
    exporter = await Exporter().with_calls(call(NOON))
    async with asyncio.timeout(30), exporter.http() as client:
        response = await client.get("/api/stream?figure=floor/5m/dials", headers={"Accept-Encoding": accepted})
        assert response.headers.get("Content-Encoding") == encoding
        received = events(response.content)
        for ms in (0, 1000, 2000):
            exporter.reader.clock_ms = NOON + ms
            await exporter.view.refresh()
            while (await anext(received))["at"] != f"2026-11-24T21:00:0{ms // 1000}+09:00":
                pass


def test_what_was_said_before_costs_little_to_say_again() -> None:
    pack, unpack = Packing(), zlib.decompressobj(GZIP)
    events = [b'data: {"at":%d,"kpis":[%b]}\n\n' % (number, bytes(range(33, 126)) * 90) for number in range(20)]
    packed = [pack(event) for event in events]
    assert [unpack.decompress(one) for one in packed] == events
    assert max(len(one) for one in packed[1:]) < len(events[1]) / 20


async def events(content: StreamReader) -> AsyncIterator[Any]:
    async for line in content:
        if line.startswith(b"data: "):
            yield json.loads(line[6:])


async def test_the_stream_is_served_filtered_and_ends_with_the_exporter() -> None:
    exporter = await Exporter().with_calls(call(NOON), call(team="b"))
    async with asyncio.timeout(30), exporter.http() as client:
        response = await client.get("/api/stream?scope=team&name=b&window=5m&kpi=calls_answered")
        assert response.content_type == "text/event-stream"
        received = events(response.content)
        message = await anext(received)
        assert [(row["name"], row["value"]) for row in message["kpis"]] == [("b", 1)]
        assert client.app
        await client.app.shutdown()
        assert [one async for one in received if one["kpis"] != message["kpis"]] == []


async def test_a_board_that_left_before_its_stream_began_is_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def gone(*_: object) -> None:
        raise ClientConnectionResetError("Cannot write to closing transport")

    monkeypatch.setattr(StreamResponse, "prepare", gone)
    exporter = await Exporter().with_calls(call())
    async with exporter.http() as client:
        with pytest.raises(ServerDisconnectedError):
            await client.get("/api/stream")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
