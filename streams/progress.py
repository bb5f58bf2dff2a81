"""How far a long job is: told by who does it, shown by who asked for it."""

from collections.abc import Callable

Tell = Callable[[str, int], None]
"""Takes what is being done, and how much of it is left."""


def untold(_what: str, _left: int) -> None:
    """Take no notice."""
