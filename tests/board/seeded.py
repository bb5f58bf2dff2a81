"""A real Redis with a floor's figures in it, as workers would have left them, and the hands that keep them fresh."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec
from redis.asyncio import Redis

from streams.kpis.buckets import bucket_of
from streams.kpis.catalogue import load
from streams.store.names import row_name
from streams.store.protocol import MINUTE_MS, QUARTER_MS, Claim, Delta, Outcome, PaneDelta, Partition
from streams.store.redis_writer import RedisWriter
from tests.contract.deltas import pane_delta

TOPICS = ("calls", "emails", "links", "reps", "crm")
HOSTILE = "<img src=x onerror=alert(1)>"
"""A team that would be markup if a board took names for it."""
TEAMS = ("alpha", "営業二課", HOSTILE)
VERIFY_S = 2.0

Facts = Mapping[str, int]


class Seeded:
    """Applies what happens to a group's keys."""

    def __init__(self, client: Redis, group: str) -> None:
        self._writer = RedisWriter(client, group, lease_ms=60_000)
        self._claims: dict[str, Claim] = {}
        self._next = dict.fromkeys(TOPICS, 0)

    @property
    def held(self) -> frozenset[str]:
        """The topics that somebody is at work on."""
        return frozenset(self._claims)

    async def claim(self, topic: str) -> None:
        """Take a topic over: its figures are fresh."""
        partition = Partition(topic, 0)
        claim = await self._writer.claim(partition, "test", 1)
        await self._writer.pin(partition, claim, self._next[topic])
        self._claims[topic] = claim

    async def release(self, topic: str) -> None:
        """Let nobody be at work on a topic: its figures are stale."""
        await self._writer.release(Partition(topic, 0), self._claims.pop(topic))

    async def renew(self) -> None:
        """Say that what is held is fresh."""
        held = [(Partition(topic, 0), claim, self._next[topic]) for topic, claim in self._claims.items()]
        await self._writer.verify(held)

    async def verify(self) -> None:
        """Keep what is held fresh, until cancelled."""
        while True:
            await self.renew()
            await asyncio.sleep(VERIFY_S)

    async def apply(self, topic: str, facts: Mapping[str, Facts], ms: int, **changes: Mapping[str, bytes]) -> None:
        """Add facts by row at a time; `calls` and `reps` are the present's states."""
        panes = _pane(topic, facts)
        start = self._next[topic]
        delta = Delta(
            start=start,
            end=start + 1,
            arrival=ms,
            watermark=ms,
            minutes={ms // MINUTE_MS: panes},
            quarters={ms // QUARTER_MS: panes},
            counters={"applied": 1},
            calls=dict(changes.get("calls", {})),
            reps=dict(changes.get("reps", {})),
        )
        assert await self._writer.apply([(Partition(topic, 0), self._claims[topic], delta)]) == [Outcome.APPLIED]
        self._next[topic] = delta.end

    async def calls(self, team: str = TEAMS[0], *, at_ms: int | None = None, rep: str = "rep-1", **facts: int) -> None:
        """Add facts of calls in queue `support`."""
        row = row_name(team, "support", "spring", rep)
        await self.apply("calls", {row: facts}, now_ms() if at_ms is None else at_ms)


def _pane(topic: str, facts: Mapping[str, Facts]) -> PaneDelta:
    layout = load().layout(topic)
    return pane_delta(
        facts={row: [numbers.get(name, 0) for name in layout] for row, numbers in facts.items()},
        buckets={f"{row}|wait": [bucket_of(12_345), 3] for row in facts if topic == "calls"},
    )


def now_ms() -> int:
    """Return the time."""
    return time.time_ns() // 1_000_000


def _states(teams: Iterable[str], ms: int) -> dict[str, bytes]:
    states = ("on_call", "available", "wrap_up")
    return {
        f"rep-{number}": msgspec.msgpack.encode([(ms - 600_000, number, states[number % 3], team)])
        for number, team in enumerate([*teams, *teams])
    }


@asynccontextmanager
async def seeded(client: Redis, group: str) -> AsyncIterator[Seeded]:
    """Fill a group's keys with the last two hours of three teams, and keep them fresh."""
    floor, now = Seeded(client, group), now_ms()
    for topic in TOPICS:
        await floor.claim(topic)
    busy = {"inbound_answered": 3, "inbound_abandoned": 1, "wait_ms": 61_000, "known_waits": 3, "outbound_answered": 4}
    busy |= {"outbound_busy": 9, "talk_ms": 700_000, "handle_ms": 900_000, "conversations": 2}
    for quarters in range(8, -1, -1):
        for number, team in enumerate(TEAMS):
            facts = {**busy, "service_level_met": 4 - 2 * number, "service_level_of": 4, "outbound_no_answer": quarters}
            await floor.calls(team, at_ms=now - quarters * QUARTER_MS, rep=f"rep-{number}", **facts)
    waiting = {
        "one": msgspec.msgpack.encode([now - 75_000, "support", None, None, None, None, now - 75_000]),
        "two": msgspec.msgpack.encode([now - 5_000, "sales", None, None, None, None, now - 5_000]),
    }
    await floor.apply("calls", {}, now, calls=waiting)
    await floor.apply("reps", {}, now, reps=_states(TEAMS, now))
    rows = {row_name(team, "unassigned", "spring", "rep-1"): {"emails_sent": 1234} for team in TEAMS}
    await floor.apply("emails", rows, now)
    won = {row_name("alpha", "unassigned", "spring", "rep-1"): {"deals_won": 1, "won_amount": 987_654_321_000}}
    await floor.apply("crm", won, now)
    verifying = asyncio.create_task(floor.verify())
    try:
        yield floor
    finally:
        verifying.cancel()
        with suppress(asyncio.CancelledError):
            await verifying
