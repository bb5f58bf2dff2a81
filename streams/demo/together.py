"""Several tasks that live and end together."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from streams.tasks import end_once


async def first_to_end(*work: Coroutine[Any, Any, object]) -> None:
    """Run all until one of them ends; the others are cancelled. Raises what that one raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end_once(tasks)  # what stops servers must not be broken off
    for task in done:
        task.result()
