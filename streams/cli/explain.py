"""`floorcast explain`"""

import click

from streams.cli.running import read_settings, run, table_console


@click.command()
@click.option("--kpi", required=True, metavar="ID", help="Which KPI: see docs/kpis.md.")
@click.option(
    "--scope", default="floor", show_default=True, metavar="SCOPE", help="floor, team, queue, campaign or rep."
)
@click.option("--name", metavar="NAME", help="Of the team, queue, campaign or rep; the floor needs none.")
@click.option("--window", required=True, metavar="WINDOW", help="5m, 15m, 30m, 1h, today, shift, week or month.")
@click.option(
    "--at", metavar="TIME", help="The window that ended then (RFC 3339), 35 days back at most.  [default: now]"
)
@click.option("--version", type=click.IntRange(1), help="Of the KPI's formula.  [default: the one in force then]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as /api/explain has it, instead of tables.")
def explain(
    kpi: str, scope: str, name: str | None, window: str, at: str | None, version: int | None, *, as_json: bool
) -> None:
    """Take one figure apart.

    Definition, formula and policy; the window's borders; numerator and denominator by fact and pane; what was late,
    repeated or parked in that time; the target that applied, with its file and line. Asks Redis, no exporter is needed.
    """
    settings = read_settings()
    from streams.explain.ask import answer
    from streams.explain.question import Question, Unanswerable
    from streams.explain.screen import picture
    from streams.export.answers import encode
    from streams.export.problems import BadQuery
    from streams.floor import FloorError, load_installed
    from streams.review.opened import NothingCounted
    from streams.store.protocol import StoreUnavailable

    async def work() -> None:
        question = Question.of({"kpi": kpi, "scope": scope, "name": name, "window": window}, version)
        floor = load_installed(settings.config, named=settings.config_named)
        try:
            told = await answer(settings, floor, question, at)
        except StoreUnavailable as error:
            raise click.ClickException(f"the Redis of FLOORCAST_REDIS does not answer: {error}") from None
        if as_json:
            click.echo(encode(told))
        else:
            table_console().print(picture(told))

    run(work, FloorError, Unanswerable, BadQuery, NothingCounted)
