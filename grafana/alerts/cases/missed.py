"""Cases of the alerts on any KPI that misses its target."""

from collections.abc import Iterator

from grafana.alerts.cases.case import Case, Series
from grafana.alerts.cases.figures import FLOOR, QUEUE, WORKED, fired, guarded, world

MISSES, FAR = "misses its target", "is far from its target"


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


CASES = (*_below(), *_far())
