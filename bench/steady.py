"""A steady load from a process of its own, made beforehand: what is measured waits neither for its making nor its memory.

`python -m bench.steady BOOTSTRAP EVENTS_PER_SECOND SECONDS` prints a line when it begins, and ends after so many seconds
or at SIGTERM; then it prints how many events a second it has sent.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import islice
from subprocess import PIPE
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.events import Record, records
from bench.loading import Sender

TICK_S = 0.02
WARM_S = 60.0
"""So much of the load comes before it and is left out: the calls that begin in it end in the load."""
SAMPLE = 20_000
SLOWER = 1.5
"""The making may turn out so much slower than the sample of it."""
BREATH = 500
"""Records between two breaths of a load that is behind: acknowledgements must be heard."""


class Steady:
    """A running load."""

    def __init__(self) -> None:
        self.per_second = 0.0
        """What it has been; known when it has ended."""


@asynccontextmanager
async def steady(core: int, bootstrap: str, per_second: float, seconds: float) -> AsyncIterator[Steady]:
    """Keep a load up on a core for as long as the block, which must end within so many seconds."""
    words = [bootstrap, str(per_second), str(seconds)]
    command = ["taskset", "-c", str(core), sys.executable, "-m", "bench.steady", *words]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    said: Any = process.stdout
    load = Steady()
    await said.readline()
    try:
        yield load
    finally:
        if process.returncode is not None:
            raise RuntimeError(f"the load ended after {seconds:.0f} s, before what was measured under it")
        process.terminate()
        load.per_second = float(await said.read())
        await process.wait()


def made(per_second: float, seconds: float) -> list[Record]:
    """Return a load that begins as soon as it can have been made."""
    warm = int(WARM_S * per_second)
    count = warm + int(seconds * per_second)
    begun = time.perf_counter()
    for _ in records(SAMPLE, 0, per_second):
        pass
    making_s = (time.perf_counter() - begun) / SAMPLE * count * SLOWER
    start_ms = int((time.time() + making_s - WARM_S) * 1000)
    return list(islice(records(count, start_ms, per_second, seed=start_ms), warm, None))


async def send(bootstrap: str, load: Iterable[Record], stop: asyncio.Event) -> float:
    """Send each record when it is due, until stopped; return how many events a second it was."""
    sent, begun = 0, 0.0
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks=1) as producer:
        sender = Sender(producer)
        for record in load:
            while record.arrival_ms > time.time() * 1000 and not stop.is_set():
                await sender.finish()
                await asyncio.sleep(TICK_S)
            if stop.is_set():
                break
            if not begun:
                begun = time.time()
                sys.stdout.write("begun\n")
                sys.stdout.flush()
            await sender.add(record)
            sent += 1
            if sent % BREATH == 0:
                await asyncio.sleep(0)
        await sender.finish()
    return sent / (time.time() - begun)


async def _main(bootstrap: str, per_second: float, seconds: float) -> None:
    stop = asyncio.Event()
    load = made(per_second, seconds)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sys.stdout.write(str(await send(bootstrap, load, stop)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], *map(float, sys.argv[2:])))
