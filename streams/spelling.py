"""Figures as people read them."""

from streams.kpis.model import Unit

NONE = "–"
"""What stands where there is no value."""


def count(value: float) -> str:
    """Return `12 345`; halves and the like with up to two digits."""
    return f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", " ")


def share(value: float) -> str:
    """Return `81.1%`."""
    return f"{100 * value:.1f}%"


def minutes(seconds: float) -> str:
    """Return `4:05`, and `1:02:03` from an hour on."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def figure(value: float | None, unit: Unit) -> str:
    """Return a figure in its KPI's unit."""
    if value is None:
        return NONE
    return {Unit.RATIO: share, Unit.SECONDS: minutes}.get(unit, count)(value)
