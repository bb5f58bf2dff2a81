"""A demo ends with what started it: real processes, no stack."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SLEEPER = """
import asyncio, os
from streams.demo.starters import starters, until_one_ends

async def sleep():
    watching = asyncio.create_task(until_one_ends(starters()))
    await asyncio.sleep(0)
    print(os.getpid(), flush=True)
    await watching
    print("ended", flush=True)

asyncio.run(sleep())
"""
PATIENCE_S = 20.0


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return what starts a program, whose group ends with the test."""
    running: list[subprocess.Popen[str]] = []
    was = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it, and so would they

    def start(*argv: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        running.append(
            subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True, env=environment)
        )  # also under `make test`, which tells a make below it how to talk
        return running[-1]

    yield start
    signal.signal(signal.SIGINT, was)
    for one in running:
        os.killpg(one.pid, signal.SIGKILL) if _group_lives(one.pid) else None
        one.wait()


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def pid_of(sleeper: subprocess.Popen[str]) -> int:
    """Return the process id that the sleeper has printed."""
    assert sleeper.stdout
    return int(sleeper.stdout.readline())


def ends(sleeper: subprocess.Popen[str]) -> bool:
    """Wait for the sleeper's word; the end of its output without it is another end."""
    assert sleeper.stdout
    watch = signal.signal(signal.SIGALRM, _too_late)
    signal.alarm(int(PATIENCE_S))
    try:
        return any(line == "ended\n" for line in sleeper.stdout)
    except TimeoutError:
        return False
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, watch)


def _too_late(*_: object) -> None:
    raise TimeoutError


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """Return a program that runs until a starter ends."""
    file = tmp_path / "sleeper.py"
    file.write_text(SLEEPER)
    return file


@pytest.fixture
def makefile(tmp_path: Path, sleeper: Path) -> Path:
    """Return one whose recipe is the sleeper, as `make demo` has it."""
    file = tmp_path / "Makefile"
    file.write_text(f"demo:\n\t@exec {sys.executable} {sleeper}\n")
    return file


def test_the_parents_death_is_the_end(started: Callable[..., subprocess.Popen[str]], sleeper: Path) -> None:
    shell = started("sh", "-c", f"{sys.executable} {sleeper}; true")
    pid_of(shell)
    shell.kill()
    assert ends(shell)


def test_the_death_of_what_started_make_is_the_end(
    started: Callable[..., subprocess.Popen[str]], makefile: Path
) -> None:
    shell = started("sh", "-c", f"make -f {makefile} demo; true")
    pid_of(shell)
    shell.kill()
    assert ends(shell)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_end_of_make_itself_is_the_end(
    started: Callable[..., subprocess.Popen[str]], makefile: Path, number: signal.Signals
) -> None:
    make = started(str(shutil.which("make")), "-f", str(makefile), "demo")
    pid_of(make)
    make.send_signal(number)
    assert ends(make)
