"""`floorcast worker`"""

import logging
import os
import sys

import click
import structlog
from redis.exceptions import ResponseError

from streams.cli.running import read_settings, run

log = structlog.get_logger(__name__)


@click.command()
def worker() -> None:
    """Count events from Kafka into the KPI tables in Redis. As many as you like, one a core."""
    settings = read_settings()
    from streams import app
    from streams.floor import FloorError
    from streams.listening import ListenError
    from streams.worker.service import WorkerError

    async def work() -> None:
        try:
            await app.worker(settings).run()
        except ResponseError as error:
            raise WorkerError(f"Redis refuses what a worker needs: {error}") from error

    code = 0
    try:
        run(work, FloorError, WorkerError, ListenError)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except Exception:  # a fault of ours: told as every other line is
        log.exception("crashed")
        code = 1
    # Everything that matters is in the ledger. A driver's thread that cannot stop must not keep the process.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)
