"""From the floor's time to ours: in step with the clock, or as fast as the outlet takes it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.simulate.dirt import Dirt
from streams.simulate.engine import Arrival
from streams.simulate.world import World

TICK_S = 0.01
STEP_RECORDS = 8000
"""About so many records are made in one step when the floor runs ahead at full speed."""
STEP_MOST_MS = 600_000


class Outlet(Protocol):
    """Where arrivals go."""

    async def emit(self, arrivals: Sequence[Arrival]) -> None:
        """Take the arrivals, in their order."""


@dataclass(frozen=True, slots=True)
class Span:
    """How long a floor runs."""

    until_ms: int | None
    """The floor's time at which it closes; None: when it is stopped."""
    step_ms: int
    """The most that is simulated at once, when the floor's time is behind ours."""

    @classmethod
    def of(cls, until_ms: int | None, rate: float) -> "Span":
        """Return a span whose steps suit a rate of events."""
        return cls(until_ms, int(min(STEP_MOST_MS, 1000 * STEP_RECORDS / rate)))


Clock = Callable[[], int]
"""Epoch ms."""
Sleep = Callable[[float], Awaitable[None]]
"""Waits so many seconds, or until the floor is to stop."""


async def run_floor(
    world: World, dirt: Dirt, span: Span, outlet: Outlet, clock: Clock, stop: asyncio.Event, sleep: Sleep
) -> int:
    """Let the floor run until its end or until `stop`; return how many records were emitted.

    The floor follows the clock and never passes it: no arrival is in the future, and no error adds up. Where it is
    behind the clock, because it started in the past or was held up, it catches up at full speed.
    """
    emitted = 0
    while not stop.is_set():
        now_ms = clock() if span.until_ms is None else min(clock(), span.until_ms)
        reached_ms = min(now_ms, world.now_ms + span.step_ms)
        arrivals = dirt.pass_on(world.advance(reached_ms), reached_ms)
        if arrivals:
            await outlet.emit(arrivals)
            emitted += len(arrivals)
        if reached_ms == span.until_ms:
            break
        await sleep(TICK_S if reached_ms == now_ms else 0)
    return emitted + await _close(world, dirt, outlet)


async def _close(world: World, dirt: Dirt, outlet: Outlet) -> int:
    last = dirt.pass_on(world.close(), world.now_ms) + dirt.drain(world.now_ms)
    await outlet.emit(last)
    return len(last)


def until_stopped(stop: asyncio.Event) -> Sleep:
    """Return a sleep that ends early when `stop` is set."""

    async def sleep(seconds: float) -> None:
        if not seconds:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            return

    return sleep
