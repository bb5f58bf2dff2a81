"""Writes events.jsonl: the golden case's 1060 calls, once for each of the six queues of floor.yaml.

python tests/golden/service_level_policies/make_events.py
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
BEGIN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CALLS = (
    (860, "answered", 20_000),
    (140, "answered", 20_001),
    (10, "abandoned", 5_000),
    (10, "abandoned", 20_000),
    (40, "abandoned", 20_001),
)
"""How many, outcome, wait_ms: each wait stands on a border, or a millisecond beyond it."""
QUEUES = ("in-time-met", "ignored", "against", "in-time-ignored", "short-met", "short-ignored")


def events() -> Iterator[dict[str, object]]:
    """Yield the events of all queues, three calls a second from 12:00 in Tokyo."""
    waits = [(outcome, wait_ms) for count, outcome, wait_ms in CALLS for _ in range(count)]
    for queue in QUEUES:
        for number, (outcome, wait_ms) in enumerate(waits):
            time = BEGIN + timedelta(seconds=number // 3)
            call = f"{queue}-{number}"
            data = {"call_id": call, "direction": "inbound", "outcome": outcome, "queue": queue, "wait_ms": wait_ms}
            yield {
                "specversion": "1.0",
                "id": call,
                "source": "golden",
                "type": "call.ended",
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "data": data,
            }


if __name__ == "__main__":
    with (HERE / "events.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(event, separators=(",", ":")) + "\n" for event in events())
