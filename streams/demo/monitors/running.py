"""The monitors of a demo as processes: a demo is none the worse without them."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.demo.monitors.plan import Plan
from streams.embedded.child import Child, ChildFailed
from streams.embedded.ports import answers
from streams.tasks import end_once

READY_S = 30.0
GRACE_S = 8.0


class Monitors:
    """`async with Monitors(…) as monitors:` What does not start, or ends, is told and left alone."""

    def __init__(self, data: Path, told: Callable[[str], None]) -> None:
        self.urls: dict[str, str] = {}
        """Name → where it answers."""
        self._data, self._told = data, told
        self._children: list[Child] = []
        self._starting: list[asyncio.Task[None]] = []
        self._watching: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await end_once([*self._starting, *self._watching])
        await asyncio.gather(*(child.stop(GRACE_S) for child in self._children))

    def start(self, plans: Sequence[Plan]) -> None:
        """Begin to start programs."""
        self._starting = [asyncio.create_task(self._start(plan)) for plan in plans]

    async def settled(self) -> None:
        """Wait until each program answers, or does not."""
        await asyncio.gather(*self._starting)

    async def _start(self, plan: Plan) -> None:
        child = Child(plan.name, self._data / f"{plan.name}.log")
        self._children.append(child)
        try:
            await child.start(plan.argv, plan.environment)
            await child.ready(lambda: answers(plan.url + plan.ready), READY_S)
        except (ChildFailed, OSError) as error:
            await child.kill()
            self._told(f"the demo goes on without {plan.name}: {error}")
        else:
            self.urls[plan.name] = plan.url
            self._watching.append(asyncio.create_task(self._watch(plan, child)))

    async def _watch(self, plan: Plan, child: Child) -> None:
        code = await child.wait()
        del self.urls[plan.name]
        self._told(f"{plan.name} ended with exit code {code}: the demo goes on without it")
