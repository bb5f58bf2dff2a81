"""Logs: one renderer for ours and the libraries', a level, and calm while a broker is away."""

import json
import logging
import subprocess
import sys
import textwrap

import pytest
from aiohttp.http_exceptions import BadHttpMessage

from streams.logs import Calm, no_http

SPEAKERS = """
import asyncio, logging, threading, warnings
import structlog
from streams import logs
from streams.settings import load
logs.configure(load())
log = structlog.get_logger("streams.here")
log.debug("debug of ours")
log.info("ours", topic="calls", error=ValueError("営業"), lines="a\\nb")
log.warning("warned")
for name in ("aiokafka.conn", "faust.app", "mode", "aiohttp.access", "asyncio", "redis"):
    logging.getLogger(name).debug("debug of %s", name)
    logging.getLogger(name).info("info of %s", name)
    logging.getLogger(name).error("error of %s: %r", name, ["a\\nb"])
try:
    1 / 0
except ZeroDivisionError:
    log.exception("ours failed")
    logging.getLogger("aiokafka.consumer").exception("theirs failed")
warnings.warn("a warning", stacklevel=1)
async def forgotten():
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)
asyncio.run(forgotten())
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise RuntimeError("the end")
"""


def logged(**settings: str) -> list[str]:
    """Run the speakers; return the lines on standard error."""
    environment = {f"FLOORCAST_{name.upper()}": value for name, value in settings.items()}
    program = [sys.executable, "-c", textwrap.dedent(SPEAKERS)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()


def test_every_line_is_one_json_object_whoever_speaks() -> None:
    said = [json.loads(line) for line in logged(log_format="json")]
    assert all({"event", "level", "logger", "timestamp"} <= set(line) for line in said)
    events = {(line["logger"], line["event"], line["level"]) for line in said}
    assert {
        ("streams.here", "ours", "info"),
        ("streams.here", "ours failed", "error"),
        ("aiokafka.conn", "error of aiokafka.conn: ['a\\nb']", "error"),
        ("faust.app", "error of faust.app: ['a\\nb']", "error"),
        ("redis", "info of redis", "info"),
        ("aiokafka.consumer", "theirs failed", "error"),
        ("streams", "a thread ended by an exception", "error"),
        ("streams", "crashed", "critical"),
    } <= events
    ours = next(line for line in said if line["event"] == "ours")
    assert (ours["topic"], ours["lines"]) == ("calls", "a\nb")
    assert "営業" in ours["error"]
    traced = {line["event"].split(":")[0] for line in said if "Traceback" in line.get("exception", "")}
    assert {"ours failed", "theirs failed", "crashed"} <= traced
    assert any("a warning" in line["event"] and line["logger"] == "py.warnings" for line in said)


def test_people_are_told_the_same_in_lines_of_text() -> None:
    text = "\n".join(logged())
    for words in (
        "ours",
        "topic=calls",
        "error of faust.app",
        "RuntimeError: the end",
        "ZeroDivisionError",
        "a warning",
    ):
        assert words in text
    assert "\x1b" not in text, "colours are for terminals"


@pytest.mark.parametrize(
    ("level", "ours", "theirs"),
    [
        ("debug", {"debug of ours", "ours", "warned"}, {"debug of asyncio", "info of asyncio"}),
        ("info", {"ours", "warned"}, {"info of asyncio"}),
        ("warning", {"warned"}, set()),
        ("error", set(), set()),
    ],
)
def test_the_level_is_kept_and_of_noisy_libraries_only_warnings_count(
    level: str, ours: set[str], theirs: set[str]
) -> None:
    said = [json.loads(line) for line in logged(log_format="json", log_level=level)]
    events = {line["event"] for line in said}
    assert {"debug of ours", "ours", "warned"} & events == ours
    assert {"debug of asyncio", "info of asyncio"} & events == theirs
    assert not [event for event in events if "of aiokafka" in event and not event.startswith("error")]
    assert any(event.startswith("error of aiokafka") for event in events)


def record(words: str, *details: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.conn", logging.ERROR, "conn.py", 1, words, details, None)


def test_what_repeats_itself_is_heard_again_only_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("streams.logs.time.monotonic", lambda: clock[0])
    calm = Calm(every_s=10)
    heard = []
    for at in (1000.0, 1000.1, 1009.9, 1010.0, 1010.1):
        clock[0] = at
        heard.append(calm.filter(record("Unable to connect to %s", "broker:9092")))
    assert heard == [True, False, False, True, False]
    assert calm.filter(record("another matter"))


def test_aiokafka_is_calmed_and_nobody_else() -> None:
    repeated = 'import logging\nfor name in ("aiokafka.conn", "streams.here"):\n    for _ in range(5):\n'
    repeated += '        logging.getLogger(name).error("%s is away", name)\n'
    setup = "from streams import logs\nfrom streams.settings import load\nlogs.configure(load())\n"
    program = [sys.executable, "-c", setup + repeated]
    lines = subprocess.run(program, env={}, capture_output=True, text=True, check=True).stderr.splitlines()
    assert [sum(name in line for line in lines) for name in ("aiokafka.conn is away", "streams.here is away")] == [1, 5]


def of_the_server(error: Exception) -> logging.LogRecord:
    return logging.LogRecord(
        "aiohttp.server", logging.ERROR, "", 1, "Error handling %s", ("it",), (type(error), error, None)
    )


def test_what_is_no_http_is_told_in_one_line_and_a_fault_of_ours_is_not() -> None:
    theirs, ours = of_the_server(BadHttpMessage("no\n  version")), of_the_server(ValueError("ours"))
    assert no_http(theirs)
    assert no_http(ours)
    assert (theirs.getMessage(), theirs.levelname, theirs.exc_info) == (
        "Error handling it: no version",
        "WARNING",
        None,
    )
    assert (ours.getMessage(), ours.levelname) == ("Error handling it", "ERROR")
    assert ours.exc_info
