"""Cases of the floor's alerts."""

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
MISSES, FAR, BEHIND = "misses its target", "is far from its target", "falls behind its pace"


def _below() -> Iterator[Case]:
    alert = "KpiBelowTarget"
    share = Case(
        alert, "19 of 25 calls were answered, target 80 %", 15,
        world("answer_rate", "min", 0.8, value=0.76, attainment=0.95, of=25),
        fired("answer_rate", "info", MISSES, "76%, target 80%; 95% attained"),
    )  # fmt: skip
    yield from guarded(share)
    yield share.silent("the target is met exactly", kpi_value=0.8, kpi_attainment_ratio=1)
    yield share.silent("there were 19 calls only", kpi_denominator=19)
    yield share.silent("it was mended in between", kpi_attainment_ratio="0.95x9 1 0.95x50")
    abandons = world("abandon_rate", "max", 0.05, value=0.1, attainment=0.5, of=100)
    yield Case(alert, "AbandonRateHigh says it", 15, abandons)
    yield from (_twice(share), *_times(alert), *_counts(alert))


def _twice(share: Case) -> Case:
    """Return the case with two exporters that say the same."""
    series = {
        one.replace("{", f'{{instance="{instance}",', 1): number
        for instance in ("a:9108", "b:9108")
        for one, number in share.series.items()
    }
    return Case(share.alert, "two exporters say so: once", share.at, series, share.fires)


def _of_calls(kpi: str, sample: str) -> Series:
    counted = {f'kpi_value{{kpi="{sample}",scope="queue",name="support",window="1h"}}': 20}
    return {**world(kpi, "max", 30, QUEUE, value=45, attainment=0.667), **counted}


def _times(alert: str) -> Iterator[Case]:
    wait = Case(
        alert, "nine of ten of 20 answered calls waited up to 45 s, target 30 s", 15,
        _of_calls("wait_p90", "calls_answered"),
        fired("wait_p90", "info", MISSES, "45s, target 30s; 66.7% attained", QUEUE),
    )  # fmt: skip
    yield wait
    yield wait.silent("19 calls were answered", kpi_value=19)
    for kpi in ("wait_p50", "handle_p90"):
        sample = "calls_answered" if kpi == "wait_p50" else "calls_handled"
        yield Case(
            alert, f"{kpi} of 20 calls is above its target", 15,
            _of_calls(kpi, sample),
            fired(kpi, "info", MISSES, "45s, target 30s; 66.7% attained", QUEUE),
        )  # fmt: skip
    idle = Case(
        alert, "a rep was idle for 30 % of an hour, target 20 %", 15,
        world("idle_share", "max", 0.2, value=0.3, attainment=0.667, of=3600),
        fired("idle_share", "info", MISSES, "30%, target 20%; 66.7% attained"),
    )  # fmt: skip
    yield idle
    yield idle.silent("there were 59 minutes of reps' time only", kpi_denominator=3540)
    hourly = Case(
        alert, "reps dialled 8 times in an hour of theirs, target 10", 15,
        world("dials_per_hour", "min", 10, value=8, attainment=0.8, of=1),
        fired("dials_per_hour", "info", MISSES, "8, target 10; 80% attained"),
    )  # fmt: skip
    yield hourly
    yield hourly.silent("there was half an hour of reps' time only", kpi_denominator=0.5)


def _counts(alert: str) -> Iterator[Case]:
    many = world("calls_abandoned", "max", 10, FLOOR, "today", value=12, attainment=0.833)
    said = fired("calls_abandoned", "info", MISSES, "12, target 10; 83.3% attained", FLOOR, "today")
    yield Case(alert, "more callers gave up than the day's target allows", 15, many, said)
    for window, seconds in {"5m": 300, "15m": 900, "30m": 1800, "1h": 3600}.items():
        dials = world("dials", "min", 40, ("team", "alpha"), window, value=30, attainment=0.75)
        dials = {one: seconds if one.startswith(WORKED) else number for one, number in dials.items()}
        said = fired("dials", "info", MISSES, "30, target 40; 75% attained", window=window)
        few = Case(alert, f"30 of 40 dials were made in {window} of work", 15, dials, said)
        yield few
        yield few.silent(f"work began less than {window} ago", floor_working_seconds=seconds - 1)
        yield few.silent(f"the target is 9 in {window}", kpi_target=9)
    growing = world("dials", "min", 400, ("team", "alpha"), "today", value=100, attainment=0.25)
    yield Case(alert, "the day's count is still growing", 15, growing)


