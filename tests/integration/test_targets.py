"""`floorcast targets` as people run it, over a real Redis."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from streams.embedded import Stack
from streams.store.redis_client import connect
from streams.store.redis_writer import RedisWriter
from tests.integration.test_exporter import Floor
from tests.programs import said

GROUP = "targets-test"
CONFIG = "targets:\n  - {kpi: calls_answered, scope: floor, window: today, at_least: 4}\n"


@pytest.fixture(scope="module")
async def counted(stack: Stack) -> dict[str, Any]:
    """Return the settings of a group that has counted three calls."""
    client = connect(stack.redis)
    floor = Floor(RedisWriter(client, GROUP, lease_ms=60_000), ["calls", "emails", "links", "reps", "crm"])
    await floor.claim()
    await floor.calls(3, time.time_ns() // 1_000_000)
    await client.aclose()
    return {"kafka": "127.0.0.1:1", "redis": stack.redis, "group": GROUP}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "floor.yaml").write_text(CONFIG)
    (tmp_path / "other.yaml").write_text(CONFIG.replace("4", "3"))
    return tmp_path / "floor.yaml"


async def told(*words: str, **settings: Any) -> Any:
    code, output, errors = await said("targets", "--json", *words, **settings)
    assert code == 0, errors
    return json.loads(output)


async def test_the_targets_are_shown_as_they_stand(counted: dict[str, Any], config: Path) -> None:
    (row,) = (await told(**counted, config=config))["targets"]
    assert (row["line"], row["value"], row["target"], row["met"]) == (2, 3, 4, False)
    _, output, _ = await said("targets", **counted, config=config)
    assert "calls_answered" in output
    assert "75%" in output


async def test_another_file_is_judged_beside_todays(counted: dict[str, Any], config: Path) -> None:
    answer = await told(
        "--what-if", str(config.with_name("other.yaml")), "--kpi", "calls_answered", **counted, config=config
    )
    assert [side["met"] for side in answer["files"]] == [0, 1]
    assert [rule["value"] for rule in answer["figures"][-1]["rules"]] == [3, 3]


async def test_what_is_counted_by_is_not_judged_anew_and_said_so(counted: dict[str, Any], config: Path) -> None:
    other = config.with_name("other.yaml")
    other.write_text(CONFIG + 'queues: {"*": {threshold_seconds: 60}}\n')
    _, _, errors = await said("targets", "--what-if", str(other), **counted, config=config)
    assert f"{other} differs in queues: stored figures stay as they were counted" in errors


@pytest.mark.parametrize(
    ("words", "settings", "error"),
    [
        (["--from", "2020-01-01"], {}, "--from 2020-01-01: figures are kept for 35 days"),
        (["--kpi", "dails"], {}, "--kpi dails: there is no such KPI; did you mean 'dials'?"),
        (
            ["--what-if", "wrong.yaml"],
            {},
            "wrong.yaml:1: unknown key 'targts' in the configuration; did you mean 'targets'?",
        ),
        (["--what-if", "missing.yaml"], {}, "missing.yaml: cannot be read: No such file"),
        ([], {"group": "nobody"}, "nothing has been counted yet for FLOORCAST_GROUP=nobody"),
        ([], {"redis": "unix:///nowhere.sock"}, "the Redis of FLOORCAST_REDIS does not answer"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_words(
    counted: dict[str, Any], config: Path, words: list[str], settings: dict[str, str], error: str
) -> None:
    config.with_name("wrong.yaml").write_text("targts: []\n")
    code, output, errors = await said(
        "targets", *words, folder=config.parent, **{**counted, "config": config, **settings}
    )
    assert (code, output) == (1, "")
    assert error in errors
    assert "Traceback" not in errors
