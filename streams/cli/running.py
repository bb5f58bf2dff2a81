"""What the long-running commands share: settings, logs, and errors that people can read."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import IO, Any

import click
import structlog

from streams import logs, settings
from streams.settings import Settings, SettingsError
from streams.tasks import end_all_others
from streams.terminal import PlainConsole

log = structlog.get_logger(__name__)

PIPED_WIDTH = 240
"""Columns of a table that goes into a pipe."""
LOG_FORMAT = "streams.log_format"
"""Where the command's context keeps it."""


class Ended(click.ClickException):
    """A program ends with what it cannot mend: one clear message in the form of its logs, and exit code 1."""

    def __init__(self, reason: str, log_format: str) -> None:
        super().__init__(reason)
        self._log_format = log_format

    def show(self, file: IO[Any] | None = None) -> None:
        """Tell people, or the program that reads the logs."""
        if self._log_format == "json":
            log.error("ended", reason=self.message)
        else:
            super().show(file)


def table_console() -> PlainConsole:
    """Return standard output for tables: no table is cut where nobody says how wide the screen is."""
    console = PlainConsole()
    return console if console.is_terminal else PlainConsole(width=PIPED_WIDTH)


def read_settings() -> Settings:
    """Read the environment and set up logging; ends the program where a setting is wrong."""
    try:
        found = settings.load()
    except SettingsError as error:
        raise _refused(error) from None
    logs.configure(found)
    click.get_current_context().meta[LOG_FORMAT] = found.log_format
    for slip in settings.unknown():
        log.warning(slip)
    return found


def _refused(error: SettingsError) -> click.ClickException:
    """Return what is said of wrong settings: in JSON where logs are to be JSON, whatever else is wrong."""
    if os.environ.get(settings.variable("log_format")) != "json":
        return click.ClickException(str(error))
    logs.configure(Settings.model_construct(log_format="json"))
    return Ended(str(error), "json")


def run(work: Callable[[], Coroutine[object, object, None]], *expected: type[Exception]) -> None:
    """Run until `work` ends; an expected error becomes one clear message and exit code 1."""
    try:
        asyncio.run(_whole(work))
    except expected as error:
        raise Ended(str(error), click.get_current_context().meta.get(LOG_FORMAT, "console")) from None
    except KeyboardInterrupt:
        sys.exit(130)


async def _whole(work: Callable[[], Coroutine[object, object, None]]) -> None:
    try:
        await work()
    finally:
        await end_all_others()
