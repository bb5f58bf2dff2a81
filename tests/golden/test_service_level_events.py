"""The service level's many calls are those of their script, and its floor the sum of its queues."""

import json
from pathlib import Path
from runpy import run_path

CASE = Path(__file__).parent / "service_level_policies"


def test_the_events_are_those_that_the_script_writes() -> None:
    written = [json.loads(line) for line in (CASE / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert written == list(run_path(str(CASE / "make_events.py"))["events"]())


def test_the_floor_is_the_sum_of_its_queues() -> None:
    expected = json.loads((CASE / "expected.json").read_text(encoding="utf-8"))["kpis"]
    queues = [row for row in expected if row["scope"] == "queue"]
    (floor,) = (row for row in expected if row["scope"] == "floor")
    for side in ("numerator", "denominator"):
        assert floor[side] == sum(row[side] for row in queues)
