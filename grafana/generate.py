"""Writes the boards: `python -m grafana.generate`; with `--check` it names the stale files and exits 1 if there are any."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.boards import BOARDS
from grafana.words import LANGUAGES
from schemas import generated

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
    return generated.stale(home, files(), _present(home))


def _present(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*.json")}


def write(home: Path = HOME) -> None:
    """Write every file and remove those that nothing generates any more."""
    generated.write(home, files(), _present(home))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return generated.command(
        "grafana.generate", __doc__, arguments, stale=stale, write=write, prefix="grafana/dashboards/"
    )


if __name__ == "__main__":
    sys.exit(main())
