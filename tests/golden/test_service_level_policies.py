"""The golden case's calls, judged by the policies of its floor.yaml."""

import json
from collections import Counter
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from streams.floor import load
from streams.kpis.formulas import evaluate

CASE = Path(__file__).parent / "service_level_policies"
EXPECTED = json.loads((CASE / "expected.json").read_text(encoding="utf-8"))["kpis"]


class Judged:
    """What a queue's calls add to the service level."""

    def __init__(self, queue: str) -> None:
        self.sums: Counter[str] = Counter()
        policy = load(CASE / "floor.yaml").queue_policy(queue)
        for line in (CASE / "events.jsonl").read_text(encoding="utf-8").splitlines():
            data = json.loads(line)["data"]
            if data["queue"] == queue:
                met, of = policy.judge(data["outcome"], data["wait_ms"])
                self.sums.update(service_level_met=met, service_level_of=of)

    def fact(self, name: str) -> int:
        return self.sums[name]

    def distinct(self, name: str) -> int:
        return 0

    def buckets(self, name: str) -> tuple[tuple[int, int], ...]:
        return ()


@pytest.mark.parametrize("row", [row for row in EXPECTED if row["scope"] == "queue"], ids=lambda row: row["name"])
def test_each_policy_gives_its_golden_value(row: dict[str, Any]) -> None:
    figure = evaluate(load(CASE / "floor.yaml").catalogue().kpis["service_level"], Judged(row["name"]))
    assert (figure.numerator, figure.denominator) == (row["numerator"], row["denominator"])
    assert figure.value == pytest.approx(row["value"], rel=1e-11)


def test_the_events_are_those_that_the_script_writes() -> None:
    written = [json.loads(line) for line in (CASE / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert written == list(run_path(str(CASE / "make_events.py"))["events"]())


def test_the_floor_is_the_sum_of_its_queues() -> None:
    queues = [row for row in EXPECTED if row["scope"] == "queue"]
    (floor,) = (row for row in EXPECTED if row["scope"] == "floor")
    for side in ("numerator", "denominator"):
        assert floor[side] == sum(row[side] for row in queues)
