"""How far a command is, on standard error, where that is a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streams.progress import Tell


@contextmanager
def progress() -> Iterator[Tell]:
    """Return what is told how much is left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as shown:
        tasks: dict[str, tuple[Any, int]] = {}

        def tell(what: str, left: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=left), left
            task, total = tasks[what]
            shown.update(task, completed=total - left)

        yield tell
