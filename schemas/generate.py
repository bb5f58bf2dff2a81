"""Writes what follows from the models and topics: JSON Schema, examples, AsyncAPI.

`python -m schemas.generate` writes; with `--check` it names the stale files and exits 1 if there are any.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from schemas.render import asyncapi, examples, json_schema, refused

HOME = Path(__file__).parent
FOLDERS = ("jsonschema", "examples")
"""Folders that hold nothing but generated files."""


def files() -> dict[str, str]:
    """Return every generated file: its path below `schemas/` and its text."""
    return {**json_schema.files(), **examples.files(), **refused.files(), **asyncapi.files()}


def stale(home: Path = HOME) -> list[str]:
    """Return a sentence for each file that is missing, differs, or should not be there."""
    wanted = files()
    wrong = {path: f"{path}: {_fault(home / path, text)}" for path, text in wanted.items() if _fault(home / path, text)}
    surplus = {path: f"{path}: nothing generates it" for path in _present(home) - set(wanted)}
    return sorted([*wrong.values(), *surplus.values()])


def _fault(path: Path, text: str) -> str:
    if not path.exists():
        return "missing"
    return "" if path.read_bytes() == text.encode() else "stale"


def _present(home: Path) -> set[str]:
    found = (path for folder in FOLDERS for path in (home / folder).rglob("*") if path.is_file())
    return {path.relative_to(home).as_posix() for path in found}


def write(home: Path = HOME) -> None:
    """Write every file and remove those that nothing generates any more."""
    wanted = files()
    for surplus in _present(home) - set(wanted):
        (home / surplus).unlink()
    for name, text in wanted.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    if not parser.parse_args(arguments).check:
        write()
        return 0
    faults = stale()
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
