"""`floorcast stack`"""

import asyncio
import json
import signal
from pathlib import Path

import click

from streams.cli.running import read_settings, run
from streams.embedded import Stack, StackError


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".floorcast/data"),
    show_default=True,
    help="The folder that keeps everything; the next start goes on from it.",
)
def stack(data: Path) -> None:
    """Run a real Kafka and a real Redis on loopback until signalled.

    When both answer, one line of JSON on standard output says where they are; logs go to standard error.
    """
    read_settings()
    run(lambda: _serve(data), StackError)


async def _serve(data: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with Stack(data) as running:
        click.echo(json.dumps({"kafka": running.kafka, "redis": running.redis, "data": str(running.data)}))
        await running.until(stop)
