"""What goes wrong, at which step and which time: done to a worker from outside, by wrapping its parts."""

import asyncio
import os
import signal
from dataclasses import dataclass
from typing import Any, Literal

from streams.parking import DeadLetters
from streams.store.protocol import StoreUnavailable
from streams.store.redis_writer import RedisWriter
from streams.transport.thread import BatchThread
from streams.worker.processor import Processor

Deed = Literal["kill", "stop", "raise", "lose_reply", "hang"]
STEPS: dict[str, tuple[type, str]] = {
    "claim": (RedisWriter, "claim"),
    "load": (RedisWriter, "load"),
    "script": (RedisWriter, "apply"),
    "commit": (BatchThread, "_commit"),
    "parking": (DeadLetters, "park"),
    "agent": (Processor, "take"),
    "processing": (Processor, "_hand_over"),
}
"""Step → the class and the coroutine that does it."""


class Broken(Exception):
    """Nobody expects this one."""


@dataclass(frozen=True)
class Fault:
    """`Fault("before script", 5, "kill")`: the worker dies before its fifth script."""

    where: str
    """`before` or `after`, then a step."""
    time: int
    deed: Deed


def commit(fault: Fault) -> None:
    """Make it happen in this process."""
    side, step = fault.where.split()
    owner, name = STEPS[step]
    done = getattr(owner, name)
    times = 0

    async def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal times
        times += 1
        mine = times == fault.time
        if mine and side == "before":
            await _do(fault.deed)
        answer = await done(*arguments, **named)
        if mine and side == "after":
            await _do(fault.deed)
        return answer

    setattr(owner, name, wrapped)


async def _do(deed: Deed) -> None:
    match deed:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "raise":
            raise Broken("as told")
        case "lose_reply":
            raise StoreUnavailable("the reply is lost, as told")
        case "hang":
            await asyncio.Event().wait()
