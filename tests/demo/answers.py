"""What an exporter answers, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from streams.demo.board import Addresses, Board
from streams.demo.columns import KPIS, WINDOWS
from streams.demo.reading import Reading, reading

AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
MONITORS = {"prometheus": "http://127.0.0.1:9090", "grafana": "http://127.0.0.1:3000"}
ADDRESSES = Addresses(
    "127.0.0.1:9092", "redis://127.0.0.1:6379/0", "http://127.0.0.1:9108", ("http://a",), "/data", MONITORS
)
FIGURES: dict[str, float | None] = {
    "calls_inbound": 1234,
    "service_level": 0.8113,
    "abandon_rate": None,
    "dials": 400,
    "connect_rate": 0.25,
    "average_handle_time": 245.4,
    "emails_sent": 0,
    "open_rate": 0.071,
    "meetings_booked": 3,
    "deals_won": 1,
}
METRICS = """\
# HELP floorcast_events_total Events by what became of them.
# TYPE floorcast_events_total counter
floorcast_events_total{topic="calls",result="applied"} 100
floorcast_events_total{topic="emails",result="applied"} 20
floorcast_events_total{topic="calls",result="late"} 7
floorcast_events_total{topic="calls",result="duplicate"} 4
floorcast_events_total{topic="calls",result="parked"} 3
floorcast_lag_records{topic="calls",partition="0"} 5
floorcast_lag_records{topic="calls",partition="1"} 6
floorcast_source_last_event_timestamp_seconds{source="a,\\"b}{"} 1
floorcast_snapshot_timestamp_seconds 1795599000
kpi_value{kpi="dials",scope="floor",name="all",window="today"} 400
"""
NOW = {
    "reps": [
        {"team": "a", "state": "on_call", "count": 2},
        {"team": "b", "state": "on_call", "count": 3},
        {"team": "b", "state": "available", "count": 9},
    ],
    "waiting": [
        {"queue": "x", "count": 1, "longest_seconds": 4.0},
        {"queue": "y", "count": 2, "longest_seconds": 75.0},
    ],
    "active": [{"team": "a", "direction": "inbound", "count": 4}, {"team": "b", "direction": "inbound", "count": 1}],
}


def kpis(teams: int = 2, stale: tuple[str, ...] = (), at: datetime = AT) -> dict[str, Any]:
    """Return an answer of `/api/kpis`."""
    keys = [("floor", "all", window) for window in WINDOWS]
    keys += [("team", f"team-{number:02d}", window) for number in range(teams) for window in WINDOWS]
    rows = [
        {"scope": scope, "name": name, "window": window, "kpi": kpi, "value": FIGURES[kpi]}
        for scope, name, window in keys
        for kpi in KPIS
    ]
    return {"at": at.isoformat(), "stale": [*stale], "kpis": rows}


def a_reading(
    teams: int = 2, stale: tuple[str, ...] = (), at_s: float = 0, applied: int = 120, now: Any = NOW
) -> Reading:
    """Return a reading so many seconds after AT."""
    metrics = METRICS.replace("} 100", f"}} {applied - 20}")
    return reading(kpis(teams, stale, AT + timedelta(seconds=at_s)), now, metrics)


def a_board(found: Any, age_s: float = 0.4, **more: Any) -> Board:
    """Return a board drawn so many seconds after AT."""
    return Board("The floor", ADDRESSES, AT + timedelta(seconds=age_s), found, **more)
