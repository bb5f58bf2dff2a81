"""The range of time that people ask for: days or instants, within what is kept."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from streams.export.times import shown
from streams.kpis.panes import QUARTERS_KEPT_MS
from streams.kpis.windows import local_date, midnight
from streams.times import TimeError, parse_ms

KEPT_DAYS = QUARTERS_KEPT_MS // 86_400_000
DEFAULT_DAYS = 7


class BadRange(Exception):
    """The range cannot be shown as it is asked for: the words say what to change."""


def span(from_: str | None, to: str | None, now_ms: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return [from, to) in epoch ms, cut at now. A day as `to` is included whole. Raises BadRange.

    Without `from` it begins seven days before the end, and without `to` it ends now.
    """
    to_ms = min(_instant("--to", to, zone, after=1), now_ms) if to else now_ms
    from_ms = _instant("--from", from_, zone, after=0) if from_ else to_ms - DEFAULT_DAYS * 86_400_000
    oldest_ms = now_ms - QUARTERS_KEPT_MS
    if not from_:
        from_ms = max(from_ms, oldest_ms)
    if from_ms < oldest_ms:
        first = shown(midnight(local_date(oldest_ms, zone) + timedelta(days=1), zone), zone)
        raise BadRange(f"--from {from_}: figures are kept for {KEPT_DAYS} days; the first whole one begins at {first}")
    if from_ms >= to_ms:
        raise BadRange(f"--from {shown(from_ms, zone)} must be before --to, which is {shown(to_ms, zone)}")
    return from_ms, to_ms


def _instant(option: str, text: str, zone: ZoneInfo, *, after: int) -> int:
    """Read a day as the midnight that begins it, or the one `after` so many days."""
    try:
        return midnight(date.fromisoformat(text) + timedelta(days=after), zone)
    except ValueError:
        pass
    try:
        return parse_ms(text)
    except TimeError:
        raise BadRange(
            f"{option} {text}: neither a day like 2026-11-24 nor a time like 2026-11-24T09:00:00+09:00"
        ) from None
