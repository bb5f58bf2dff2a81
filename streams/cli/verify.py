"""`floorcast verify`"""

import asyncio
import signal
import time
from contextlib import suppress

import click
import structlog
from aiokafka.errors import KafkaError

from streams.cli.progress import progress
from streams.cli.running import read_settings, run, table_console
from streams.floor import Floor, FloorError, load_installed
from streams.kpis.panes import QUARTERS_KEPT_MS
from streams.simulate.moments import epoch_ms
from streams.store.protocol import StoreUnavailable
from streams.topics import KafkaAway

log = structlog.get_logger(__name__)

COULD_NOT = 2


@click.command()
@click.option("--from", "since", required=True, help="RFC 3339, or a date by the floor's clock; 35 days back at most.")
@click.option("--to", "until", help="The end of the range; now, if it is not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output instead of a table.")
def verify(since: str, until: str | None, as_json: bool) -> None:
    """Count Kafka's records again, beside the running workers, and compare every pane of the range with the live one.

    Exit code 0: all figures are equal; 1: the differences are printed; 2: something could not be verified.
    """
    try:
        _verify(since, until, as_json)
    except click.ClickException as error:
        error.show()
    except Exception:  # a fault of ours, which must not look like a difference
        log.exception("crashed")
    else:
        return
    raise SystemExit(COULD_NOT)


def _verify(since: str, until: str | None, as_json: bool) -> None:
    settings = read_settings()
    from streams.verify import service, telling
    from streams.verify.report import CannotVerify
    from streams.verify.shadow import ShadowTaken

    try:
        floor = load_installed(settings.config, named=settings.config_named)
    except FloorError as error:
        raise click.ClickException(str(error)) from None
    from_ms, to_ms = _range(since, until, floor)
    codes: list[int] = []

    async def work() -> None:
        stop = asyncio.Event()

        def end(number: int) -> None:
            codes.append(128 + number)
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, end, number)
        with progress() as tell, suppress(service.Stopped):
            report = await service.verify(settings, floor, from_ms, to_ms, tell, stop)
        if stop.is_set():
            return
        for line in telling.sentences(report):
            click.echo(line, err=True)
        if as_json:
            click.echo(telling.as_json(report))
        elif report.differences:
            table_console().print(telling.table(report))
        codes.append(telling.exit_code(report))

    run(work, CannotVerify, ShadowTaken, StoreUnavailable, KafkaAway, KafkaError, OSError)
    raise SystemExit(codes[0])


def _range(since: str, until: str | None, floor: Floor) -> tuple[int, int]:
    now_ms = time.time_ns() // 1_000_000
    try:
        from_ms = epoch_ms(since, floor.timezone)
        to_ms = now_ms if until is None else min(epoch_ms(until, floor.timezone), now_ms)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if from_ms >= to_ms:
        raise click.UsageError("--from must be in the past, and before --to")
    if from_ms < now_ms - QUARTERS_KEPT_MS:
        raise click.UsageError("--from is more than 35 days ago: no figures are kept so long")
    return from_ms, to_ms
