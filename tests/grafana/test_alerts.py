"""The alert rules fire when they should and only then, in promtool's eyes, and say what to do."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grafana.alerts import GROUPS
from grafana.alerts.cases import CASES
from grafana.alerts.cases.case import Case
from grafana.alerts.cases.case import tests as promtool_tests
from grafana.alerts.generate import HOME, main, rules, stale, text, write
from grafana.alerts.rule import RUNBOOKS, Alert
from grafana.queries import UP, worker_samples
from streams.alerts.expressions import metrics
from streams.export.names import FAMILIES

ROOT, RULES = HOME.parent, HOME / "rules"
ALERTS = {alert.name: alert for group in GROUPS.values() for alert in group}
EVERY_CASE = [case for cases in CASES.values() for case in cases]
Program = Callable[[str], Path]


def promtool(program: Program, *arguments: str | Path) -> tuple[int, str]:
    """Return promtool's exit code and everything that it says."""
    said = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)
    return said.returncode, said.stdout + said.stderr


def test_the_rules_are_what_the_code_makes() -> None:
    assert main(["--check"]) == 0


def test_a_changed_missing_or_surplus_file_is_named_and_then_written(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "rules/floor.yaml").write_text("groups: []")
    (tmp_path / "rules/tests/floor.yaml").unlink()
    (tmp_path / "rules/old.yaml").write_text("")
    (tmp_path / "alertmanager.yaml").unlink()
    assert stale(tmp_path) == [
        "alertmanager.yaml: missing",
        "rules/floor.yaml: stale",
        "rules/old.yaml: nothing generates it",
        "rules/tests/floor.yaml: missing",
    ]
    write(tmp_path)
    assert stale(tmp_path) == []


def test_promtool_finds_nothing_wrong_with_the_rules(program: Program) -> None:
    code, said = promtool(program, "check", "rules", "--lint-fatal", *sorted(RULES.glob("*.yaml")))
    assert code == 0, said
    assert f"{len(GROUPS['floor'])} rules found" in said


def test_every_alert_fires_when_it_should_and_only_then(program: Program) -> None:
    code, said = promtool(program, "test", "rules", *sorted((RULES / "tests").glob("*.yaml")))
    assert (code, said.count("SUCCESS")) == (0, len(GROUPS)), said


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_has_cases_in_which_it_fires_and_in_which_it_does_not(alert: str) -> None:
    names = [case.name for case in EVERY_CASE if case.alert == alert]
    assert any(name.startswith(f"{alert} fires when ") for name in names)
    assert any(name.startswith(f"{alert} does not fire when ") for name in names) or alert == "Watchdog"
    assert len(names) == len(set(names))


def mutants(alert: Alert) -> Iterator[Alert]:
    """Yield the alert without its hold time, and without each of its guards."""
    if alert.hold != "0m":
        yield replace(alert, name=f"{alert.name}_without_hold", hold="0m")
    for number, expr in enumerate(_weaker(alert.expr)):
        yield replace(alert, name=f"{alert.name}_without_{number}", expr=expr)


def _weaker(expr: str) -> Iterator[str]:
    clauses = re.split(r"\n(?=and |unless )", expr.rstrip("\n"))
    for place in range(1, len(clauses)):
        yield "\n".join(clauses[:place] + clauses[place + 1 :])
    for alternative in re.findall(r"\n +or (?!\()[^\n]+", expr):
        yield expr.replace(alternative, "")
    for first in re.findall(r"\(\n( +[^\n]+\n +or )", expr):
        yield expr.replace(first, "")
    for but in re.findall(r"\n  \)( unless on [^\n]+)", expr):
        yield expr.replace(but, "")
    for bound in re.findall(r" (?:[<>]=?|==) [\d.]+", clauses[0]):
        yield expr.replace(bound, "", 1)
    for other in re.findall(r" or absent\(.*\) - 1", expr):
        yield expr.replace(other, "")


@pytest.mark.parametrize("alert", sorted(ALERTS.keys() - {"KpiFarBelowTarget", "Watchdog"}))
def test_every_guard_of_an_alert_is_needed(alert: str, program: Program, tmp_path: Path) -> None:
    whole = replace(ALERTS[alert], name=f"{alert}_whole", summary="", description="")
    weak = [whole, *mutants(whole)]
    assert len(weak) > 1
    content = promtool_tests("mutants.yaml", [_unsaid(case) for case in EVERY_CASE if case.alert == alert])
    for test in content["tests"]:
        (asked,) = test["alert_rule_test"]
        test["alert_rule_test"] = [{**asked, "alertname": mutant.name} for mutant in weak]
    (tmp_path / "mutants.yaml").write_text(re.sub(r"(#[a-z]+)_\w+", r"\1", text(rules("mutants", weak))))
    (tmp_path / "tests.yaml").write_text(text(content))
    _, said = promtool(program, "test", "rules", tmp_path / "tests.yaml")
    alive = [mutant.name for mutant in weak if f"alertname: {mutant.name}, time" not in said]
    assert alive == [whole.name]


def _unsaid(case: Case) -> Case:
    return replace(case, fires=tuple(replace(fired, summary="", description="") for fired in case.fires))


def test_every_metric_of_a_rule_is_exported() -> None:
    known = {family.name for family in FAMILIES} | worker_samples() | {UP}
    asked = {alert.name: metrics(alert.expr) for alert in ALERTS.values()}
    assert {name: found - known for name, found in asked.items() if found - known} == {}
    assert [name for name, found in asked.items() if not found] == ["Watchdog"]


def test_thresholds_of_the_floor_are_targets() -> None:
    for alert in GROUPS["floor"]:
        assert {"kpi_attainment_ratio", "kpi_pace_ratio", "kpi_target"} & metrics(alert.expr), alert.name


def test_the_floor_is_warned_and_operations_are_woken() -> None:
    assert {alert.severity for alert in GROUPS["floor"]} == {"info", "warning"}
    assert {alert.name: alert.severity for alert in GROUPS["pipeline"] if alert.severity != "critical"} == {
        "Watchdog": "none"
    }
    assert {alert.area for alert in GROUPS["floor"]} == {"floor"}
    assert {alert.area for alert in GROUPS["pipeline"]} == {"pipeline"}


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_says_how_much_of_what_and_what_to_do(alert: str) -> None:
    annotations = ALERTS[alert].rule()["annotations"]
    assert "$value" in annotations["description"]
    assert "target" in annotations["description"]
    page, anchor = annotations["runbook_url"].split("#")
    headings = re.findall(r"^## (\w+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert page == RUNBOOKS
    assert anchor in {heading.lower() for heading in headings}


def test_the_runbooks_are_of_alerts_that_exist() -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / RUNBOOKS).read_text("utf-8"), re.MULTILINE)
    assert headings == list(ALERTS)


def test_the_page_lists_every_alert_as_it_is() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| .+ \| (\d+m) \| (\w+) \|$", (ROOT / "docs/alerts.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(alert.name, alert.hold, alert.severity) for alert in ALERTS.values()]
