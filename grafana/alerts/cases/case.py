"""One case of an alert: the series that Prometheus sees, and what fires in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grafana.alerts.rule import RUNBOOKS
from streams.alerts.written import OneLine

Series = Mapping[str, float | str]
"""Series → its number for an hour, or its course in promtool's notation: `0x9 1x50`."""
HOUR = "x60"
EVERY = 5
"""Minutes from one evaluation of the rules to the next."""


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert as it arrives; `labels` without its name."""

    labels: Mapping[str, str]
    summary: str
    description: str


@dataclass(frozen=True, slots=True)
class Case:
    """An alert fires, or does not, `at` so many minutes after its series began."""

    alert: str
    when: str
    at: int
    series: Series
    fires: tuple[Fired, ...] = ()

    @property
    def name(self) -> str:
        """What promtool calls it."""
        return f"{self.alert} {'fires' if self.fires else 'does not fire'} when {self.when}"

    def silent(self, when: str, /, at: int | None = None, **changed: float | str) -> "Case":
        """Return the same case with other numbers, by metric, in which nothing fires."""
        series = {one: changed.get(one.partition("{")[0], number) for one, number in self.series.items()}
        missing = changed.keys() - {one.partition("{")[0] for one in self.series}
        if missing:
            raise KeyError(f"{self.name}: no series of {', '.join(sorted(missing))}")
        return replace(self, when=when, at=self.at if at is None else at, series=series, fires=())


def tests(rules: str, cases: Iterable[Case]) -> dict[str, Any]:
    """Return the content of a file for `promtool test rules`; `rules` is the rule file's path seen from there."""
    return {"rule_files": [rules], "evaluation_interval": f"{EVERY}m", "tests": [_test(case) for case in cases]}


def _test(case: Case) -> dict[str, Any]:
    numbers = {one: number if isinstance(number, str) else f"{number:g}{HOUR}" for one, number in case.series.items()}
    expected = {"alertname": case.alert, "eval_time": f"{case.at}m"}
    if case.fires:
        expected["exp_alerts"] = [_expected(case.alert, fired) for fired in case.fires]  # type: ignore[assignment]
    return {
        "name": case.name,
        "interval": "1m",
        "input_series": [OneLine(series=one, values=values) for one, values in numbers.items()],
        "alert_rule_test": [expected],
    }


def _expected(alert: str, fired: Fired) -> dict[str, Any]:
    return {
        "exp_labels": OneLine(fired.labels),
        "exp_annotations": {
            "summary": fired.summary,
            "description": fired.description,
            "runbook_url": f"{RUNBOOKS}#{alert.lower()}",
        },
    }
