"""Ends tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_S = 1.0
"""A task that has not ended by then is cancelled again."""


async def end(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until all of them have ended, and leave unsaid what they raise meanwhile.

    One cancellation may get lost: aiokafka's clients, while they stop, take it for that of a task of their own.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=AGAIN_S)
        for task in ended:
            if not task.cancelled():
                task.exception()


async def end_all_others() -> None:
    """End every task of this loop but the one that asks."""
    await end(asyncio.all_tasks() - {asyncio.current_task()})
