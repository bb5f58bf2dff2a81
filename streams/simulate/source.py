"""What a source system writes: CloudEvents with unique ids, its own spelling of time, and its own delay."""

from datetime import UTC, datetime
from random import Random
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec

from streams.simulate.engine import Arrival, Engine

encode = msgspec.json.Encoder().encode


class TimeSpelling:
    """RFC 3339 in one zone, in milliseconds; the text of a second is kept, since events come many a second."""

    def __init__(self, zone: str | None = None) -> None:
        self._zone = ZoneInfo(zone) if zone else None
        self._second = -1
        self._text = ""
        self._offset = "Z"

    def spell(self, ms: int) -> str:
        """Return `2026-11-20T09:30:00.125+09:00`, or with `Z` where the source has no zone."""
        second, rest = divmod(ms, 1000)
        if second != self._second:
            self._second = second
            moment = datetime.fromtimestamp(second, self._zone or UTC).isoformat()
            self._text, self._offset = moment[:19], moment[19:] if self._zone else "Z"
        return f"{self._text}.{rest:03d}{self._offset}"


class Source:
    """One source system. Events with the same key arrive in the order in which they happened."""

    def __init__(self, engine: Engine, name: str, ids: Random, delay_ms: tuple[int, int], zone: str | None = None):
        self._engine = engine
        self._name = name
        self._ids = ids
        self._least_ms, most_ms = delay_ms
        self._spread_ms = most_ms - self._least_ms + 1
        self._time = TimeSpelling(zone)

    def tell(self, topic: str, kind: str, key: str, data: dict[str, Any]) -> None:
        """Report that `kind` happened now."""
        now = self._engine.now
        delay_ms = self._least_ms + crc32(key.encode()) % self._spread_ms
        event = {
            "specversion": "1.0",
            "id": unique_id(self._ids),
            "source": self._name,
            "type": kind,
            "time": self._time.spell(now),
            "datacontenttype": "application/json",
            "subject": key,
            "data": data,
        }
        self._engine.send(Arrival(now + delay_ms, topic, key, encode(event)))


def unique_id(rng: Random) -> str:
    """Return a UUID of version 4 from the seeded generator."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def short_id(rng: Random, prefix: str) -> str:
    """Return an id as a source's database would give: `call-3f9c2b71d04e`."""
    return f"{prefix}-{rng.getrandbits(48):012x}"
