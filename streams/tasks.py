"""Ends tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_S = 5.0
"""Longer than what a server's client takes to clean up."""


async def end(tasks: Iterable["asyncio.Task[Any]"], again_s: float = AGAIN_S) -> None:
    """Cancel tasks until all of them have ended, and leave unsaid what they raise meanwhile.

    One cancellation may get lost: aiokafka's clients, while they stop, take it for that of a task of their own. So a
    task that has not ended after `again_s` is cancelled again, which breaks off whatever it still cleans up.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=again_s)
        for task in ended:
            if not task.cancelled():
                task.exception()


async def end_once(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks, once, and wait for them, for as long as they clean up; leave unsaid what they raise meanwhile."""
    ended = list(tasks)
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


async def end_all_others(again_s: float = AGAIN_S) -> None:
    """End every task of this loop but the one that asks."""
    await end(asyncio.all_tasks() - {asyncio.current_task()}, again_s)
