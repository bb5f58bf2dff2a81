"""Every public name of the exporter: metrics with their labels, and the values that labels take."""

from dataclasses import dataclass
from typing import Literal

EXPORTER_JOB, WORKER_JOB = "floorcast-exporter", "floorcast-worker"
"""Prometheus' jobs, as alerts and boards ask for them."""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: all its series stand together under one header."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"

    @property
    def header(self) -> str:
        """The lines that go before its series."""
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {self.kind}\n"


KPI_LABELS = ("kpi", "scope", "name", "window")
VALUE = Family("kpi_value", "Value of a KPI in the unit of kpi_info; absent where there is no data.", KPI_LABELS)
NUMERATOR = Family("kpi_numerator", "Numerator of a ratio or average, in shown units.", KPI_LABELS)
DENOMINATOR = Family("kpi_denominator", "Denominator of a ratio or average, in shown units.", KPI_LABELS)
TARGET = Family("kpi_target", "What the KPI should reach: at least (min) or at most (max).", (*KPI_LABELS, "bound"))
ATTAINMENT = Family(
    "kpi_attainment_ratio", "Target attainment: 1 is on target, more is better, at most 10.", KPI_LABELS
)
PACE = Family("kpi_pace_ratio", "Value over what the target expects by now in working time.", KPI_LABELS)
FORECAST = Family("kpi_forecast", "Value expected at the end of the window at this rate.", KPI_LABELS)
REQUIRED = Family("kpi_required_per_hour", "What each working hour left must bring to reach the target.", KPI_LABELS)
INFO = Family("kpi_info", "What a KPI is.", ("kpi", "group", "unit", "better", "title"))

REPS = Family("floor_reps", "Reps in a state now.", ("team", "state"))
WAITING = Family("floor_calls_waiting", "Calls waiting in a queue now.", ("queue",))
LONGEST_WAIT = Family("floor_longest_wait_seconds", "How long the first of the waiting calls has waited.", ("queue",))
ACTIVE = Family("floor_calls_active", "Calls that are answered and not ended.", ("team", "direction"))
WORKED = Family("floor_working_seconds", "How long working time has lasted, at most a day; 0 outside of it. For the floor and whoever has a target.", ("scope", "name"))  # fmt: skip
SILENT = Family("floor_stale", "Calls and reps without news for too long to be on the board.", ("kind",))

EVENTS = Family("floorcast_events_total", "Events by what became of them; late ones are also applied.", ("topic", "result"), "counter")  # fmt: skip
PARKED = Family("floorcast_parked_total", "Refused events by reason.", ("topic", "reason"), "counter")
LAG = Family("floorcast_lag_records", "Records in Kafka that are not applied yet.", ("topic", "partition"))
APPLIED = Family("floorcast_applied_timestamp_seconds", "When a batch was applied last.", ("topic", "partition"))
WATERMARK = Family("floorcast_watermark_timestamp_seconds", "Latest event time applied.", ("topic", "partition"))
GAP = Family("floorcast_gap_records_total", "Records that Kafka dropped before they were read.", ("topic", "partition"), "counter")  # fmt: skip
EXCLUDED = Family("floorcast_excluded_total", "Won deals left out of the amounts.", ("reason",), "counter")
SOURCE = Family("floorcast_source_last_event_timestamp_seconds", "Latest event time of a source.", ("source",))
STALE = Family("floorcast_stale", "1 where a topic's figures are not those of now.", ("topic",))
SNAPSHOT = Family("floorcast_snapshot_timestamp_seconds", "When the figures on this page were read from the store.")
SERIES = Family("floorcast_series", "Series on this page.")
SERIES_LIMIT = Family("floorcast_series_limit", "Series allowed on this page.")
FOLDED = Family("floorcast_folded_series", "Series of the smallest names that were folded into __other__.")

CONFIG_VALID = Family("floorcast_config_valid", "1 where floor.yaml is good; at 0 the one before stays in force.")
CONFIG_LOADED = Family("floorcast_config_loaded_timestamp_seconds", "When the configuration of this page was read.")
CONFIG_RESTART = Family("floorcast_config_restart_needed", "1 where a part of floor.yaml waits for a restart.")

FAMILIES = (
    *(VALUE, NUMERATOR, DENOMINATOR, TARGET, ATTAINMENT, PACE, FORECAST, REQUIRED, INFO),
    *(REPS, WAITING, LONGEST_WAIT, ACTIVE, SILENT, WORKED),
    *(EVENTS, PARKED, LAG, APPLIED, WATERMARK, GAP, EXCLUDED, SOURCE),
    *(STALE, SNAPSHOT, SERIES, SERIES_LIMIT, FOLDED),
    *(CONFIG_VALID, CONFIG_LOADED, CONFIG_RESTART),
)

RESULTS = ("applied", "duplicate", "late", "parked")
"""Label `result`."""
OTHER_CURRENCY = "other_currency"
"""Label `reason` of excluded deals, and the ledger's counter of them."""
CALL, REP = "call", "rep"
"""Label `kind` of what is silent."""
SOURCES_LIMIT = 50
