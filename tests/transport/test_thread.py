"""A partition whose records lay here for long is not silent when the last of them has been taken."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from streams.transport import thread as module
from streams.transport.answers import SILENT_S, Answers
from streams.transport.batch import Batch
from streams.transport.thread import BatchThread

CALLS = TopicPartition("calls", 0)


async def test_what_is_taken_counts_as_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    answers = Answers(100, lambda: now_s)
    answers.wait_for(CALLS)
    fetcher = SimpleNamespace(
        _closed=False, _subscriptions=SimpleNamespace(fetch_context=nullcontext), _records={CALLS: 1}
    )
    consumer = SimpleNamespace(_fetcher=fetcher, _closed=False)
    thread: Any = SimpleNamespace(
        consumer=SimpleNamespace(flow_active=True), _seeks={}, _answers=answers, _ensure_consumer=lambda: consumer
    )

    async def drain(*_: object) -> list[Batch]:
        fetcher._records.clear()
        return [Batch("calls", 0, 1, 2, 0, iter(()))]

    monkeypatch.setattr(module, "drain", drain)
    now_s += 10 * SILENT_S
    assert not BatchThread.silent(thread, CALLS), "some of it lies here"
    await BatchThread._fetch_records(thread, cast(Any, consumer), {CALLS})
    assert not BatchThread.silent(thread, CALLS)
    now_s += 2 * SILENT_S
    assert BatchThread.silent(thread, CALLS)
