"""Refused records reach `<topic>-dlq` before the ledger moves past them: with their bytes, and with exact headers."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import PARTITIONS, Loaded, read
from tests.integration.faults import Fault
from tests.integration.letters import Mailbox, wanted
from tests.integration.load import Sent, produce
from tests.integration.recount import TYPES, ms_of
from tests.integration.workers import Group
from tests.programs import becomes

REFUSED = sorted((Path(__file__).parents[2] / "schemas/examples/refused").glob("*.json"))


@pytest.fixture
async def mailbox(loaded: Loaded) -> Mailbox:
    """Return the dead letters of this test."""
    return await Mailbox(loaded.stack.kafka, PARTITIONS).open()


async def test_every_refused_record_is_parked_once(group: Group, loaded: Loaded, mailbox: Mailbox) -> None:
    group.start()
    assert await group.finishes(loaded.wanted) == []
    assert await mailbox.letters() == wanted(loaded.records)


@pytest.mark.parametrize("where", ["before parking", "after parking", "before script"])
async def test_a_worker_killed_around_parking_loses_no_letter(
    where: str, group: Group, loaded: Loaded, mailbox: Mailbox
) -> None:
    dying = group.start(Fault(where, 5, "kill"), pace_s=0.02)
    assert await dying.died() == -9
    group.start()
    assert await group.finishes(loaded.wanted) == []
    letters, due = await mailbox.letters(), wanted(loaded.records)
    assert set(letters) == set(due)
    assert max(letters.values()) <= 2  # parked again at most by the one who read them again


async def test_the_ledger_waits_for_the_broker_to_have_what_was_parked(
    group: Group, loaded: Loaded, mailbox: Mailbox
) -> None:
    assert not await _passes_what_hangs(group, loaded)
    group.start()
    assert await group.finishes(loaded.wanted) == []
    assert set(await mailbox.letters()) == set(wanted(loaded.records))


async def test_mutant_that_does_not_wait_for_the_broker_loses_a_letter(
    group: Group, loaded: Loaded, mailbox: Mailbox
) -> None:
    assert await _passes_what_hangs(group, loaded, "parking_not_awaited")
    group.start()
    assert set(await mailbox.letters()) < set(wanted(loaded.records))


async def _passes_what_hangs(group: Group, loaded: Loaded, mutant: str = "") -> bool:
    """Let the first parking hang and the worker die; say whether the ledgers have passed everything before."""
    worker = group.start(Fault("before parking", 1, "hang"), mutant=mutant)
    ends = {name: figures.position for name, figures in loaded.wanted.items()}

    async def behind() -> int:
        positions = await group.positions(loaded.wanted)
        return sum(positions.get(name, (0, 0))[1] < end for name, end in ends.items())

    await becomes(behind, lambda count: count <= 1)
    await worker.verifies(3)
    passed = await behind() == 0
    await worker.kill()
    return passed


async def test_every_kind_of_refused_record_is_parked_as_it_came(spare: Group) -> None:
    await spare.create_topics()
    examples = [json.loads(path.read_text("utf-8")) for path in REFUSED]
    sent = [_sent(example) for example in examples]
    mailbox = await Mailbox(spare.stack.kafka, PARTITIONS).open()
    await produce(spare.stack.kafka, sorted(sent, key=lambda one: one.arrival), PARTITIONS)
    records = await read(spare.stack.kafka, [*TYPES])
    spare.start()
    positions = {(one.topic, one.partition): one.offset + 1 for one in records}
    await becomes(lambda: spare.positions(positions), lambda now: {n: p for n, (_, p) in now.items()} == positions)
    due = Counter(
        (one.topic, example["reason"], one.key, one.value) for one, example in zip(sent, examples, strict=True)
    )
    got = Counter((one.source[0], one.reason, one.key, one.value) for one in (await mailbox.letters()).elements())
    assert got == due
    lying = {(one.topic, one.partition, one.offset): (one.key, one.value) for one in records}
    assert {one.source: (one.key, one.value) for one in await mailbox.letters()} == lying


def _sent(example: dict[str, Any]) -> Sent:
    """Return an example as a record of yesterday, since Kafka keeps none for ever."""
    text, arrival = example.get("text"), ms_of(example["arrival"])
    days = (datetime.now(UTC) - datetime.fromtimestamp(arrival / 1000, UTC)).days
    value = bytes.fromhex(example["hex"]) if "hex" in example else None if text is None else text.encode()
    if value is not None:
        value = _moved(value, days).ljust(example.get("pad_to", 0))
    return Sent(example["topic"], b"key", value, arrival + days * 86_400_000)


def _moved(value: bytes, days: int) -> bytes:
    """Return bytes in which every date is so many days later."""

    def later(found: re.Match[bytes]) -> bytes:
        return (datetime.fromisoformat(found[0].decode()) + timedelta(days)).strftime("%Y-%m-%d").encode()

    return re.sub(rb"\d{4}-\d\d-\d\d(?=T)", later, value)
