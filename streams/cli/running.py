"""What the long-running commands share: settings, logs, and errors that people can read."""

import asyncio
import sys
from collections.abc import Callable, Coroutine

import click

from streams import logs, settings
from streams.settings import Settings, SettingsError


def read_settings() -> Settings:
    """Read the environment and set up logging; ends the program where a setting is wrong."""
    try:
        found = settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    logs.configure(found)
    return found


def run(work: Callable[[], Coroutine[object, object, None]], *expected: type[Exception]) -> None:
    """Run until `work` ends; an expected error becomes one clear line and exit code 1."""
    try:
        asyncio.run(work())
    except expected as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        sys.exit(130)
