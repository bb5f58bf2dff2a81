"""Writes the alert rules and their tests: `python -m grafana.alerts.generate`; `--check` names stale files and exits 1."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from grafana.alerts import GROUPS
from grafana.alerts.cases import CASES
from grafana.alerts.cases.case import tests
from grafana.alerts.rule import Alert
from schemas import generated

HOME = Path(__file__).parents[1] / "rules"
HEAD = "# Made by `make generate` from grafana/alerts; do not edit.\n"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they stand."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def files() -> dict[str, str]:
    """Return every file: its path below `rules/` and its text."""
    return {
        **{f"{name}.yaml": text(rules(name, alerts)) for name, alerts in GROUPS.items()},
        **{f"tests/{name}.yaml": text(tests(f"../{name}.yaml", CASES[name])) for name in GROUPS},
    }


def rules(name: str, alerts: Iterable[Alert]) -> dict[str, Any]:
    """Return a rule file's content."""
    return {"groups": [{"name": f"floorcast-{name}", "rules": [alert.rule() for alert in alerts]}]}


def text(content: dict[str, Any]) -> str:
    """Return YAML, in the order in which it is given."""
    return HEAD + yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def stale(home: Path = HOME) -> list[str]:
    """Return a sentence for each file that is missing, differs, or should not be there."""
    return generated.stale(home, files(), _present(home))


def _present(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*.yaml")}


def write(home: Path = HOME) -> None:
    """Write every file and remove those that nothing generates any more."""
    generated.write(home, files(), _present(home))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return generated.command(
        "grafana.alerts.generate", __doc__, arguments, stale=stale, write=write, prefix="grafana/rules/"
    )


if __name__ == "__main__":
    sys.exit(main())
