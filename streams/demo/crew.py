"""The processes around the stack: started, kept running, and stopped in the order in which events flow."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import aiohttp

from streams.demo.restarts import Restarts
from streams.demo.service import Service
from streams.tasks import end_once

POLL_S = 0.1
READY_S = 90.0
"""Waiting longer than this is an error."""
GRACE_S = 8.0
"""How long a process may take for a clean end."""


class ServiceLost(Exception):
    """A process keeps dying, or never gets ready; the message ends with the last lines of its log."""


class Crew:
    """`async with Crew(…) as crew:` What dies is started again; `lost` raises when that does not help."""

    def __init__(self, environment: Mapping[str, str], told: Callable[[str], None]) -> None:
        self.notices: deque[str] = deque(maxlen=20)
        """Lines about what happened, the latest last."""
        self._environment = environment
        self._told = told
        self._kept: dict[Service, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await end_once(self._kept.values())
        emitting = [service for service in self._kept if service.name == "simulator"]
        for some in (emitting, [service for service in self._kept if service not in emitting]):
            await asyncio.gather(*(service.child.stop(GRACE_S) for service in some))

    async def start(self, services: Sequence[Service]) -> None:
        """Start processes and wait until all are ready. Raises ServiceLost."""
        for service in services:
            await service.start(self._environment)
            self._kept[service] = asyncio.create_task(self._keep(service))
        for service in services:
            await self._until_ready(service)

    def tell(self, news: str) -> None:
        """Have something shown that happened now."""
        notice = f"{datetime.now():%H:%M:%S} {news}"
        self.notices.append(notice)
        self._told(notice)

    async def lost(self) -> None:
        """Wait until a process cannot be kept running. Raises ServiceLost."""
        await asyncio.shield(self._lost)

    async def _until_ready(self, service: Service) -> None:
        try:
            async with asyncio.timeout(READY_S):
                while not await service.ready(self._session):  # noqa: ASYNC110  # another process' state is no event
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            said = service.child.last_lines()
            raise ServiceLost(f"the {service.name} is not ready after {READY_S:.0f} s:\n{said}") from None

    async def _keep(self, service: Service) -> None:
        restarts = Restarts()
        while True:
            code = await service.child.wait()
            if not restarts.allow(asyncio.get_running_loop().time()):
                self._give_up(service, restarts)
                return
            self._notice(service, code, restarts)
            await service.start(self._environment)

    def _notice(self, service: Service, code: int, restarts: Restarts) -> None:
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        which = f"restart {restarts.lately} of at most {restarts.limit} in {restarts.within_s:.0f} s"
        self.tell(f"the {service.name} ended {how}: started again ({which})")

    def _give_up(self, service: Service, restarts: Restarts) -> None:
        if not self._lost.done():
            often = f"{restarts.limit} times in {restarts.within_s:.0f} s"
            said = service.child.last_lines()
            self._lost.set_exception(ServiceLost(f"the {service.name} was started again {often} and died:\n{said}"))
