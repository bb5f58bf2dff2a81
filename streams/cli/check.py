"""`floorcast check`"""

from collections.abc import Sequence
from pathlib import Path

import click

from streams import settings
from streams.floor import FloorError, load
from streams.settings import SettingsError


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check the settings, and FILES (default: FLOORCAST_CONFIG): every problem with its file, line and reason; exit
    code 1 if there is any.
    """
    problems: list[str] = []
    config: Sequence[Path] = ()
    try:
        config = (settings.load().config,)
    except SettingsError as error:
        problems.append(str(error))
    for slip in settings.unknown():
        click.echo(f"warning: {slip}", err=True)
    for file in files or config:
        try:
            click.echo(_praise(file))
        except FloorError as error:
            problems.append(str(error))
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)


def _praise(file: Path) -> str:
    """Say what is in a good file. Raises FloorError."""
    floor = load(file)
    own = f"{len(floor.facts)} facts and {len(floor.kpis)} KPIs of its own"
    return f"{file}: good ({floor.name}, {floor.timezone}, {len(floor.targets)} targets, {own})"
