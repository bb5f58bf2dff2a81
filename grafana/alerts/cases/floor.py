"""Cases of the other alerts of the floor, each of a KPI of its own or of a count's pace."""

from collections.abc import Iterator

from grafana.alerts.cases.case import Case, Fired
from grafana.alerts.cases.figures import FLOOR, QUEUE, fired, guarded, world

BEHIND = "falls behind its pace"


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


CASES = (*_pace(), *_wait(), *_abandoned(), *_occupied())
