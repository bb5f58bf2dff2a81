"""`floorcast demo`"""

import errno
import logging
import os
import sys
from pathlib import Path
from typing import IO, Any

import click

from streams.cli.numbers import Finite
from streams.cli.running import read_settings, run
from streams.demo.options import Options
from streams.settings import Settings

LOG = "demo.log"


@click.command()
@click.option("--minutes", type=Finite(0, min_open=True), help="Stop after so many minutes.")
@click.option("--rate", type=Finite(0.1, 100_000), default=50.0, show_default=True,
              help="Events a second over all topics.")  # fmt: skip
@click.option(
    "--headless", is_flag=True, help="No table: one line of JSON with the addresses when everything is ready."
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path(".floorcast/data"),
              show_default=True, help="The folder that keeps everything; the next demo goes on from it.")  # fmt: skip
@click.option("--dirt", type=Finite(0, 0.5), default=0.01, show_default=True,
              help="The share of records that are repeated, late, out of order, or accompanied by a broken copy.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the simulated floor.")
@click.option("--profile", type=click.Choice(["busy", "real"]), default="busy", show_default=True,
              help="busy: a busy hour at any hour; real: the floor's days and weeks.")  # fmt: skip
def demo(**options: Any) -> None:
    """Run everything on this machine, with a simulated floor, until Ctrl-C.

    Kafka, Redis, workers and exporter listen on free ports of loopback (the exporter on FLOORCAST_EXPORTER_PORT where
    that is set). The demo ends with the process that started it; `setsid --fork floorcast demo …` lets it go on alone.
    """
    wanted = Options(**options)
    settings = read_settings()
    _run(wanted, settings)


def _run(options: Options, settings: Settings) -> None:
    from aiokafka.errors import KafkaError

    from streams.demo.crew import ServiceLost
    from streams.demo.run import Demo
    from streams.demo.screen import Headless, Lines, Screen, Terminal
    from streams.demo.steps import Steps
    from streams.embedded import StackError, opened
    from streams.embedded.child import ChildFailed
    from streams.floor import FloorError, load_installed
    from streams.terminal import PlainConsole
    from streams.topics import TopicsError

    try:
        floor = load_installed(settings.config, named=settings.config_named)
    except FloorError as error:
        raise click.ClickException(str(error)) from None
    console = PlainConsole()
    try:
        log = opened(options.data, LOG)
    except StackError as error:
        raise click.ClickException(str(error)) from None
    _has_its_port(settings)
    screen: Screen = Headless() if options.headless else Lines()
    if console.is_terminal and not options.headless:
        screen = Terminal(console)
        _log_into(log)
    else:
        log.close()
        console = PlainConsole(stderr=True, force_terminal=False)
    work = Demo(options, settings, floor, Steps(console), screen).run
    run(work, StackError, ServiceLost, TopicsError, ChildFailed, KafkaError, OSError)


def _has_its_port(settings: Settings) -> None:
    """Refuse an exporter's port that was asked for and that somebody else has."""
    from streams.demo.service import is_free

    port = settings.exporter_port
    if "exporter_port" in settings.model_fields_set and port and not is_free(port):
        raise click.ClickException(f"FLOORCAST_EXPORTER_PORT={port}: {os.strerror(errno.EADDRINUSE)}")


def _log_into(log: IO[str]) -> None:
    """Keep log lines out of the table: they go into the data folder."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
            handler.setStream(log)
