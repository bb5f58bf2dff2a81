"""`floorcast verify` over a recorded day with repeats, late events and killed workers: live figures equal a replay's."""

import json
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.embedded import Stack
from streams.store.keeping import expiry_s
from streams.store.packing import pack_facts, unpack_facts
from streams.store.protocol import Partition
from streams.verify.shadow import shadow_group
from tests.brokers import drop_before
from tests.integration.conftest import PARTITIONS
from tests.integration.recount import TYPES
from tests.integration.stored import content
from tests.integration.workers import Group
from tests.programs import becomes, floorcast, said

FLOOR = Path(__file__).with_name("floor.yaml")
HOURS = 24
DIRT = "0.1"
GROUP = "verified"
FEW_NAMES = "5"
"""Of each scope: reps beyond it share a row."""


@dataclass
class Day:
    """A day in Kafka, counted by workers of which two were killed."""

    group: Group
    ends: dict[tuple[str, int], int]
    since: str

    @property
    def settings(self) -> dict[str, Any]:
        stack = self.group.stack
        where = {"kafka": stack.kafka, "redis": stack.redis, "group": GROUP, "config": FLOOR}
        return {**where, "lease_ms": 1000, "names_limit": FEW_NAMES}

    async def verify(self, *words: str, code: int) -> Any:
        got, output, errors = await said("verify", "--from", self.since, "--json", *words, **self.settings)
        assert got == code, errors + output
        return json.loads(output)

    async def keys(self, pattern: str = "*") -> dict[bytes, Any]:
        """Return what Redis holds, key by key."""
        redis = self.group.redis
        found = {key: await content(redis, key) async for key in redis.scan_iter(match=pattern, count=1000)}
        return {key: held for key, held in found.items() if held}

    async def shadow(self) -> dict[bytes, Any]:
        return await self.keys(f"kpi:{{{shadow_group(GROUP)}*")


