"""The processes that a demo ends with: the one that started it, and through `make` the one that started that.

A demo whose shell, `make` or script was killed must not run on where nobody sees it. One that has no such process from
the start, as under `setsid --fork` or an init system, runs until it is signalled.
"""

import asyncio
import os
import signal
from pathlib import Path

POLL_S = 0.25
PASSED_THROUGH = frozenset({"make", "gmake"})
_PROC = Path("/proc")
_ENDS = 1 << (signal.SIGINT - 1)


def starters() -> tuple[int, ...]:
    """Return the parent's process id; behind `make` also its parent's, and so on. Another answer later: one died."""
    found = [os.getppid()]
    while (process := _name_and_parent(found[-1])) and process[0] in PASSED_THROUGH:
        found.append(process[1])
    return tuple(found)


async def until_one_ends(at_start: tuple[int, ...]) -> None:
    """Wait until one of the starters is gone, or a `make` waits for us in order to end."""
    makes = [make for make in at_start[:-1] if not is_interrupted(make)]
    seen = 0
    while starters() == at_start and seen < 2:
        await asyncio.sleep(POLL_S)
        seen = seen + 1 if any(map(is_interrupted, makes)) else 0


def is_interrupted(make: int) -> bool:
    """Say whether a `make` got a SIGINT of its own. It does not pass that on, but waits for its recipe to end, inside
    the signal's handler: the kernel shows the signal as blocked.
    """
    try:
        status = (_PROC / str(make) / "status").read_text("utf-8", "replace")
    except OSError:
        return False
    blocked = next((line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:")), "0")
    return bool(int(blocked, 16) & _ENDS)


def _name_and_parent(pid: int) -> tuple[str, int] | None:
    """Return what the kernel says of a process; None where it says nothing (not Linux, or the process is gone)."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    name, rest = stat.split("(", 1)[1].rsplit(")", 1)
    return name, int(rest.split()[1])
