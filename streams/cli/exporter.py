"""`floorcast exporter`"""

import click

from streams.cli.running import read_settings, run


@click.command()
def exporter() -> None:
    """Serve metrics and JSON from the KPI tables. As many as you like: they only read."""
    settings = read_settings()
    from streams.export.service import serve
    from streams.floor import FloorError
    from streams.listening import ListenError

    run(lambda: serve(settings), FloorError, ListenError)
