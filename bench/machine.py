"""Processes on their own cores, and what they cost."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Cost:
    """What processes used up between two moments."""

    wall_s: float
    cpu_s: Mapping[str, float]
    """By process name."""
    rss_mb: Mapping[str, float]


def pin(pid: int, core: int) -> None:
    """Put all threads of a process, and those that it makes later, on one core."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


@contextmanager
def running(core: int, command: Sequence[str], env: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run a program on a core for as long as the block; its process id is what the block gets."""
    process = subprocess.Popen(
        ["taskset", "-c", str(core), *command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


class Meter:
    """Measures processes from its making on."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self._begun_at, self._begun = time.perf_counter(), self._cpu()

    def _cpu(self) -> dict[str, float]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: used.user + used.system for name, used in times.items()}

    def read(self) -> Cost:
        """Return the costs so far."""
        wall_s, now = time.perf_counter() - self._begun_at, self._cpu()
        rss = {name: process.memory_info().rss / 1e6 for name, process in self._processes.items()}
        return Cost(wall_s, {name: now[name] - self._begun[name] for name in now}, rss)


def environment(**settings: object) -> dict[str, str]:
    """Return the environment of a child with FLOORCAST_ settings."""
    return {**os.environ, **{f"FLOORCAST_{name.upper()}": str(value) for name, value in settings.items()}}


def cores() -> Sequence[int]:
    """Return the cores that this process may use: the first for the measured, the last for Kafka and Redis."""
    return sorted(os.sched_getaffinity(0))
