"""A steady load, made by a process of its own so that nothing that is measured waits for its making.

`python -m bench.steady BOOTSTRAP EVENTS_PER_SECOND` prints a line when the first records are due, and goes on until
SIGTERM; then it prints how many events a second it made.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from subprocess import PIPE
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.events import records
from bench.loading import Sender

TICK_S = 0.02
WARM_MS = 120_000
BREATH = 500
"""Records between two breaths of a load that is behind: acknowledgements must be heard."""


class Steady:
    """A running load."""

    def __init__(self) -> None:
        self.per_second = 0.0
        """What it has been; known when it has ended."""


@asynccontextmanager
async def steady(core: int, bootstrap: str, per_second: float) -> AsyncIterator[Steady]:
    """Keep a load up on a core for as long as the block."""
    command = ["taskset", "-c", str(core), sys.executable, "-m", "bench.steady", bootstrap, str(per_second)]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    said: Any = process.stdout
    load = Steady()
    await said.readline()
    try:
        yield load
    finally:
        process.terminate()
        load.per_second = float(await said.read())
        await process.wait()


async def keep_up(bootstrap: str, per_second: float, stop: asyncio.Event) -> float:
    """Produce until stopped, with calls under way that began before; return how many events a second it was."""
    made = 0
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1) as producer:
        sender = Sender(producer)
        due = records(1 << 40, int(time.time() * 1000) - WARM_MS, per_second, seed=time.time_ns())
        while next(due).arrival_ms < time.time() * 1000:
            pass
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        begun = time.time()
        while not stop.is_set():
            record = next(due)
            while record.arrival_ms > time.time() * 1000:
                await sender.finish()
                await asyncio.sleep(TICK_S)
            await sender.add(record)
            made += 1
            if made % BREATH == 0:
                await asyncio.sleep(0)
        await sender.finish()
    return made / (time.time() - begun)


async def _main(bootstrap: str, per_second: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sys.stdout.write(str(await keep_up(bootstrap, per_second, stop)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], float(sys.argv[2])))
