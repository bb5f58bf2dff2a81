"""`floorcast worker` in a process of its own, with the faults and the mutant that a test asks for."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams import app, logs, settings
from streams.embedded.child import die_with_parent
from streams.store.redis_writer import RedisWriter
from streams.worker.applier import Applier
from streams.worker.service import WorkerError
from tests.integration import faults
from tests.integration.mutants import MUTANTS

VERIFIED = "asked the ledger whether it still agrees"
VERIFY_EVERY_S = 0.3


def run(chosen: Mapping[str, str], wrong: Sequence[faults.Fault], mutant: str, pace_s: float, log: Path) -> None:
    """Run until signalled, crashed or killed, as the command does; everything said goes to `log`."""
    die_with_parent(os.getppid())()
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    os.environ.update({f"FLOORCAST_{name.upper()}": value for name, value in chosen.items()})
    found = settings.load()
    logs.configure(found)
    _verify_often()
    for fault in wrong:
        faults.commit(fault)
    if mutant:
        MUTANTS[mutant](found)
    if pace_s:
        _slow_down(pace_s)

    async def work() -> None:
        await app.worker(found).run()

    code = 0
    try:
        asyncio.run(work())
    except WorkerError as error:
        sys.stderr.write(f"{error}\n")
        code = 1
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


def _verify_often() -> None:
    """Verify often, so that tests need not wait, and say so."""
    verify = Applier._verify
    Applier.__init__.__kwdefaults__ = {"verify_every_s": VERIFY_EVERY_S}

    async def saying_so(self: Applier) -> None:
        await verify(self)
        logging.getLogger(__name__).info(VERIFIED)

    Applier._verify = saying_so  # type: ignore[method-assign]


def _slow_down(pace_s: float) -> None:
    """Let each round of scripts take a while, so that a short load leaves time for what is to happen in its midst."""
    apply = RedisWriter.apply

    async def slowly(self: RedisWriter, work: object) -> object:
        await asyncio.sleep(pace_s)
        return await apply(self, work)  # type: ignore[arg-type]

    RedisWriter.apply = slowly  # type: ignore[assignment, method-assign]
