"""A short seeded load of every kind of event over all topics, with repeats, late ones and broken ones, and its way
into Kafka.

Arrivals come in three spells: 30 hours, 3 hours and a few minutes ago. What is repeated from the first to the last
counts anew, what is repeated from the second does not. No event time is near the age at which minutes are forgotten.
"""

import asyncio
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer

from tests.integration.recount import HOUR, MINUTE, SECOND

SPELLS = ((30 * HOUR, 0.15), (3 * HOUR, 0.2), (20 * MINUTE, 0.65))
"""How long ago, and which part of the load."""
SPELL = 10 * MINUTE
BATCH_RECORDS = 5
"""Few, so that a short load has many batches to be interrupted between."""
TEAMS = ("alpha", "beta", 'Team "|%" 営', "unassigned", None)
QUEUES = ("support", "sales", "refunds", "returns", None)
CAMPAIGNS = ("spring", "100%", None, None)
OUTCOMES = ("answered",) * 6 + ("abandoned", "abandoned", "no_answer", "busy", "failed", "voicemail")
STATES = ("available", "ringing", "on_call", "on_hold", "wrap_up", "email", "meeting", "break", "meal", "offline")
MAIL = ("sent", "delivered", "delivered", "opened", "opened", "bounced", "unsubscribed")
CRM = ("lead.created", "lead.converted", "meeting.booked", "meeting.held", "deal.stage_changed", "deal.stage_changed")


@dataclass(frozen=True)
class Sent:
    """A record on its way into Kafka."""

    topic: str
    key: bytes
    value: bytes | None
    arrival: int

    def partition(self, partitions: int) -> int:
        """Return where its key belongs."""
        return zlib.crc32(self.key) % partitions


def load(count: int, now_ms: int, seed: int = 1) -> list[Sent]:
    """Return about `count` records in the order of their arrival."""
    return sorted(_Load(count, now_ms, Random(seed)).records(), key=lambda sent: sent.arrival)


