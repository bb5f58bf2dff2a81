"""`floorcast explain` as people run it, over what a real worker has counted: its parts are those of a plain recount."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Loaded
from tests.integration.workers import Group
from tests.programs import said

TARGETS = """
targets:
  - {kpi: calls_offered, scope: queue, name: "*", window: month, at_least: 1}
"""
OFFERED = ("inbound_answered", "inbound_abandoned")


@pytest.fixture
async def settings(group: Group, loaded: Loaded, tmp_path: Path) -> dict[str, Any]:
    """Return the settings of a group that has counted everything."""
    group.start()
    assert await group.finishes(loaded.wanted) == []
    config = tmp_path / "explained.yaml"
    config.write_text(Path(__file__).with_name("floor.yaml").read_text("utf-8") + TARGETS)
    return {"kafka": "127.0.0.1:1", "redis": loaded.stack.redis, "group": group.name, "config": config}


async def test_a_figure_is_taken_apart_into_what_a_recount_finds(settings: dict[str, Any], loaded: Loaded) -> None:
    words = ("--kpi", "calls_offered", "--scope", "queue", "--name", "support", "--window", "month")
    code, output, errors = await said("explain", *words, "--json", **settings)
    assert code == 0, errors
    told = json.loads(output)
    begin, end = (datetime.fromisoformat(told["figure"][side]).timestamp() * 1000 for side in ("from", "to"))
    facts: Counter[str] = Counter()
    irregular: Counter[str] = Counter()
    for (topic, _), figures in loaded.wanted.items():
        if topic == "calls":
            for (pane, row), sums in figures.facts.items():
                if pane[0] == "q" and begin <= int(pane[2:]) * 900_000 < end and row[1] == "support":
                    facts.update(sums)
            for (pane, kind), number in figures.irregular.items():
                if pane[0] == "q" and begin <= int(pane[2:]) * 900_000 < end:
                    irregular[kind] += number
    assert {fact["fact"]: fact["sum"] for fact in told["numerator"]["facts"]} == {name: facts[name] for name in OFFERED}
    assert told["figure"]["value"] == told["numerator"]["sum"] == sum(facts[name] for name in OFFERED) > 0
    (calls,) = told["irregular"]
    parked = {f"parked:{reason}": number for reason, number in calls["parked"].items()}
    assert {"late": calls["late"], "duplicate": calls["duplicate"], **parked} == irregular
    assert len(irregular) > 4  # the load is worth it
    place = TARGETS.count("\n", 0, TARGETS.index("  - ")) + Path(__file__).with_name("floor.yaml").read_text().count(
        "\n"
    )
    assert (told["rule"]["file"], told["rule"]["line"]) == (str(settings["config"]), place + 1)

    code, output, errors = await said("explain", *words, **settings)
    assert (code, errors) == (0, "")
    for wanted in ("calls_offered · queue support · month", f"{settings['config']}:{place + 1}", "parked", "not_json"):
        assert wanted in output

    name = ("--kpi", "calls_offered", "--scope", "queue", "--name", "suport", "--window", "month")
    code, output, errors = await said("explain", *name, **settings)
    assert (code, output) == (1, "")
    assert "no queue of that name has been active in 35 days; did you mean 'support'?" in errors
