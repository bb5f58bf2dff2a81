"""Workers that others believe dead, workers that come and go: nobody's batch counts twice, none is left out."""

import signal

from tests.integration.conftest import Loaded
from tests.integration.faults import Fault
from tests.integration.workers import Group
from tests.programs import becomes

CLAIMS = 10
"""Two partitions of five topics."""


async def test_a_worker_stopped_past_its_session_wakes_up_and_changes_nothing(group: Group, loaded: Loaded) -> None:
    sleeper = group.start(Fault("before script", 9, "stop"), pace_s=0.03)
    await sleeper.stopped()
    group.start()
    assert await group.finishes(loaded.wanted) == []
    sleeper.signal(signal.SIGCONT)
    await becomes(sleeper.reasons, lambda reasons: not reasons)  # it is a member of the group again
    assert await group.differences(loaded.wanted) == []
    assert await sleeper.metric("floorcast_worker_rewinds_total") >= 1


async def test_a_worker_stopped_in_the_midst_of_another_ones_work_changes_nothing(group: Group, loaded: Loaded) -> None:
    sleeper = group.start(Fault("after script", 9, "stop"), pace_s=0.03)
    await sleeper.stopped()
    group.start(pace_s=0.03)
    await group.passes(0.6, loaded.wanted)
    sleeper.signal(signal.SIGCONT)
    assert await group.finishes(loaded.wanted) == []


async def test_mutant_that_takes_a_zombies_batch_is_caught(group: Group, loaded: Loaded) -> None:
    sleeper = group.start(Fault("before script", 9, "stop"), mutant="no_check_at_all", pace_s=0.03)
    await sleeper.stopped()
    group.start(mutant="no_check_at_all")
    assert await group.finishes(loaded.wanted) == []
    sleeper.signal(signal.SIGCONT)
    await becomes(lambda: group.differences(loaded.wanted), bool)


async def test_only_the_owner_moves_the_ledger(group: Group, loaded: Loaded) -> None:
    assert not await _zombie_moves_the_ledger(group, loaded, "")


async def test_mutant_that_does_not_ask_for_the_epoch_is_caught(group: Group, loaded: Loaded) -> None:
    assert await _zombie_moves_the_ledger(group, loaded, "no_epoch_check")


async def _zombie_moves_the_ledger(group: Group, loaded: Loaded, mutant: str) -> bool:
    """Wake a worker up while its successor, which has claimed everything, is held before its own first script."""
    sleeper = group.start(Fault("before script", 9, "stop"), mutant=mutant, pace_s=0.03)
    await sleeper.stopped()
    heir = group.start(Fault("before script", 1, "stop"), mutant=mutant)
    await heir.stopped()
    before = await group.positions(loaded.wanted)
    sleeper.signal(signal.SIGCONT)
    after = await becomes(lambda: group.positions(loaded.wanted), lambda now: now != before)
    return any(epoch == before[name][0] and position != before[name][1] for name, (epoch, position) in after.items())


async def test_scaling_from_one_to_three_and_back_costs_and_adds_nothing(group: Group, loaded: Loaded) -> None:
    first = group.start(pace_s=0.1)
    await group.passes(0.2, loaded.wanted)
    others = [group.start(pace_s=0.1) for _ in range(2)]
    for worker in (first, *others):
        await becomes(lambda: worker.metric("floorcast_worker_partitions"), lambda count: 0 < count < CLAIMS)  # noqa: B023
    assert await group.applied(loaded.wanted) < sum(one.position for one in loaded.wanted.values())
    assert await others[0].stop() == 0
    await others[1].kill()
    assert await group.finishes(loaded.wanted) == []
    await becomes(lambda: first.metric("floorcast_worker_partitions"), lambda count: count == CLAIMS)
