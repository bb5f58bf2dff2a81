"""Logs to standard error: for people, or one JSON object a line; ours and those of the libraries alike."""

import logging
import sys
import threading
import time
from types import TracebackType
from typing import Any

import structlog

from streams.settings import Settings

NOISY = ("aiokafka", "faust", "mode", "aiohttp.access")
"""Loggers that tell what they do all day: of these only warnings count, whatever the level."""


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


def no_http(record: logging.LogRecord) -> bool:
    """Let the web library tell in one line that what came was no HTTP: that is a fault of the sender's."""
    if record.name == "aiohttp.server" and isinstance(record.exc_info, tuple):
        from aiohttp.http_exceptions import HttpProcessingError  # no command waits for it that serves nothing

        if isinstance(error := record.exc_info[1], HttpProcessingError):
            record.exc_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = f"{record.getMessage()}: {' '.join(error.message.split())}", ()
    return True


def configure(settings: Settings) -> None:
    """Route every log line of this process, Python's warnings and what crashes it, through one renderer."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(settings)],
        )
    )
    calm = Calm()
    handler.addFilter(no_http)
    handler.addFilter(lambda record: not record.name.startswith("aiokafka") or calm.filter(record))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _crashed
    threading.excepthook = _thread_crashed


def _last(settings: Settings) -> list[Any]:
    """Return what makes a line of an event."""
    if settings.log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    colors = sys.stderr.isatty()
    return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("streams").critical("crashed", exc_info=(kind, error, trace))


def _thread_crashed(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        trace = (crash.exc_type, crash.exc_value, crash.exc_traceback)
        logging.getLogger("streams").error("a thread ended by an exception", exc_info=trace)
