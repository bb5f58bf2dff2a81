"""Writes the alert rules, their tests, and Alertmanager's configuration for the floor.yaml of this repository:
`python -m grafana.alerts.generate`; with `--check` it names stale files and exits 1.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from grafana.alerts import GROUPS
from grafana.alerts.cases import CASES
from grafana.alerts.cases.case import tests
from grafana.alerts.rule import Alert
from schemas import generated
from streams.alerts.routing import Options, alertmanager
from streams.alerts.written import written
from streams.floor import load

HOME = Path(__file__).parents[1]
ALERTMANAGER = "alertmanager.yaml"
HOLIDAYS_OF = range(2026, 2028)
HEAD = "# Made by `make generate` from grafana/alerts; do not edit.\n"


def files() -> dict[str, str]:
    """Return every file: its path below `grafana/` and its text."""
    return {
        **{f"rules/{name}.yaml": text(rules(name, alerts)) for name, alerts in GROUPS.items()},
        **{f"rules/tests/{name}.yaml": text(tests(f"../{name}.yaml", CASES[name])) for name in GROUPS},
        ALERTMANAGER: alertmanager(load(HOME.parent / "floor.yaml"), Options(HOLIDAYS_OF)),
    }


def rules(name: str, alerts: Iterable[Alert]) -> dict[str, Any]:
    """Return a rule file's content."""
    return {"groups": [{"name": f"floorcast-{name}", "rules": [alert.rule() for alert in alerts]}]}


def text(content: dict[str, Any]) -> str:
    """Return YAML, in the order in which it is given."""
    return HEAD + written(content)


def stale(home: Path = HOME) -> list[str]:
    """Return a sentence for each file that is missing, differs, or should not be there."""
    return generated.stale(home, files(), _present(home))


def _present(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in (home / "rules").rglob("*.yaml")}


def write(home: Path = HOME) -> None:
    """Write every file and remove those that nothing generates any more."""
    generated.write(home, files(), _present(home))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return generated.command("grafana.alerts.generate", __doc__, arguments, stale=stale, write=write, prefix="grafana/")


if __name__ == "__main__":
    sys.exit(main())
