"""When each alert fires and when it does not, as promtool's unit tests of the rules."""

from grafana.alerts.cases.case import Case
from grafana.alerts.cases.floor import CASES as FLOOR
from grafana.alerts.cases.missed import CASES as MISSED
from grafana.alerts.cases.pipeline import CASES as PIPELINE

CASES: dict[str, tuple[Case, ...]] = {"floor": (*MISSED, *FLOOR), "pipeline": PIPELINE}
"""By group, as `grafana.alerts.GROUPS`."""
