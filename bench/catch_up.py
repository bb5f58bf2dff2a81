"""How fast a system works through what waits in Kafka: one process on one core, Kafka and Redis on another."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.machine import Cost, Meter, cores

EVERY_S = 0.02
STUCK_S = 60.0


class Progress(Protocol):
    """Tells how far a system has come."""

    def counted(self) -> int:
        """Return how many events were counted."""


@dataclass(frozen=True, slots=True)
class Result:
    """From the first to the last progress that was seen."""

    system: str
    events: int
    cost: Cost

    @property
    def per_second(self) -> float:
        """Events a second of wall time."""
        return self.events / self.cost.wall_s

    @property
    def micros(self) -> Mapping[str, float]:
        """CPU µs per event, by process."""
        return {name: cpu_s / self.events * 1e6 for name, cpu_s in self.cost.cpu_s.items()}


def measure(
    system: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    progress: Progress,
    enough: int,
    servers: Mapping[str, int],
) -> Result:
    """Run a system until it has counted `enough` events. Raises RuntimeError when it stops getting on."""
    worker = subprocess.Popen(
        ["taskset", "-c", str(cores()[0]), *command],
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        first = _wait(progress, 1, worker)
        meter = Meter({"worker": worker.pid, **servers})
        last = _wait(progress, enough, worker)
        return Result(system, last - first, meter.read())
    finally:
        worker.terminate()
        worker.wait()


def _wait(progress: Progress, enough: int, worker: "subprocess.Popen[bytes]") -> int:
    seen, moved = -1, time.monotonic()
    while (counted := progress.counted()) < enough:
        if counted != seen:
            seen, moved = counted, time.monotonic()
        if worker.poll() is not None or time.monotonic() - moved > STUCK_S:
            raise RuntimeError(f"the system stopped at {counted} of {enough} events")
        time.sleep(EVERY_S)
    return counted
