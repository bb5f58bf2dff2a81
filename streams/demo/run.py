"""A demo from start to end: stack, topics, workers, exporter, simulator, screen; then everything in reverse."""

import asyncio
import contextlib
import signal
from pathlib import Path

import aiohttp

from streams import topics
from streams.demo.board import Addresses, Silence
from streams.demo.crew import Crew
from streams.demo.environment import environment
from streams.demo.feed import Feed
from streams.demo.follow import Follower
from streams.demo.monitors.plans import plans
from streams.demo.monitors.running import Monitors
from streams.demo.options import Options
from streams.demo.screen import Screen
from streams.demo.service import Service
from streams.demo.starters import starters, until_one_ends
from streams.demo.steps import Steps
from streams.demo.together import first_to_end
from streams.embedded import Stack, kafka_jars
from streams.embedded.ports import free_ports
from streams.floor import Floor
from streams.settings import Settings

FIRST_EVENTS_S = 60.0
CAUSE_S = 1.0


class Demo:
    """One run."""

    def __init__(self, options: Options, settings: Settings, floor: Floor, steps: Steps, screen: Screen) -> None:
        self._options, self._settings, self._floor = options, settings, floor
        self._steps, self._screen = steps, screen

    async def run(self) -> None:
        """Run until SIGINT, SIGTERM, SIGHUP, the end of what started us, or the end of the minutes.

        Raises StackError, ServiceLost, TopicsError, ChildFailed; when it returns or raises, no process is left.
        """
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await first_to_end(self._work(), stop.wait(), until_one_ends(starters()))

    async def _work(self) -> None:
        data = self._options.data
        await self._fetch_kafka(data)
        async with contextlib.AsyncExitStack() as parts:
            stack = Stack(data)
            async with self._steps.step("starting Kafka and Redis"):
                await parts.enter_async_context(stack)
            try:
                await first_to_end(self._floor_on(stack), stack.until(asyncio.Event()))
            except Exception:
                await _blame(stack)
                raise
            finally:
                self._say("stopping Kafka and Redis")

    async def _fetch_kafka(self, data: Path) -> None:
        if kafka_jars.present():
            return
        doing = f"fetching Kafka, the first time on this machine (about {kafka_jars.SIZE_MB} MB)"
        async with self._steps.step(doing, lambda: f"{kafka_jars.fetched_mb()} MB"):
            await kafka_jars.fetch(data / "kafka-fetch.log")

    async def _floor_on(self, stack: Stack) -> None:
        """Run everything that needs the stack."""
        settings = self._settings.model_copy(update={"kafka": stack.kafka, "redis": stack.redis})
        async with self._steps.step("creating the topics"):
            await topics.create(settings)
        children = environment(stack.kafka, stack.redis, self._settings.config)
        async with Crew(children, self._say) as crew:
            try:
                await first_to_end(self._shift(stack, crew), crew.lost())
            finally:
                self._say("stopping the floor")

    async def _shift(self, stack: Stack, crew: Crew) -> None:
        data = self._options.data
        exporter_port, *ports = free_ports(1 + self._options.workers)
        if "exporter_port" in self._settings.model_fields_set:
            exporter_port = self._settings.exporter_port
        exporter = Service("exporter", ["exporter"], data, "FLOORCAST_EXPORTER_PORT", exporter_port)
        workers = [
            Service(f"worker {number}", ["worker"], data, "FLOORCAST_WORKER_PORT", port)
            for number, port in enumerate(ports, start=1)
        ]
        async with self._steps.step(f"starting {len(workers)} workers and the exporter"):
            await crew.start([*workers, exporter])

        def addresses() -> Addresses:
            at = tuple(worker.url for worker in workers)
            return Addresses(stack.kafka, stack.redis, exporter.url, at, str(stack.data), monitors.urls)

        async with Monitors(data, crew.tell) as monitors, aiohttp.ClientSession() as session:
            beside = plans(data, self._floor, exporter.url, [worker.url for worker in workers])
            monitors.start(beside)
            follower = Follower(self._floor.name, Feed(session), addresses, lambda: tuple(crew.notices))
            async with self._steps.step(", ".join(["opening the simulated floor", *(plan.name for plan in beside)])):
                await crew.start([Service("simulator", self._options.simulate, data)])
                await _first_events(follower)
                await monitors.settled()
            await first_to_end(self._screen.show(addresses(), follower), self._time_over())

    async def _time_over(self) -> None:
        if self._options.minutes is None:
            await asyncio.Event().wait()
        else:
            await asyncio.sleep(60 * self._options.minutes)

    def _say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            self._steps.say(line)


async def _blame(stack: Stack) -> None:
    """Raise StackError if a server's death is behind what failed; it may come to light a moment later."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CAUSE_S):
            await stack.until(asyncio.Event())


async def _first_events(follower: Follower) -> None:
    """Wait until figures move; a floor as slow as an event in minutes opens without."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FIRST_EVENTS_S):
            before = None
            while True:
                reading = (await follower.look()).reading
                if reading is not None and not isinstance(reading, Silence):
                    before = reading.applied if before is None else before
                    if reading.applied > before:
                        return
                await asyncio.sleep(0.1)
