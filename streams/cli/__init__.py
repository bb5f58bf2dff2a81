"""The command line: `floorcast COMMAND`. Each command is a file here, imported only when it runs."""

import os
import sys
from importlib import import_module

import click

COMMANDS = {
    "demo": "Everything on this machine, with a simulated floor.",
    "stack": "Just the embedded Kafka and Redis.",
    "topics": "Create and check the topics.",
    "worker": "Count events from Kafka into the KPI tables in Redis.",
    "exporter": "Serve metrics and JSON from the KPI tables.",
    "simulate": "Emit the events of a believable floor.",
    "targets": "Show which targets are met, were met or would have been.",
    "explain": "Take one figure apart: its parts, panes and target.",
    "alerts": "Set Alertmanager up; count what would have fired.",
    "verify": "Count Kafka's records again and compare with the live figures.",
    "check": "Check the floor's configuration and the settings.",
}


class Commands(click.Group):
    """The commands, imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"streams.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="floorcast")
def main() -> None:
    """Exact real-time KPIs for inside-sales floors and call centres. Settings: FLOORCAST_… (docs/operations.md)."""
    _fill_closed_streams()


def _fill_closed_streams() -> None:
    """Let nothing come of what is said to a stream that was closed before the start (`2>&-`): else the next file or
    connection would have its number, and be written to.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, mode))
