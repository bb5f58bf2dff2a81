"""What was fetched and got lost on its way to a stream, with nothing after it that would tell, is fetched again."""

from tests.integration.conftest import Loaded
from tests.integration.mutants import FEW_LOOKS
from tests.integration.workers import Group
from tests.programs import becomes

ALL_AT_ONCE = "8000"


async def test_records_that_never_came_are_fetched_again(group: Group, loaded: Loaded) -> None:
    worker = group.start(mutant="first_fetch_gets_lost", batch_records=ALL_AT_ONCE)
    assert await group.finishes(loaded.wanted) == []
    assert await worker.metric("floorcast_worker_rewinds_total") >= 1
    assert "fetched records never came" in worker.log.read_text()


async def test_mutant_that_does_not_see_consumer_and_ledger_stand_apart_is_caught(group: Group, loaded: Loaded) -> None:
    worker = group.start(mutant="first_fetch_gets_lost_for_good", batch_records=ALL_AT_ONCE)
    await becomes(worker.reasons, lambda reasons: not reasons)
    await worker.verifies(5 * FEW_LOOKS)
    assert await group.differences(loaded.wanted)
