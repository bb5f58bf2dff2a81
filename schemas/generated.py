"""Generated files in a folder: what is stale of them, how they are written, and the command that does either."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def stale(home: Path, wanted: Mapping[str, str], present: set[str]) -> list[str]:
    """Return a sentence for each file below `home` that is missing, differs, or is present though nothing wants it."""
    wrong = [f"{path}: {fault}" for path, text in wanted.items() if (fault := _fault(home / path, text))]
    return sorted([*wrong, *(f"{path}: nothing generates it" for path in present - set(wanted))])


def _fault(path: Path, text: str) -> str:
    if not path.exists():
        return "missing"
    return "" if path.read_bytes() == text.encode() else "stale"


def write(home: Path, wanted: Mapping[str, str], present: set[str]) -> None:
    """Write every file below `home` and remove those that are present though nothing wants them."""
    for surplus in present - set(wanted):
        (home / surplus).unlink()
    for name, text in wanted.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def command(
    module: str,
    about: str | None,
    arguments: Sequence[str] | None,
    *,
    stale: Callable[[], Sequence[str]],
    write: Callable[[], None],
    prefix: str = "",
) -> int:
    """Run `python -m module [--check]`; return its exit code. `prefix` stands before each stale file."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    if not parser.parse_args(arguments).check:
        write()
        return 0
    faults = stale()
    for fault in faults:
        sys.stderr.write(f"{prefix}{fault}\n")
    return 1 if faults else 0
