"""Times as people and programs read them: RFC 3339 with the floor's offset."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def shown(ms: int, zone: ZoneInfo) -> str:
    """Return an epoch time in ms; milliseconds are written where there are any."""
    at = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
    return at.isoformat(timespec="milliseconds" if ms % 1000 else "seconds")
