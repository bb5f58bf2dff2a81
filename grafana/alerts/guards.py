"""What keeps an alert on a target from being false: enough of a sample, working time, and figures that are those of now."""

from grafana.queries import select
from grafana.signals import CATALOGUE
from streams.export.names import DENOMINATOR, INFO, STALE, TARGET, VALUE, WORKED, Family
from streams.kpis.model import Kind, Measure, Part

ROW = "kpi, scope, name, window"
SAMPLE = 20
"""Calls, e-mails, leads …: of fewer, a share or a mean says little. Also the answered calls under a quantile."""
STAFFED_S = 3600
"""The same for shares of time: an hour of one rep."""
EXPECTED = 10
"""A count is judged while it grows, or in the last minutes, where its target is no smaller."""
TRAILING_S = {"5m": 300, "15m": 900, "30m": 1800, "1h": 3600}
WORKING = f"and on (scope, name) {WORKED.name} > 0"
FRESH = f"unless on () max({STALE.name}) == 1"
"""What is stale must not raise an alarm of the floor: DataStale does."""


def of_kpi(family: Family, **wanted: str) -> str:
    """Return a number of every row with the KPI's title and unit; exporters that say the same count once."""
    info = f"topk by (kpi) (1, {INFO.name})"
    return f"max by ({ROW}) ({select(family, **wanted)}) * on (kpi) group_left (title, unit) {info}"


def ruled(*lines: str) -> str:
    """Return an expression: what is wrong, then its guards."""
    return "\n".join((*lines, WORKING, FRESH)) + "\n"


def sampled() -> str:
    """Return the guard for KPIs of every kind: rows in which there is enough to judge."""
    return f"and on ({ROW}) (\n  " + "\n  or ".join((*_quotients(), *_quantiles(), _counts())) + "\n)"


def _quotients() -> list[str]:
    seconds, hours = _over_time(1000), _over_time(3_600_000)
    return [
        f"{select(DENOMINATOR, kpi='!~' + '|'.join(seconds + hours))} >= {SAMPLE}",
        f"{select(DENOMINATOR, kpi='~' + '|'.join(seconds))} >= {STAFFED_S}",
        f"{select(DENOMINATOR, kpi='~' + '|'.join(hours))} >= {STAFFED_S // 3600}",
    ]


def _over_time(divisor: int) -> list[str]:
    """Return the KPIs whose denominator is a time, kept in ms and shown in units of `divisor`."""
    measures = {fact.name: fact.measure for fact in CATALOGUE.facts}

    def timed(part: Part | None) -> bool:
        return part is not None and part.divisor == divisor and measures[part.facts[0]] is Measure.TIME

    return [kpi.id for kpi in CATALOGUE.kpis.values() if timed(kpi.denominator)]


QUANTILES_OF = {"wait": "calls_answered", "handle": "calls_handled"}
"""Bucket set → the KPI that counts what is in it."""


def _quantiles() -> list[str]:
    return [
        f'label_replace({select(VALUE, kpi=QUANTILES_OF[kpi.buckets])} >= {SAMPLE}, "kpi", "{kpi.id}", "kpi", ".*")'
        for kpi in CATALOGUE.kpis.values()
        if kpi.buckets
    ]


def _counts() -> str:
    """A count above its upper bound is a fact. One below its lower bound is, where its trailing window is worked whole:
    in `today` and longer windows it is still growing, and KpiPaceBehind judges it.
    """
    quantiles = "!~" + "|".join(kpi.id for kpi in CATALOGUE.kpis.values() if kpi.kind is Kind.QUANTILE)
    at_least = [
        f"{select(TARGET, kpi=quantiles, bound='min', window=window)} >= {EXPECTED} "
        f"and on (scope, name) {WORKED.name} >= {seconds}"
        for window, seconds in TRAILING_S.items()
    ]
    judged = "\n    or ".join((select(TARGET, kpi=quantiles, bound="max"), *at_least))
    return f"(\n    {judged}\n  ) unless on ({ROW}) {DENOMINATOR.name}"