async def produce(kafka: str, records: Sequence[Sent], partitions: int) -> None:
    """Bring records into Kafka, in order within each partition, in batches of a few."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, max_batch_size=1 << 20) as producer:
        lanes: dict[tuple[str, int], list[Sent]] = {}
        for record in records:
            lanes.setdefault((record.topic, record.partition(partitions)), []).append(record)
        await asyncio.gather(*(_fill(producer, *lane, sent) for lane, sent in lanes.items()))


async def _fill(producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[Sent]) -> None:
    for low in range(0, len(records), BATCH_RECORDS):
        batch = producer.create_batch()
        for record in records[low : low + BATCH_RECORDS]:
            added = batch.append(key=record.key, value=record.value, timestamp=record.arrival, headers=[])
            assert added is not None
        await (await producer.send_batch(batch, topic, partition=partition))


class _Load:
    def __init__(self, count: int, now_ms: int, dice: Random) -> None:
        self._count, self._now, self._dice = count, now_ms, dice
        self._ids = 0

    def records(self) -> list[Sent]:
        made: list[Sent] = []
        for ago, part in SPELLS:
            begin = self._now - ago
            spell = [sent for _ in range(int(self._count * part * 0.45)) for sent in self._episode(begin)]
            repeated = self._dice.sample([*made, *spell], int(len(spell) * 0.08))
            broken = [self._break(sent) for sent in self._dice.sample(spell, int(len(spell) * 0.04))]
            made += spell
            made += [Sent(old.topic, old.key, old.value, begin + self._dice.randrange(SPELL)) for old in repeated]
            made += broken
        return made

    def _episode(self, begin: int) -> Iterator[Sent]:
        arrival = begin + self._dice.randrange(SPELL - 2 * MINUTE)
        topic = self._dice.choice(("calls",) * 5 + ("emails", "emails", "links", "reps", "reps", "crm", "crm"))
        yield from {
            "calls": self._call,
            "emails": self._mail,
            "links": self._link,
            "reps": self._state,
            "crm": self._deal,
        }[topic](arrival)

    def _call(self, arrival: int) -> Iterator[Sent]:
        dice, number = self._dice, self._number()
        call: dict[str, Any] = {
            "call_id": f"call-{number}",
            "direction": dice.choice(("inbound", "outbound")),
            "team": dice.choice(TEAMS),
        }
        queue, outcome = dice.choice(QUEUES), dice.choice(OUTCOMES)
        ended: dict[str, Any] = call | {
            "queue": queue,
            "outcome": outcome,
            "rep": self._rep(),
            "campaign": dice.choice(CAMPAIGNS),
        }
        ended |= {"customer": self._customer(), "wait_ms": dice.choice((None, 0, 5000, 20_000, dice.randrange(90_000)))}
        ended |= {name: dice.choice((None, dice.randrange(900_000))) for name in ("talk_ms", "hold_ms", "wrap_ms")}
        steps = [
            ("call.queued", call | {"queue": queue}),
            ("call.answered", call | {"queue": queue, "rep": self._rep()}),
        ]
        steps += [("call.ended", ended), ("call.wrapped", call | {"wrap_ms": dice.randrange(60_000)})]
        kept = [step for step, chance in zip(steps, (0.5, 0.4, 0.85, 0.2), strict=True) if dice.random() < chance]
        if dice.random() < 0.1:
            kept.reverse()
        for place, (kind, data) in enumerate(kept):
            yield self._sent("calls", f"call-{number}", kind, data, arrival + place * 20 * SECOND)

    def _mail(self, arrival: int) -> Iterator[Sent]:
        data = self._message() | {"machine": self._dice.choice((None, True, False))}
        yield self._sent("emails", data["message_id"], f"email.{self._dice.choice(MAIL)}", data, arrival)

    def _link(self, arrival: int) -> Iterator[Sent]:
        data = self._message() | {"url": "https://example.com/offer"}
        yield self._sent("links", data["message_id"], "link.clicked", data, arrival)

    def _state(self, arrival: int) -> Iterator[Sent]:
        data = {"rep": self._rep() or "rep-0", "state": self._dice.choice(STATES), "team": self._dice.choice(TEAMS[:3])}
        yield self._sent("reps", data["rep"], "rep.state_changed", data, arrival)

    def _deal(self, arrival: int) -> Iterator[Sent]:
        dice, kind = self._dice, self._dice.choice(CRM)
        thing, lead = kind.split(".")[0], f"lead-{dice.randrange(60)}"
        data: dict[str, Any] = {
            f"{thing}_id": f"{thing}-{dice.randrange(60)}",
            "team": dice.choice(TEAMS),
            "rep": self._rep(),
        }
        if thing == "deal":
            amount = dice.choice((None, -500, 0, 12_345, 1 << 40, (1 << 53) - 1))
            data |= {"stage": "closing", "outcome": dice.choice(("open", "won", "won", "lost")), "amount_minor": amount}
            data |= {"currency": dice.choice(("JPY", "JPY", "USD", None))}
        else:
            data |= {"lead_id": lead, "customer": self._customer()}
        yield self._sent("crm", data.get("lead_id") or data["deal_id"], kind, data, arrival)

    def _sent(self, topic: str, key: str, kind: str, data: dict[str, Any], arrival: int) -> Sent:
        late = self._dice.choice((0,) * 8 + (5 * MINUTE, self._old(topic)))
        moment = arrival - late - self._dice.randrange(3 * SECOND)
        event = {
            "specversion": "1.0",
            "id": f"event-{self._number()}",
            "source": f"/source/{self._dice.randrange(3)}",
            "type": kind,
            "time": _spelt(moment, self._dice),
            "data": data,
        }
        return Sent(topic, key.encode(), json.dumps(event, ensure_ascii=False).encode(), arrival)

    def _old(self, topic: str) -> int:
        return self._dice.randrange(7 * HOUR, 20 * HOUR if topic == "reps" else 20 * 24 * HOUR)

    def _break(self, sent: Sent) -> Sent:
        """Return a record that must be parked, just after a sound one."""
        event = json.loads(sent.value or b"")
        event["id"] = f"event-{self._number()}"
        data, timed = event["data"], event["type"] in ("call.answered", "call.ended")
        broken: bytes | None = None
        match self._dice.randrange(10):
            case 0:
                broken = (sent.value or b"")[:-2]
            case 1:
                broken = b""
            case 2:
                broken = json.dumps(event | {"type": "call.parked"}).encode()
            case 3:
                broken = json.dumps(
                    event | {"type": "link.clicked" if sent.topic != "links" else "email.sent"}
                ).encode()
            case 4:
                broken = json.dumps(event | {"data": data | {"wait_ms": "5"}}).encode() if timed else b"{}"
            case 5:
                broken = json.dumps(event | {"data": data | {"team": "__a"}}).encode()
            case 6:
                broken = json.dumps(event | {"time": _spelt(sent.arrival + 6 * MINUTE, self._dice)}).encode()
            case 7:
                broken = json.dumps(event | {"time": _spelt(sent.arrival - 36 * 24 * HOUR, self._dice)}).encode()
            case 8:
                broken = b'"\xff"'
        return Sent(sent.topic, sent.key, broken, sent.arrival + 1)

    def _message(self) -> dict[str, Any]:
        dice = self._dice
        who = {"team": dice.choice(TEAMS), "rep": self._rep(), "campaign": dice.choice(CAMPAIGNS)}
        named = {"message_id": f"mail-{dice.randrange(40)}", "recipient": f"hmac-{dice.randrange(30)}"}
        return named | who | {"customer": self._customer()}

    def _rep(self) -> str | None:
        return self._dice.choice((None, *(f"rep-{number}" for number in range(6))))

    def _customer(self) -> str | None:
        return self._dice.choice((None, f"customer-{self._dice.randrange(80)}"))

    def _number(self) -> int:
        self._ids += 1
        return self._ids


def _spelt(ms: int, dice: Random) -> str:
    """Return a moment as RFC 3339 in some zone, with some digits."""
    zone = dice.choice((UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))))
    moment = datetime.fromtimestamp(ms // 1000, zone).replace(microsecond=ms % 1000 * 1000)
    text = moment.isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z") if dice.random() < 0.7 else text
