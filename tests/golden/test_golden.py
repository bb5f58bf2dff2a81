"""Every golden folder: its events, counted under its floor.yaml, give the rows of its expected.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.golden.running import KEY, told

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/expected.json"))
FILES = {"README.md", "events.jsonl", "floor.yaml", "expected.json"}


def instants(case: Path) -> list[dict[str, Any]]:
    """Return what a case expects at each instant: `at`, `kpis` and perhaps `version`, `counters` and `absent`."""
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    return list(expected.get("instants", [expected]))


PARAMETERS = [
    pytest.param(case, wanted, id=f"{case.name}-{number}")
    for case in CASES
    for number, wanted in enumerate(instants(case), 1)
]


@pytest.mark.parametrize(("case", "wanted"), PARAMETERS)
async def test_a_case_gives_what_its_readme_works_out(
    case: Path, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await told(case, wanted["at"], monkeypatch, wanted.get("version"))
    for row in wanted["kpis"]:
        key = tuple(row[field] for field in KEY)
        assert key in found.rows, key
        given = {field: found.rows[key][field] for field in row}
        assert given == {field: _near(value) for field, value in row.items()}
    assert {name: found.counters.get(name, 0) for name in wanted.get("counters", {})} == wanted.get("counters", {})
    absent = [tuple(row[field] for field in KEY) for row in wanted.get("absent", [])]
    assert not set(absent) & set(found.rows)


def _near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-11) if isinstance(value, float) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_complete(case: Path) -> None:
    assert {path.name for path in case.iterdir()} >= FILES
    assert all(instant["kpis"] for instant in instants(case))
