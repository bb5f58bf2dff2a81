"""Writes what follows from the code: the tables of docs/operations.md, and docs/kpis.md as a whole.

`python -m streams.reference` writes; with `--check` it names what is stale and exits 1.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from streams.export.names import FAMILIES
from streams.kpis.catalogue import load
from streams.kpis.reference import page as kpi_page
from streams.security import KafkaSecurity, RedisSecurity
from streams.settings import Settings, variable
from streams.worker.metrics import WorkerMetrics

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "operations.md"
KPIS = DOCS / "kpis.md"
OWN_PREFIX = "floorcast_worker_"
PART = "<!-- generated: {name} -->\n{body}<!-- end -->"


class Stale(Exception):
    """The page has no place for a table: put its two marks where it belongs."""


def tables() -> dict[str, str]:
    """Return every table by its name in the page."""
    fields = Settings.model_fields
    kafka, redis = KafkaSecurity.model_fields, RedisSecurity.model_fields
    return {
        "settings": _settings(name for name in ("kafka", "redis", *fields) if name not in _security(kafka, redis)),
        "kafka security": _settings(kafka),
        "redis security": _settings(name for name in redis if name != "redis"),
        "worker metrics": _metrics(),
        "exporter metrics": _exporter_metrics(),
    }


def rendered(page: str) -> str:
    """Return the page with every table as it must be. Raises Stale."""
    for name, body in tables().items():
        begin, end = PART.format(name=name, body="\0").split("\0")
        part = PART.format(name=name, body=body).replace("\\", r"\\")
        page, count = re.subn(f"{re.escape(begin)}.*?{re.escape(end)}", part, page, flags=re.DOTALL)
        if count != 1:
            raise Stale(f"{begin.strip()} … {end} must stand in the page once, and stands there {count} times")
    return page


def main(arguments: Sequence[str] | None = None, page: Path = PAGE, kpis: Path = KPIS) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m streams.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is stale")
    check = parser.parse_args(arguments).check
    found = page.read_text("utf-8")
    wanted = {page: rendered(found), kpis: kpi_page(load())}
    stale = [one for one, text in wanted.items() if not one.exists() or one.read_text("utf-8") != text]
    for one in stale:
        if check:
            sys.stderr.write(f"docs/{one.name}: stale; `make generate` writes it\n")
        else:
            one.write_text(wanted[one], "utf-8")
    return 1 if check and stale else 0


def _security(*kinds: Iterable[str]) -> set[str]:
    return {name for kind in kinds for name in kind} - {"redis"}


def _settings(names: Iterable[str]) -> str:
    fields = Settings.model_fields
    rows = [
        f"| `{variable(name)}` | {_default(fields[name])} | {_cell(fields[name].description or '')}{_values(fields[name])} |"
        for name in dict.fromkeys(names)
    ]
    return "\n".join(["| variable | default | what it says |", "| --- | --- | --- |", *rows, ""])


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == {}:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _values(field: FieldInfo) -> str:
    """Return the only values that a setting may have, if there are few."""
    if get_origin(field.annotation) is not Literal:
        return ""
    return " One of " + ", ".join(f"`{value}`" for value in get_args(field.annotation)) + "."


def _metrics() -> str:
    rows = []
    for family in WorkerMetrics().registry.collect():
        if family.name.startswith(OWN_PREFIX):
            name = family.name + ("_total" if family.type == "counter" else "")
            rows.append(f"| `{name}` | {family.type} | {_cell(family.documentation)} |")
    return "\n".join(["| metric | kind | what it says |", "| --- | --- | --- |", *rows, ""])


def _exporter_metrics() -> str:
    rows = [f"| `{one.name}` | {', '.join(one.labels)} | {one.kind} | {_cell(one.help)} |" for one in FAMILIES]
    return "\n".join(["| metric | labels | kind | what it says |", "| --- | --- | --- | --- |", *rows, ""])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
