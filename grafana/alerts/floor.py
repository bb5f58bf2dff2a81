"""Alerts of the floor: a figure misses its target. Every threshold is a target of floor.yaml."""

from grafana.alerts.guards import EXPECTED, ROW, SAMPLE, STAFFED_S, of_kpi, ruled, sampled
from grafana.alerts.rule import Alert, Severity, asked, shown
from grafana.queries import select
from streams.export.names import ATTAINMENT, DENOMINATOR, FORECAST, LONGEST_WAIT, PACE, TARGET, VALUE

ABANDON, OCCUPANCY = "abandon_rate", "occupancy"
"""KPIs with alerts of their own."""
OTHERS = f"!~{ABANDON}|{OCCUPANCY}"
FAR, BEHIND = 0.75, 0.9
"""Shares of a target."""
WAITS = "average_speed_of_answer|wait_p90"
"""Whose targets, by queue, say how long somebody may wait: the longer one, where there are both."""
TEAM = {"team": '{{ if eq $labels.scope "team" }}{{ $labels.name }}{{ end }}'}
WHO = "{{ $labels.title }} of {{ $labels.scope }} {{ $labels.name }}"


def _of_row(family: str, show: str = shown(".Value")) -> str:
    query = f"max({family}{{kpi=%q,scope=%q,name=%q,window=%q}})"
    return asked(query, "kpi", "scope", "name", "window", show=show)


WORDS = (
    f"{WHO} in the window {{{{ $labels.window }}}}: {_of_row(VALUE.name)}, target {_of_row(TARGET.name)}; "
    "{{ $value | humanizePercentage }} attained."
)


def _missed(name: str, what: str, hold: str, severity: Severity, *lines: str) -> Alert:
    return Alert(name, ruled(*lines), hold, "floor", severity, f"{WHO} {what}", WORDS, TEAM)


def _attained(below: float, **wanted: str) -> str:
    """Return what is wrong, of the few rows that have a target; how much it is, is asked for once it fires."""
    return f"{of_kpi(ATTAINMENT, **wanted)} < {below}"


def _occupancy(name: str, what: str, severity: Severity, bound: str) -> Alert:
    return _missed(
        name,
        what,
        "15m",
        severity,
        _attained(1, kpi=OCCUPANCY),
        f"and on ({ROW}) {select(TARGET, kpi=OCCUPANCY, bound=bound)}",
        f"and on ({ROW}) {select(DENOMINATOR, kpi=OCCUPANCY)} >= {STAFFED_S}",
    )


BELOW = _missed("KpiBelowTarget", "misses its target", "15m", "info", _attained(1, kpi=OTHERS), sampled())
FAR_BELOW = _missed(
    "KpiFarBelowTarget",
    "is far from its target",
    "10m",
    "warning",
    _attained(FAR, kpi=OTHERS),
    sampled(),
)
PACE_BEHIND = Alert(
    "KpiPaceBehind",
    ruled(
        f"{of_kpi(PACE)} < {BEHIND}",
        f"and on ({ROW}) {select(TARGET, bound='min')} >= {EXPECTED}",
        f"and on ({ROW}) {FORECAST.name}",  # is there once a tenth of the working time has passed
    ),
    "30m",
    "floor",
    "warning",
    f"{WHO} falls behind its pace",
    f"{WHO} in the window {{{{ $labels.window }}}}: {_of_row(VALUE.name)} so far, {{{{ $value | humanizePercentage }}}} of "
    f"what the target {_of_row(TARGET.name)} expects by now; forecast {_of_row(FORECAST.name)}.",
    TEAM,
)
_WAITED = f'max by (name) (label_replace({LONGEST_WAIT.name}, "name", "$1", "queue", "(.+)"))'
_MAY_WAIT = f"max by (name) ({select(TARGET, kpi='~' + WAITS, scope='queue', bound='max')})"
_QUEUE_TARGET = select(TARGET, kpi="~" + WAITS, scope="queue", bound="max").removesuffix("}") + ",name=%q}"
WAIT = Alert(
    "WaitTooLong",
    ruled(f'label_replace({_WAITED} > {_MAY_WAIT}, "scope", "queue", "", "")'),
    "2m",
    "floor",
    "warning",
    "Somebody waits too long in queue {{ $labels.name }}",
    "The first caller in queue {{ $labels.name }} has waited for {{ $value | humanizeDuration }}, target "
    + asked(f"max({_QUEUE_TARGET})", "name", show="{{ .Value | humanizeDuration }}")
    + ".",
)
ABANDONED = _missed(
    "AbandonRateHigh",
    "is too high",
    "10m",
    "warning",
    _attained(1, kpi=ABANDON),
    f"and on ({ROW}) {select(DENOMINATOR, kpi=ABANDON)} >= {SAMPLE}",
)
TOO_HIGH = _occupancy("OccupancyTooHigh", "is too high", "warning", "max")
TOO_LOW = _occupancy("OccupancyTooLow", "is too low", "info", "min")

FLOOR = (BELOW, FAR_BELOW, PACE_BEHIND, WAIT, ABANDONED, TOO_HIGH, TOO_LOW)
