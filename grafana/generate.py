"""Writes the boards: `python -m grafana.generate`; with `--check` it names the stale files and exits 1 if there are any."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.boards import BOARDS
from grafana.words import LANGUAGES

HOME = Path(__file__).parent / "dashboards"


def files() -> dict[str, str]:
    """Return every dashboard: its path below `dashboards/` and its text."""
    return {
        f"{language}/{board.slug}.json": json.dumps(
            board.build(language, BOARDS), cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False
        )
        + "\n"
        for language in LANGUAGES
        for board in BOARDS
    }


def stale(home: Path = HOME) -> list[str]:
    """Return a sentence for each file that is missing, differs, or should not be there."""
    wanted = files()
    found = {path.relative_to(home).as_posix(): path.read_text("utf-8") for path in home.rglob("*.json")}
    wrong = [f"{path}: {'stale' if path in found else 'missing'}" for path in wanted if found.get(path) != wanted[path]]
    return sorted([*wrong, *(f"{path}: nothing generates it" for path in found.keys() - wanted.keys())])


def write(home: Path = HOME) -> None:
    """Write every file and remove those that nothing generates any more."""
    wanted = files()
    for path in home.rglob("*.json"):
        if path.relative_to(home).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m grafana.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    if not parser.parse_args(arguments).check:
        write()
        return 0
    faults = stale()
    for fault in faults:
        sys.stderr.write(f"grafana/dashboards/{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
