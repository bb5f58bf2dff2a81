"""Tasks end, also those that lose a cancellation on the way."""

import asyncio

import pytest

from streams import tasks
from tests.programs import PATIENCE_S


async def stubborn(lost: int) -> None:
    """Lose so many cancellations, and fail at the one after."""
    for _ in range(lost):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    try:
        await asyncio.Event().wait()
    finally:
        raise OSError("at the end")


async def started(lost: int) -> "asyncio.Task[None]":
    """Return the task once it waits."""
    task = asyncio.create_task(stubborn(lost))
    await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("lost", [0, 1, 3])
async def test_a_task_ends_however_many_cancellations_it_loses(lost: int) -> None:
    task = await started(lost)
    async with asyncio.timeout(PATIENCE_S):
        await tasks.end([task], again_s=0.001)
    assert task.done()


async def test_a_task_that_cleans_up_is_left_the_time_for_it() -> None:
    cleaned = asyncio.Event()

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    await tasks.end([task], again_s=PATIENCE_S)
    assert cleaned.is_set()


async def test_a_task_that_is_ended_once_may_clean_up_for_as_long_as_it_likes_and_fail_then() -> None:
    cleaned: list[int] = []

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for turn in range(5):
                await asyncio.sleep(0)
                cleaned.append(turn)
            raise ValueError

    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    await tasks.end_once([task])
    assert cleaned == list(range(5))
    assert isinstance(task.exception(), ValueError)


async def test_nothing_to_end_is_no_fault() -> None:
    await tasks.end([])


def test_a_loop_is_left_without_tasks() -> None:
    left: list[asyncio.Task[None]] = []

    async def work() -> None:
        left.append(await started(1))
        await tasks.end_all_others(again_s=0.001)

    asyncio.run(work())
    assert [task.done() for task in left] == [True]
