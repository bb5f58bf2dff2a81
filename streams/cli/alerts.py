"""`floorcast alerts`"""

import json
from datetime import date
from pathlib import Path

import click

from streams.cli.progress import progress
from streams.cli.running import read_settings, run, table_console


@click.group()
def alerts() -> None:
    """Whom alerts reach, and how often they would have fired."""


@alerts.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write here.  [default: standard output]")
@click.option("--first-year", type=click.IntRange(1970, 2999), metavar="YEAR", help="Write holidays down from this year on.  [default: this year]")  # fmt: skip
@click.option("--years", type=click.IntRange(1, 10), default=2, show_default=True, help="Of so many years.")
@click.option("--secrets", metavar="FOLDER", help="Where Alertmanager finds the receivers' Slack addresses, one file each.  [default: /etc/alertmanager/secrets]")  # fmt: skip
@click.option("--team", "teams", multiple=True, metavar="NAME", help="A team that gets its own receiver; may be repeated. Teams that floor.yaml names have one.")  # fmt: skip
@click.option("--watchdog", is_flag=True, help="Send the watchdog to the webhook in the file `watchdog` (Alertmanager 0.26 or later).")  # fmt: skip
def alertmanager(
    out: Path | None, first_year: int | None, years: int, secrets: str | None, teams: tuple[str, ...], *, watchdog: bool
) -> None:
    """Write Alertmanager's configuration for FLOORCAST_CONFIG: routes by team, times by the calendars, inhibition."""
    settings = read_settings()
    from streams.alerts.routing import SECRETS, Options
    from streams.alerts.routing import alertmanager as written
    from streams.floor import FloorError, load_installed

    try:
        floor = load_installed(settings.config, named=settings.config_named)
    except FloorError as error:
        raise click.ClickException(str(error)) from None
    begin = date.today().year if first_year is None else first_year
    text = written(floor, Options(range(begin, begin + years), secrets or SECRETS, teams, watchdog))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"--out {out}: {error.strerror}") from None


@alerts.command()
@click.option("--rules", "files", multiple=True, required=True, type=click.Path(path_type=Path), metavar="FILE", help="A rule file of Prometheus; may be repeated.")  # fmt: skip
@click.option("--from", "from_", metavar="WHEN", help="From a day (2026-11-24) or a time (RFC 3339) on.  [default: 7 days]")  # fmt: skip
@click.option("--to", metavar="WHEN", help="Up to a day, all of it, or a time.  [default: now]")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table, with every firing.")
def backtest(files: tuple[Path, ...], from_: str | None, to: str | None, *, as_json: bool) -> None:
    """Count how often alert rules would have fired over stored history, by the targets of FLOORCAST_CONFIG.

    Needs prometheus and promtool on the PATH. Figures are looked at each quarter of an hour. What is not stored (waits,
    lag, whether a program was up, ranges of less than half an hour) is said, and never counted as 0.
    """
    settings = read_settings()
    from streams.alerts.backtest import told
    from streams.alerts.backtest.ask import answer, rules
    from streams.alerts.backtest.prometheus import BadExpression, NoPrometheus
    from streams.alerts.backtest.rules import BadRules
    from streams.floor import FloorError, load_installed
    from streams.review.opened import NothingCounted
    from streams.review.span import BadRange
    from streams.store.protocol import StoreUnavailable

    async def work() -> None:
        wanted = await rules(files)
        floor = load_installed(settings.config, named=settings.config_named)
        try:
            with progress() as tell:
                report = await answer(settings, floor, wanted, from_, to, tell)
        except StoreUnavailable as error:
            raise click.ClickException(f"the Redis of FLOORCAST_REDIS does not answer: {error}") from None
        if as_json:
            click.echo(json.dumps(told.as_json(report), ensure_ascii=False, indent=1))
        else:
            table_console().print(told.table(report))

    run(work, FloorError, BadRules, BadRange, NothingCounted, BadExpression, NoPrometheus)
