"""Exceptions that nobody expects: in an agent, in its processing, in the way to the store."""

import pytest

from tests.integration.conftest import Loaded
from tests.integration.faults import Fault
from tests.integration.workers import Group

WHERE = ["before processing", "after processing", "before script", "after script", "before parking", "before load"]


@pytest.mark.parametrize("where", WHERE)
async def test_an_exception_sends_its_partition_back_to_the_ledger(where: str, group: Group, loaded: Loaded) -> None:
    worker = group.start(Fault(where, 3, "raise"))
    assert await group.finishes(loaded.wanted) == []
    assert "Broken: as told" in worker.log.read_text()
    assert await worker.reasons() == []


async def test_an_exception_that_leaves_an_agent_ends_the_worker_and_costs_nothing(
    group: Group, loaded: Loaded
) -> None:
    crashing = group.start(Fault("before agent", 3, "raise"))
    assert await crashing.died() == 1
    group.start()
    assert await group.finishes(loaded.wanted) == []


async def test_mutant_that_leaves_failed_batches_behind_is_caught(group: Group, loaded: Loaded) -> None:
    group.start(Fault("before processing", 3, "raise"), mutant="failed_batches_are_skipped")
    assert await group.finishes(loaded.wanted)


async def test_mutant_whose_memory_outlives_a_refusal_is_caught(group: Group, loaded: Loaded) -> None:
    group.start(Fault("before script", 3, "raise"), mutant="memory_outlives_refusal")
    assert any("counter duplicate" in line for line in await group.finishes(loaded.wanted))
