"""Writes what follows from the models and topics: JSON Schema, examples, AsyncAPI.

`python -m schemas.generate` writes; with `--check` it names the stale files and exits 1 if there are any.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from schemas import generated
from schemas.render import asyncapi, examples, json_schema, refused

HOME = Path(__file__).parent
FOLDERS = ("jsonschema", "examples")
"""Folders that hold nothing but generated files."""


def files() -> dict[str, str]:
    """Return every generated file: its path below `schemas/` and its text."""
    return {**json_schema.files(), **examples.files(), **refused.files(), **asyncapi.files()}


def stale(home: Path = HOME) -> list[str]:
    """Return a sentence for each file that is missing, differs, or should not be there."""
    return generated.stale(home, files(), _present(home))


def _present(home: Path) -> set[str]:
    found = (path for folder in FOLDERS for path in (home / folder).rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix() for path in found}


def write(home: Path = HOME) -> None:
    """Write every file and remove those that nothing generates any more."""
    generated.write(home, files(), _present(home))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return generated.command("schemas.generate", __doc__, arguments, stale=stale, write=write)


if __name__ == "__main__":
    sys.exit(main())