def _far() -> Iterator[Case]:
    far = Case(
        "KpiFarBelowTarget", "5 of 20 calls reached somebody, target 40 %", 10,
        world("connect_rate", "min", 0.4, value=0.25, attainment=0.625, of=20),
        fired("connect_rate", "warning", FAR, "25%, target 40%; 62.5% attained"),
    )  # fmt: skip
    yield from guarded(far)
    yield far.silent("three quarters of the target are met", kpi_value=0.3, kpi_attainment_ratio=0.75)
    yield far.silent("there were 19 calls only", kpi_denominator=19)


def _pace() -> Iterator[Case]:
    late = Case(
        "KpiPaceBehind", "a team has 160 of the 200 dials expected by now", 30,
        world("dials", "min", 400, ("team", "alpha"), "shift", value=160, attainment=0.4, pace=0.8, forecast=320),
        fired("dials", "warning", BEHIND, "160 so far, 80% of what the target 400 expects by now; forecast 320", window="shift"),
    )  # fmt: skip
    yield from guarded(late)
    none = world("dials", "min", 400, ("team", "alpha"), "shift", value=0, attainment=0, pace=0, forecast=0)
    words = "0 so far, 0% of what the target 400 expects by now; forecast 0"
    yield Case(late.alert, "nobody has dialled", 30, none, fired("dials", "warning", BEHIND, words, window="shift"))
    yield late.silent("nine tenths of what is expected are there", kpi_pace_ratio=0.9)
    yield late.silent("the target is 9 only", kpi_target=9)
    early = {one: number for one, number in late.series.items() if "forecast" not in one}
    yield Case(late.alert, "less than a tenth of the working time has passed", 30, early)
    upper = {one.replace('bound="min"', 'bound="max"'): number for one, number in late.series.items()}
    yield Case(late.alert, "the target is an upper bound", 30, upper)


def _wait() -> Iterator[Case]:
    target = world("wait_p90", "max", 60, QUEUE)
    words = "The first caller in queue support has waited for 1m 30s, target 1m 0s."
    labels = {"name": "support", "scope": "queue", "severity": "warning", "area": "floor"}
    said = (Fired(labels, "Somebody waits too long in queue support", words),)
    waiting = {'floor_longest_wait_seconds{queue="support"}': 90}
    long = Case("WaitTooLong", "a caller has waited for 90 s, target 60 s", 5, {**target, **waiting}, said)
    yield from guarded(long)
    yield long.silent("the wait is no longer than the target", floor_longest_wait_seconds=60)
    yield long.silent("the queue's wait has no target", kpi_target="_x60")
    both = {**long.series, **world("average_speed_of_answer", "max", 100, QUEUE)}
    yield Case(long.alert, "the wait is within the longer of two targets", 5, both)


def _abandoned() -> Iterator[Case]:
    many = Case(
        "AbandonRateHigh", "2 of 20 callers gave up, target 5 %", 10,
        world("abandon_rate", "max", 0.05, FLOOR, "today", value=0.1, attainment=0.5, of=20),
        fired("abandon_rate", "warning", "is too high", "10%, target 5%; 50% attained", FLOOR, "today"),
    )  # fmt: skip
    yield from guarded(many)
    yield many.silent("it is on target", kpi_attainment_ratio=1)
    yield many.silent("there were 19 calls only", kpi_denominator=19)


def _occupied() -> Iterator[Case]:
    for alert, bound, target, value, severity, what in (
        ("OccupancyTooHigh", "max", 0.85, 0.95, "warning", "is too high"),
        ("OccupancyTooLow", "min", 0.6, 0.4, "info", "is too low"),
    ):
        case = Case(
            alert, f"occupancy is {value:.0%} in an hour of reps' time, target {target:.0%}", 15,
            world("occupancy", bound, target, value=value, attainment=0.9, of=3600),
            fired("occupancy", severity, what, f"{value:.0%}, target {target:.0%}; 90% attained"),
        )  # fmt: skip
        yield from guarded(case)
        yield case.silent("it is on target", kpi_attainment_ratio=1)
        yield case.silent("there were 59 minutes of reps' time only", kpi_denominator=3540)
        other = {"min": "max", "max": "min"}[bound]
        series = {one.replace(f'bound="{bound}"', f'bound="{other}"'): number for one, number in case.series.items()}
        yield Case(alert, "the other bound is missed", 15, series)


CASES = (*_below(), *_far(), *_pace(), *_wait(), *_abandoned(), *_occupied())
