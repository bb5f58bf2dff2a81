"""The only place that wires an exporter: settings and the floor's configuration in, HTTP out."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from redis.asyncio import Redis

from schemas import topics
from streams.export.edition import Editions, Open
from streams.export.follow import follow
from streams.export.page import MetricsPage
from streams.export.partitions import KnownPartitions
from streams.export.server import application
from streams.floor import Floor
from streams.floor.followed import FloorFile
from streams.listening import listen
from streams.settings import Settings
from streams.store.protocol import Partition
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader
from streams.targets import Calendars
from streams.tasks import end
from streams.view.offsets import EndOffsets
from streams.view.view import View

log = structlog.get_logger(__name__)

SHUTDOWN_S = 2.0


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; Kafka and Redis may come later and go. Raises FloorError, ListenError."""
    file = FloorFile(settings.config, named=settings.config_named)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, file.ask)
    client = connect(settings.redis, **settings.redis_arguments)
    offsets = EndOffsets(settings.kafka, topics.load(), **settings.kafka_security)
    partitions = KnownPartitions(topics.load(), lambda: offsets.partitions, settings.partitions)
    editions = Editions(opener(settings, client, partitions, offsets), file.now)
    app = application(lambda: editions.shown, lambda: file.now)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    try:
        await runner.setup()
        await listen(runner, settings.host, settings.exporter_port, port_setting="FLOORCAST_EXPORTER_PORT")
        await _until(stop, follow(editions), editions.prepare(), file.follow(editions.take), offsets.run())
    finally:
        await runner.cleanup()
        await client.aclose()


def opener(
    settings: Settings, client: Redis, partitions: Callable[[], Sequence[Partition]], offsets: EndOffsets | None = None
) -> Open:
    """Return what makes the view and the page of a floor."""

    def opened(floor: Floor) -> tuple[View, MetricsPage]:
        catalogue, reader, shifts = floor.catalogue(), RedisReader(client, settings.group), Calendars(floor).shifts()
        view = View(reader, catalogue, ZoneInfo(floor.timezone), partitions, offsets=offsets, shifts=shifts)
        return view, MetricsPage(view, catalogue, limit=settings.series_limit, rep_series=settings.rep_series)

    return opened


async def _until(stop: asyncio.Event, *work: Coroutine[object, object, None]) -> None:
    """Run until stopped; what fails for no known reason ends everything, so that nothing old is served for long."""
    tasks = [asyncio.create_task(one) for one in work]
    waiting = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        log.info("stopping")
        await end((waiting, *tasks))