@pytest.fixture(scope="module")
async def day(spare_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    """Return the day; a worker still counts its last part when the first test begins."""
    group = Group(spare_stack, GROUP, PARTITIONS, tmp_path_factory.mktemp("workers"))
    await group.create_topics()
    since = (datetime.now(UTC) - timedelta(hours=HOURS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = ("--from", since, "--rate", "0.4", "--profile", "busy", "--dirt", DIRT)
    code, _, errors = await said("simulate", *words, kafka=spare_stack.kafka, config=FLOOR)
    assert code == 0, errors
    ends = await _ends(spare_stack)
    wanted = dict.fromkeys(ends)
    for share in (0.2, 0.5):
        dying = group.start(batch_records="100", names_limit=FEW_NAMES, pace_s=0.02)
        await becomes(lambda: group.applied(wanted), lambda count, share=share: count >= share * sum(ends.values()))  # type: ignore[misc]
        await dying.kill()
    group.start(batch_records="20", names_limit=FEW_NAMES, pace_s=0.02)
    await becomes(lambda: group.applied(wanted), lambda count: count >= 0.55 * sum(ends.values()))
    yield Day(group, ends, since)
    await group.close()
    await group.delete_topics(*TYPES, *(f"{topic}-dlq" for topic in TYPES))


async def _ends(stack: Stack) -> dict[tuple[str, int], int]:
    places = [TopicPartition(topic, number) for topic in TYPES for number in range(PARTITIONS)]
    async with AIOKafkaConsumer(bootstrap_servers=stack.kafka) as consumer:
        return {(tp.topic, tp.partition): end for tp, end in (await consumer.end_offsets(places)).items()}


async def test_live_figures_equal_a_replay_while_workers_go_on(day: Day) -> None:
    before = await day.group.applied(day.ends)
    report = await day.verify(code=0)
    assert await day.group.applied(day.ends) > before  # it was compared while it moved
    assert (report["differences"], report["unverifiable"]) == ([], [])
    assert report["records"] > 0.5 * sum(day.ends.values())
    assert report["panes"] > HOURS * 4 * PARTITIONS
    assert not await day.shadow()


async def finished(day: Day) -> None:
    """Let everything be counted, and the workers end: from here on nobody but us writes."""
    await becomes(
        lambda: day.group.positions(day.ends), lambda now: {name: at for name, (_, at) in now.items()} == day.ends
    )
    for worker in day.group.workers:
        worker.signal(signal.SIGTERM)
        await worker.died()


async def test_it_writes_nothing_but_its_shadow_and_leaves_none_of_that(day: Day) -> None:
    await finished(day)
    counters = (await day.group.ledgers(day.ends))["calls", 0].counters
    assert counters["duplicate"] and counters["late"]  # the day is worth it
    letters = await _letters(day)
    before = await day.keys()
    assert (await day.verify(code=0))["differences"] == []
    after = await day.keys()
    left = before.keys() - after.keys()
    assert after == {key: content for key, content in before.items() if key not in left}
    assert all(_has_expired(key) for key in left)
    assert await _letters(day) == letters


def _has_expired(key: bytes) -> bool:
    """Say whether a key is a pane that Redis has forgotten by now."""
    kind, _, number = key.decode().rpartition("}:")[2].removeprefix("d").partition(":")
    return kind in ("m", "q") and expiry_s(f"{kind}:{number}") <= time.time()


async def _letters(day: Day) -> int:
    async with AIOKafkaConsumer(bootstrap_servers=day.group.stack.kafka) as consumer:
        places = [TopicPartition(f"{topic}-dlq", number) for topic in TYPES for number in range(PARTITIONS)]
        return sum((await consumer.end_offsets(places)).values())


async def test_one_wrong_fact_is_found_and_nothing_else(day: Day) -> None:
    await finished(day)
    redis, quarter = day.group.redis, int(time.time() * 1000 - 6 * 3_600_000) // 900_000
    key = f"kpi:{{{GROUP}:calls:0}}:q:{quarter}"
    stored: dict[Any, Any] = await redis.hgetall(key)
    row, kept = next((field, value) for field, value in sorted(stored.items()) if field.count(b"|") == 3)
    facts = unpack_facts(kept)
    await redis.hset(key, row, pack_facts([facts[0] + 1, *facts[1:]]))
    report = await day.verify(code=1)
    (one,) = report["differences"]
    assert (one["topic"], one["partition"], one["pane"], one["row"]) == ("calls", 0, f"q:{quarter}", row.decode())
    assert one["live"] - one["replay"] == 1
    code, output, errors = await said("verify", "--from", day.since, **day.settings)
    assert (code, errors.splitlines()[-1]) == (1, "1 difference")
    assert one["fact"] in output
    begin = datetime.fromtimestamp(quarter * 900, UTC)
    elsewhere = await day.verify("--to", (begin - timedelta(hours=1)).isoformat(), code=0)
    assert elsewhere["differences"] == []
    await redis.hset(key, row, kept)


async def test_a_call_that_is_open_wrongly_is_found(day: Day) -> None:
    await finished(day)
    redis, key = day.group.redis, f"kpi:{{{GROUP}:calls:1}}:calls"
    arrival = int(await redis.hget(f"kpi:{{{GROUP}:calls:1}}:ledger", "arrival") or 0)
    await redis.hset(key, "ghost", msgspec.msgpack.encode([arrival, "support", None, None, None, None, arrival]))
    (one,) = (await day.verify(code=1))["differences"]
    assert (one["pane"], one["row"], one["replay"]) == ("calls", "ghost", 0)
    await redis.hdel(key, "ghost")


async def test_ctrl_c_deletes_the_shadow_and_what_a_killed_run_left_goes_with_the_next(day: Day) -> None:
    await finished(day)
    begun = f"kpi:{{{shadow_group(GROUP)}:calls:0}}:ledger"
    for number in (signal.SIGINT, signal.SIGKILL):
        async with floorcast("verify", "--from", day.since, **day.settings) as running:
            await becomes(lambda: day.group.redis.exists(begun), bool)
            code, _ = await running.ends(number)
            assert code == (-9 if number == signal.SIGKILL else 130), running.errors
        assert bool(await day.shadow()) is (number == signal.SIGKILL)
    await day.verify(code=0)
    assert not await day.shadow()


async def test_what_kafka_no_longer_has_is_not_called_different(day: Day) -> None:
    await finished(day)
    gone = Partition("calls", 0)
    await drop_before(day.group.stack.kafka, gone, day.ends[gone] // 2)
    report = await day.verify(code=2)
    assert report["differences"] == []
    (one,) = report["unverifiable"]
    assert (one["topic"], one["partition"]) == gone
    assert one["verified_from"] > day.since


async def test_a_wrong_range_is_named(day: Day) -> None:
    code, _, errors = await said("verify", "--from", "yesterday", **day.settings)
    assert code == 2
    assert "'yesterday' is neither a date" in errors
    code, _, errors = await said("verify", "--from", "2020-01-01", **day.settings)
    assert code == 2
    assert "35 days" in errors
