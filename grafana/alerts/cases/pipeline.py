"""Cases of the pipeline's alerts."""

from collections.abc import Iterator, Mapping

from grafana.alerts.cases.case import Case, Fired
from streams.export.names import EXPORTER_JOB

CALLS: Mapping[str, str] = {"topic": "calls"}


def fired(summary: str, description: str, labels: Mapping[str, str] = CALLS, severity: str = "critical") -> tuple[Fired, ...]:  # fmt: skip
    """Return the one alert that arrives."""
    return (Fired({**labels, "severity": severity, "area": "pipeline"}, summary, description),)


def _stale() -> Iterator[Case]:
    said = fired(
        "Figures of calls are old",
        "The figures made of calls are not those of now (floorcast_stale 1, target 0). Boards are grey; alerts on targets "
        "are silent.",
    )
    stale = {'floorcast_stale{topic="calls"}': 1, 'floorcast_stale{topic="crm"}': 0}
    case = Case("DataStale", "the figures of a topic are old for a minute", 5, stale, said)
    yield case
    yield case.silent("they have just become so", at=0)
    yield case.silent("they are those of now", floorcast_stale=0)


def _lag() -> Iterator[Case]:
    growing = {f'floorcast_lag_records{{topic="calls",partition="{number}"}}': "0+100x60" for number in (0, 1)}
    said = fired(
        "Workers fall behind on calls",
        "4k records of calls wait to be counted, more than five minutes ago; target: under 1000, or shrinking.",
    )
    case = Case(
        "WorkerLagGrowing", "both partitions' lag grows beyond 1 000 records for ten minutes", 20, growing, said
    )
    yield case
    yield case.silent("it has not lasted long enough", at=15)
    yield case.silent("it shrinks", floorcast_lag_records="9000-100x60")
    yield case.silent("it stays as it is", floorcast_lag_records=9000)
    yield case.silent("it grows, and is small", floorcast_lag_records="0+1x60")


def _unknown() -> Iterator[Case]:
    said = fired(
        "Kafka does not answer the exporter",
        "No exporter knows how many records wait to be counted (unknown: 1, target 0): workers that fall behind would not "
        "be noticed.",
        {},
    )
    up, lag = f'up{{job="{EXPORTER_JOB}",instance="a:1"}}', 'floorcast_lag_records{topic="calls",partition="0"}'
    known = {up: 1, lag: 0}
    case = Case("LagUnknown", "the lag has been away for a quarter of an hour", 20, {up: 1, lag: "0x5"}, said)
    yield case
    yield case.silent("it has not lasted long enough", at=15)
    yield Case(case.alert, "the lag is known, of one exporter of two", 20, {**known, up.replace("a:1", "b:1"): 1})
    yield Case(case.alert, "no exporter is reached, which ExporterDown says", 20, {up: 0})


def _parked() -> Iterator[Case]:
    def events(applied: int, parked: int) -> dict[str, float | str]:
        counted = {"applied": applied, "late": applied, "duplicate": 0, "parked": parked}
        return {
            f'floorcast_events_total{{topic="calls",result="{result}"}}': f"0+{each}x60"
            for result, each in counted.items()
        }

    said = fired(
        "Many events of calls are refused",
        "10% of the events of calls in the last 15 minutes were refused and parked in calls-dlq; target: at most 5%.",
    )
    case = Case("ParkedShare", "10 of 100 events a minute are refused", 20, events(90, 10), said)
    yield case
    yield case.silent("it has just begun", at=5)
    yield Case(case.alert, "5 of 100 events a minute are refused", 20, events(95, 5))
    yield Case(case.alert, "there were fewer than 100 events", 20, events(4, 2))


def _gap() -> Iterator[Case]:
    said = fired(
        "Kafka dropped records of calls that nobody had read",
        "About 50 records of calls are in no figure and cannot be; target 0.",
    )
    gap = {'floorcast_gap_records_total{topic="calls",partition="0"}': "0x9 50x110"}
    case = Case("KafkaGap", "50 records were dropped half an hour ago", 60, gap, said)
    yield case
    yield case.silent("a gap of long ago was told", at=75)
    yield case.silent("nothing was dropped", floorcast_gap_records_total=0)


def _redis() -> Iterator[Case]:
    said = fired(
        "Redis may drop figures",
        "Redis runs another maxmemory-policy than noeviction (unsafe: 1, target 0).",
        {},
    )
    unsafe = {
        'floorcast_worker_redis_unsafe{instance="a:6066"}': 0,
        'floorcast_worker_redis_unsafe{instance="b:6066"}': 1,
    }
    case = Case("RedisPolicyUnsafe", "a worker finds another policy than noeviction", 0, unsafe, said)
    yield case
    yield case.silent("every worker finds noeviction", floorcast_worker_redis_unsafe=0)


def _down(alert: str, what: str, job: str, other: str) -> Iterator[Case]:
    def said(instance: str) -> tuple[Fired, ...]:
        labels = {"job": job, **({"instance": instance} if instance else {})}
        words = f"Prometheus does not reach the {what} {instance} of the job {job}: 0 up, target 1."
        return fired(f"{what.capitalize()} is down", words, labels)

    series = {f'up{{job="{job}",instance="a:1"}}': 0, f'up{{job="{job}",instance="b:1"}}': 1}
    case = Case(alert, "one of two is not reached for two minutes", 5, series, said("a:1"))
    yield case
    yield case.silent("it has not lasted long enough", at=0)
    yield case.silent("all are reached", up=1)
    yield Case(alert, "Prometheus knows of none", 5, {f'up{{job="{other}",instance="a:1"}}': 1}, said(""))


def _watchdog() -> Iterator[Case]:
    words = "This one always fires (value 1, target 1). Where it stops, no other alert would arrive either."
    case = Case("Watchdog", "rules are evaluated", 0, {"up": 1}, fired("Alerts arrive", words, {}, "none"))
    yield case


CASES = (
    *_stale(),
    *_lag(),
    *_unknown(),
    *_parked(),
    *_gap(),
    *_redis(),
    *_down("ExporterDown", "exporter", "floorcast-exporter", "floorcast-worker"),
    *_down("WorkerDown", "worker", "floorcast-worker", "floorcast-exporter"),
    *_watchdog(),
)
