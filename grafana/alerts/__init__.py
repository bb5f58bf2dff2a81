"""Alert rules: what is wrong with the floor's figures, and what is wrong with the figures' making."""

from grafana.alerts.floor import FLOOR
from grafana.alerts.pipeline import PIPELINE
from grafana.alerts.rule import Alert

GROUPS: dict[str, tuple[Alert, ...]] = {"floor": FLOOR, "pipeline": PIPELINE}
"""Every alert, by its group and file."""
