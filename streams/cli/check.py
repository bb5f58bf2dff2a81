"""`floorcast check`"""

from pathlib import Path

import click

from streams.cli.running import read_settings
from streams.floor import FloorError, load


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check FILES (default: FLOORCAST_CONFIG): every problem with its file, line and reason; exit code 1 if any."""
    faulty = False
    for file in files or (read_settings().config,):
        try:
            floor = load(file)
        except FloorError as error:
            faulty = True
            click.echo(str(error), err=True)
        else:
            own = f"{len(floor.facts)} facts and {len(floor.kpis)} KPIs of its own"
            click.echo(f"{file}: good ({floor.name}, {floor.timezone}, {len(floor.targets)} targets, {own})")
    if faulty:
        raise SystemExit(1)
