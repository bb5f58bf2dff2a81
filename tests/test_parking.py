"""Letters that wait are told of, long before the producer gives up."""

import asyncio
from typing import Any

import pytest

from streams import parking as module
from streams.parking import DeadLetters
from streams.transport import Batch
from tests.worker.parts import until


async def test_letters_that_wait_are_told_until_they_are_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW_S", 0.0)
    safe = asyncio.Event()

    async def send(*_: Any) -> None:
        await safe.wait()

    letters = DeadLetters("127.0.0.1:1")
    monkeypatch.setattr(letters, "_send", send)
    parking = asyncio.create_task(letters.park(Batch("crm", 3, 0, 1, 0, iter(())), []))
    await until(lambda: letters.waiting == ["refused records of crm-3 wait for crm-dlq"])
    safe.set()
    await parking
    assert letters.waiting == []


async def test_what_waits_is_told_though_another_batch_of_the_partition_is_safe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SLOW_S", 0.0)
    safe = {0: asyncio.Event(), 1: asyncio.Event()}

    async def send(batch: Batch, _: Any) -> None:
        await safe[batch.start].wait()

    letters = DeadLetters("127.0.0.1:1")
    monkeypatch.setattr(letters, "_send", send)
    parking = [asyncio.create_task(letters.park(Batch("crm", 3, at, at + 1, 0, iter(())), [])) for at in safe]
    await until(lambda: len(letters._waiting) == len(safe))
    safe[0].set()
    await parking[0]
    assert letters.waiting == ["refused records of crm-3 wait for crm-dlq"]
    safe[1].set()
    await parking[1]
    assert letters.waiting == []


async def test_what_is_safe_at_once_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(*_: Any) -> None:
        return

    letters = DeadLetters("127.0.0.1:1")
    monkeypatch.setattr(letters, "_send", send)
    monkeypatch.setattr(module, "SLOW_S", 0.0)
    await letters.park(Batch("crm", 3, 0, 1, 0, iter(())), [])
    for _ in range(5):
        await asyncio.sleep(0)
    assert letters.waiting == []
