"""Every expected figure of every golden folder and others beside it, explained: the same row to the digit, and parts
that add up to it.
"""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from streams.explain.explainer import Explainer
from streams.explain.outlook import glimpsed, viewed
from streams.explain.question import Question
from streams.export.answers import Answers, encode
from streams.export.floor_targets import FloorTargets
from streams.export.query import Filters
from tests.golden.running import KEY, counted
from tests.golden.test_golden import PARAMETERS

Told = dict[str, Any]
OTHERS = 5
"""Further figures of an instant: of other names and windows."""


@pytest.mark.parametrize(("case", "wanted"), PARAMETERS)
async def test_every_figure_is_the_sum_of_its_parts(
    case: Path, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    view, floor = await counted(case, wanted["at"], monkeypatch)
    version = wanted.get("version")
    filters = Filters(kpis=frozenset(row["kpi"] for row in wanted["kpis"]), version=version)
    rows = json.loads(await Answers(view, FloorTargets(floor)).kpis(filters))["kpis"]
    explainer = Explainer(view.reader, floor, "floor.yaml")
    outlooks = [
        viewed(view, None, version),
        await glimpsed(
            view.reader, floor, view.partitions, None, version, lambda scope: view.figures.rows(scope).texts
        ),
    ]
    lines = (case / "floor.yaml").read_text("utf-8").splitlines()
    expected = {tuple(row[field] for field in KEY) for row in wanted["kpis"]}
    dice = Random(case.name)
    others = dice.sample(rows, min(OTHERS, len(rows)))
    for row in [row for row in rows if tuple(row[field] for field in KEY) in expected] + others:
        kpi, scope, name, window = (row[field] for field in KEY)
        told, glanced = [
            json.loads(encode(await explainer.explain(outlook, Question(kpi, scope, name, window, version))))
            for outlook in outlooks
        ]
        assert glanced == told
        assert told["figure"] == row
        adds_up(told)
        if row["target"] is None:
            assert told["rule"] is None
        else:
            assert (told["rule"]["target"], told["rule"]["bound"]) == (row["target"], row["bound"])
            assert f"kpi: {row['kpi']}" in lines[told["rule"]["line"] - 1]


def adds_up(told: Told) -> None:
    """Check that each sum is that of what stands beneath it, down to the panes, and that value is what they come to."""
    row, rank = told["figure"], told["rank"]
    for side in (told["numerator"], told["denominator"]):
        if side and not side["distinct"]:
            assert side["sum"] == sum(fact["sum"] for fact in side["facts"])
            assert all(fact["panes"] + fact["open"] == fact["sum"] for fact in side["facts"])
            for fact in side["facts"]:
                assert fact["panes"] == sum(pane["facts"].get(fact["fact"], 0) for pane in told["panes"])
                assert fact["open"] == sum(one["ms"] for one in told["open"] if one["fact"] == fact["fact"])
        elif side:
            (kind, total) = side["distinct"]["distinct"], side["distinct"]["sum"]
            assert total == sum(pane["new"].get(kind, 0) for pane in told["panes"])
            assert all(pane["new"].get(kind, 0) <= pane["distinct"].get(kind, 0) for pane in told["panes"])
    if row["from"] is None:
        assert (row["value"], told["numerator"], told["panes"]) == (None, None, [])
    elif rank:
        assert (
            rank["n"] == sum(bucket["count"] for bucket in rank["buckets"]) == sum(p["values"] for p in told["panes"])
        )
        if rank["n"]:
            assert rank["below"] < rank["rank"] <= rank["below"] + rank["bucket"]["count"] == rank["n"] - rank["above"]
            assert rank["bucket"]["from"] <= row["value"] <= rank["bucket"]["to"]
    elif told["denominator"] is None:
        assert row["value"] == told["numerator"]["shown"]
    else:
        assert [told[side]["shown"] for side in ("numerator", "denominator")] == [row["numerator"], row["denominator"]]
    if told["queues"]:
        facts = {side: told[side]["sum"] for side in ("numerator", "denominator")}
        assert facts == {
            "numerator": sum(q["met"] for q in told["queues"]),
            "denominator": sum(q["of"] for q in told["queues"]),
        }
