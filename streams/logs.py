"""Logs to standard error: for people, or one JSON object a line; ours and those of the libraries alike."""

import logging
import sys
import time
from typing import Any

import structlog

from streams.settings import Settings


class Calm(logging.Filter):
    """Lets a logger say the same thing once in `every_s`: aiokafka repeats itself while a broker is away."""

    def __init__(self, every_s: float = 10.0) -> None:
        super().__init__()
        self._every_s = every_s
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now - self._said.get(str(record.msg), -self._every_s) < self._every_s:
            return False
        if len(self._said) > 1000:
            self._said.clear()
        self._said[str(record.msg)] = now
        return True


def configure(settings: Settings) -> None:
    """Route every log line of this process through one renderer."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if settings.log_format == "console":
        last = [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    calm = Calm()
    handler.addFilter(lambda record: not record.name.startswith("aiokafka") or calm.filter(record))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in (
        "aiokafka",
        "faust",
        "mode",
        "streams.app",
        "streams.transport",
        "aiohttp.access",
    ):  # what Faust says too
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
