"""`floorcast targets`"""

import json
from pathlib import Path

import click

from streams.cli.progress import progress
from streams.cli.running import read_settings, run, table_console


@click.command()
@click.option("--what-if", type=click.Path(path_type=Path), metavar="FILE",
              help="Judge stored history by the targets of this file too.")  # fmt: skip
@click.option("--from", "from_", metavar="WHEN",
              help="Judge stored history from a day (2026-11-24) or a time (RFC 3339) on.  [default: 7 days]")  # fmt: skip
@click.option("--to", metavar="WHEN", help="Up to a day, all of it, or a time.  [default: now]")
@click.option("--kpi", "kpis", multiple=True, metavar="ID", help="Only this KPI; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def targets(what_if: Path | None, from_: str | None, to: str | None, kpis: tuple[str, ...], *, as_json: bool) -> None:
    """Show the targets of FLOORCAST_CONFIG as they stand now.

    With --what-if, --from or --to: which of them were met over stored history, by today's file and by the other one, side
    by side. Figures are kept for 35 days, and stay as they were counted.
    """
    settings = read_settings()
    from streams.floor import FloorError
    from streams.review.ask import Question, UnknownKpi, answer, sources
    from streams.review.opened import NothingCounted
    from streams.review.span import BadRange
    from streams.store.protocol import StoreUnavailable

    async def work() -> None:
        question = Question(what_if, from_, to, frozenset(kpis))
        found, warnings = sources(settings, question)
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
        try:
            with progress() as tell:
                told = await answer(settings, question, found, tell)
        except StoreUnavailable as error:
            raise click.ClickException(f"the Redis of FLOORCAST_REDIS does not answer: {error}") from None
        if as_json:
            click.echo(json.dumps(told.json, ensure_ascii=False, indent=1))
        else:
            table_console().print(told.table)

    run(work, FloorError, UnknownKpi, BadRange, NothingCounted)
