"""The figures that the table shows, and how they are spelled."""

from collections.abc import Callable
from dataclasses import dataclass

NONE = "–"
"""What stands where a KPI has no value."""
WINDOWS = ("today", "1h", "5m")
FLOOR_LINES = len(WINDOWS)
TEAM_WINDOW = "1h"


def count(value: float) -> str:
    """Return `12 345`."""
    return f"{value:,.0f}".replace(",", " ")


def share(value: float) -> str:
    """Return `81.1%`."""
    return f"{100 * value:.1f}%"


def minutes(seconds: float) -> str:
    """Return `4:05`, and `1:02:03` from an hour on."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


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
