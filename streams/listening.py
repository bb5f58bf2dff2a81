"""Where a program is reached: an address that is none, or taken, is told with the setting that chooses it."""

import errno
import os
import socket

import structlog
from aiohttp import web

log = structlog.get_logger(__name__)


class ListenError(Exception):
    """A program cannot be reached as it is set up; the message says what to change."""


async def listen(runner: web.AppRunner, host: str, port: int, *, port_setting: str) -> None:
    """Serve what a runner has set up. Raises ListenError."""
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, UnicodeError) as error:
        setting = f"FLOORCAST_HOST={host}" if _is_of_the_host(error) else f"{port_setting}={port}"
        raise ListenError(f"{setting}: {_words(error)}") from None
    log.info("listening", host=host, port=runner.addresses[0][1])


def _is_of_the_host(error: Exception) -> bool:
    """Say whether no port would do; since Python 3.12 an address of another machine has no number."""
    return (
        not isinstance(error, OSError)
        or isinstance(error, socket.gaierror)
        or error.errno in (None, errno.EADDRNOTAVAIL)
    )


def _words(error: Exception) -> str:
    """Return the system's words: asyncio wraps those of a port in its own, and a name's have a number of their own."""
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)
