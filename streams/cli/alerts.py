"""`floorcast alerts`"""

from datetime import date
from pathlib import Path

import click

from streams.cli.running import read_settings


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
