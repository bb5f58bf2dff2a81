"""Alerts of the processing: figures are old, incomplete, or in danger. They wake operations."""

from grafana.alerts.rule import Alert, Severity
from grafana.queries import UP, select, worker
from streams.export.names import EVENTS, EXPORTER_JOB, GAP, LAG, STALE, WORKER_JOB

LAG_RECORDS = 1000
"""Less is a moment's work."""
PARKED_SHARE, PARKED_OF = 0.05, 100
"""The share of a topic's events in 15 minutes, and of how many at least."""


def _alert(name: str, expr: str, hold: str, summary: str, description: str, severity: Severity = "critical") -> Alert:
    return Alert(name, expr + "\n", hold, "pipeline", severity, summary, description)


def _arrived(results: str) -> str:
    counted = f"increase({select(EVENTS, result='~' + results)}[15m])"
    return f"sum by (topic) (max by (topic, result) ({counted}))"


_ALL, _PARKED = _arrived("applied|duplicate|parked"), _arrived("parked")
_LAG = "sum by (topic) (max by (topic, partition) ({}))"


def _down(name: str, what: str, job: str) -> Alert:
    reached = f'{UP}{{job="{job}"}}'
    return _alert(
        name,
        f"{reached} == 0 or absent({reached}) - 1",
        "2m",
        f"{what} is down",
        f"Prometheus does not reach the {what.lower()} {{{{ $labels.instance }}}} of the job {job}: {{{{ $value }}}} up, target 1.",
    )


PIPELINE = (
    _alert(
        "DataStale",
        f"max by (topic) ({STALE.name}) == 1",
        "1m",
        "Figures of {{ $labels.topic }} are old",
        "The figures made of {{ $labels.topic }} are not those of now (floorcast_stale {{ $value }}, target 0). Boards "
        "are grey; alerts on targets are silent.",
    ),
    _alert(
        "WorkerLagGrowing",
        f"{_LAG.format(LAG.name)} > {LAG_RECORDS}\nand {_LAG.format(LAG.name)} > {_LAG.format(LAG.name + ' offset 5m')}",
        "10m",
        "Workers fall behind on {{ $labels.topic }}",
        "{{ $value | humanize }} records of {{ $labels.topic }} wait to be counted, more than five minutes ago; "
        f"target: under {LAG_RECORDS}, or shrinking.",
    ),
    _alert(
        "LagUnknown",
        f'absent({LAG.name}) and on () {UP}{{job="{EXPORTER_JOB}"}} == 1',
        "5m",
        "Kafka does not answer the exporter",
        "No exporter knows how many records wait to be counted (unknown: {{ $value }}, target 0): workers that fall behind "
        "would not be noticed.",
    ),
    _alert(
        "ParkedShare",
        f"{_PARKED} / {_ALL} > {PARKED_SHARE}\nand {_ALL} >= {PARKED_OF}",
        "5m",
        "Many events of {{ $labels.topic }} are refused",
        "{{ $value | humanizePercentage }} of the events of {{ $labels.topic }} in the last 15 minutes were refused and "
        f"parked in {{{{ $labels.topic }}}}-dlq; target: at most {PARKED_SHARE:.0%}.",
    ),
    _alert(
        "KafkaGap",
        f"sum by (topic) (max by (topic, partition) (increase({GAP.name}[1h]))) > 0",
        "0m",
        "Kafka dropped records of {{ $labels.topic }} that nobody had read",
        "About {{ $value | humanize }} records of {{ $labels.topic }} are in no figure and cannot be; target 0.",
    ),
    _alert(
        "RedisPolicyUnsafe",
        f"max({worker('floorcast_worker_redis_unsafe')}) == 1",
        "0m",
        "Redis may drop figures",
        "Redis runs another maxmemory-policy than noeviction (unsafe: {{ $value }}, target 0).",
    ),
    _down("ExporterDown", "Exporter", EXPORTER_JOB),
    _down("WorkerDown", "Worker", WORKER_JOB),
    _alert(
        "Watchdog",
        "vector(1)",
        "0m",
        "Alerts arrive",
        "This one always fires (value {{ $value }}, target 1). Where it stops, no other alert would arrive either.",
        severity="none",
    ),
)
