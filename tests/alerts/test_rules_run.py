"""A real Prometheus evaluates the committed rules over the pages of real exporters."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from grafana.alerts.generate import HOME
from streams.export.floor_targets import FloorTargets
from streams.export.names import EXPORTER_JOB
from streams.floor import parse
from tests.export.floor_page import Exporter, call
from tests.grafana.prometheus import Prometheus
from tests.programs import becomes

FLOOR = parse(
    b"""
targets:
  - {kpi: answer_rate, scope: floor, window: today, at_least: 0.8}
  - {kpi: wait_p90, scope: queue, name: "*", window: 1h, at_most: 60}
  - {kpi: calls_answered, scope: team, name: "*", window: 1h, at_least: 100}
"""
)
CALLS = [*(call() for _ in range(35)), *(call(inbound_answered=0, inbound_abandoned=1) for _ in range(15))]


async def test_two_exporters_that_say_the_same_are_one_alert_and_no_rule_fails(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    found = program("prometheus")
    exporter = await Exporter(judge=FloorTargets(FLOOR)).with_calls(*CALLS)
    async with AsyncExitStack() as running:
        clients = [await running.enter_async_context(exporter.http()) for _ in range(2)]
        addresses = [f"{client.host}:{client.port}" for client in clients]
        rules = sorted((HOME / "rules").glob("*.yaml"))
        prometheus = await running.enter_async_context(Prometheus(found, tmp_path, {EXPORTER_JOB: addresses}, rules))
        scraped = await prometheus.until(f'up{{job="{EXPORTER_JOB}"}} == 1', least=2)

        async def told() -> dict[str, dict[str, Any]]:
            return {rule["name"]: rule for rule in await prometheus.rules()}

        said = await becomes(told, lambda answer: all(_evaluated(rule) > scraped for rule in answer.values()))
    assert {name: rule["lastError"] for name, rule in said.items() if rule["health"] != "ok"} == {}
    raised = {
        name: sorted(_whose(one["labels"]) for one in rule["alerts"]) for name, rule in said.items() if rule["alerts"]
    }
    assert raised == {
        "KpiBelowTarget": ["answer_rate floor all today", "calls_answered team a 1h"],
        "KpiFarBelowTarget": ["calls_answered team a 1h"],
        "LagUnknown": [""],
        "WorkerDown": [""],
        "Watchdog": [""],
    }
    (answered,) = (one for one in said["KpiBelowTarget"]["alerts"] if one["labels"]["kpi"] == "answer_rate")
    assert answered["annotations"]["description"] == (
        "Answer rate of floor all in the window today: 70%, target 80%; 87.5% attained."
    )


def _whose(labels: dict[str, str]) -> str:
    return " ".join(labels[key] for key in ("kpi", "scope", "name", "window") if key in labels)


def _evaluated(rule: dict[str, Any]) -> float:
    """Return when a rule was evaluated last, epoch seconds; 0: not yet."""
    return 0.0 if rule["health"] == "unknown" else datetime.fromisoformat(rule["lastEvaluation"]).timestamp()
