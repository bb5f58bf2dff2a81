"""What cases of the floor's alerts are made of: a KPI beside its target, and what silences every one of them."""

from collections.abc import Iterator

from grafana.alerts.cases.case import EVERY, Case, Fired, Series
from grafana.signals import CATALOGUE

NUMBERS = {
    "value": "kpi_value",
    "attainment": "kpi_attainment_ratio",
    "of": "kpi_denominator",
    "pace": "kpi_pace_ratio",
    "forecast": "kpi_forecast",
}
WORKED, STALE = "floor_working_seconds", "floorcast_stale"


def world(kpi: str, bound: str, target: float, whose: tuple[str, str] = ("team", "alpha"), window: str = "1h", /, **numbers: float) -> Series:  # fmt: skip
    """Return a KPI's series beside its target, two hours after work began, with nothing stale."""
    scope, name = whose
    one = CATALOGUE.kpis[kpi]
    row = f'kpi="{kpi}",scope="{scope}",name="{name}",window="{window}"'
    return {
        f'kpi_info{{kpi="{kpi}",group="{one.group}",unit="{one.unit}",better="{one.better}",title="{one.title["en"]}"}}': 1,
        f'kpi_target{{{row},bound="{bound}"}}': target,
        **{f"{NUMBERS[key]}{{{row}}}": number for key, number in numbers.items()},
        f'{WORKED}{{scope="{scope}",name="{name}"}}': 7200,
        f'{STALE}{{topic="calls"}}': 0,
    }


def fired(kpi: str, severity: str, summary: str, description: str, whose: tuple[str, str] = ("team", "alpha"), window: str = "1h") -> tuple[Fired, ...]:  # fmt: skip
    """Return the one alert of a KPI."""
    scope, name = whose
    one = CATALOGUE.kpis[kpi]
    title, who = one.title["en"], f"{one.title['en']} of {scope} {name}"
    labels = {"kpi": kpi, "scope": scope, "name": name, "window": window, "title": title, "unit": one.unit.value}
    team = {"team": name} if scope == "team" else {}
    return (
        Fired(
            {**labels, **team, "severity": severity, "area": "floor"},
            f"{who} {summary}",
            f"{who} in the window {window}: {description}.",
        ),
    )


def guarded(case: Case) -> Iterator[Case]:
    """Yield the case and what silences every alert of the floor."""
    yield case
    yield case.silent(f"nobody works: {case.when}", floor_working_seconds=0)
    yield case.silent(f"a topic is stale: {case.when}", floorcast_stale=1)
    yield case.silent(f"it has not lasted long enough: {case.when}", at=case.at - EVERY)


QUEUE, FLOOR = ("queue", "support"), ("floor", "all")
