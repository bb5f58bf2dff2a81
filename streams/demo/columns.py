"""The figures that the table shows, and how they are spelled."""

from collections.abc import Callable
from dataclasses import dataclass

from streams.spelling import NONE, count, minutes, share

WINDOWS = ("today", "1h", "5m")
FLOOR_LINES = len(WINDOWS)
TEAM_WINDOW = "1h"


@dataclass(frozen=True, slots=True)
class Column:
    """One KPI of the table."""

    heading: str
    kpi: str
    spell: Callable[[float], str]

    def cell(self, value: float | None) -> str:
        """Return a figure as people read it."""
        return NONE if value is None else self.spell(value)


COLUMNS = (
    Column("calls\nin", "calls_inbound", count),
    Column("service\nlevel", "service_level", share),
    Column("aban-\ndoned", "abandon_rate", share),
    Column("dials", "dials", count),
    Column("con-\nnected", "connect_rate", share),
    Column("handle\ntime", "average_handle_time", minutes),
    Column("e-mails\nsent", "emails_sent", count),
    Column("opened", "open_rate", share),
    Column("meet-\nings", "meetings_booked", count),
    Column("deals\nwon", "deals_won", count),
)
KPIS = tuple(column.kpi for column in COLUMNS)
