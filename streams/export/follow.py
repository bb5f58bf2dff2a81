"""Keeps the figures and their page up to date, and takes no more of the processor than a share."""

import asyncio
import time

import structlog

from streams.export.edition import Editions
from streams.store.protocol import StoreUnavailable

log = structlog.get_logger(__name__)

EVERY_S = 0.27
"""A little longer than the pause between two messages to a board, so that each refresh finds boards ready to be told:
with the two at odds, a change would wait for both.
"""
SHARE = 2
"""Of so much of the processor's time that it may take, one part is spent on refreshing."""
RETRY_S = 0.2


async def follow(editions: Editions) -> None:
    """Refresh and render until cancelled. While the store is away what was known stays, with its time."""
    answered = True
    while True:
        began, used = time.monotonic(), time.thread_time()
        try:
            await editions.follow()
        except StoreUnavailable as error:
            if answered:
                log.warning("the store does not answer: trying until it does", error=str(error))
            answered = False
            await asyncio.sleep(RETRY_S)
            continue
        if not answered:
            log.info("the store answers again")
        answered = True
        await asyncio.sleep(pause_s(time.monotonic() - began, time.thread_time() - used))


def pause_s(took_s: float, used_s: float) -> float:
    """Return the pause after a refresh that took so long, and so much of the processor's time."""
    return max(EVERY_S - took_s, (SHARE - 1) * used_s)
