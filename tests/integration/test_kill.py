"""`kill -9` of a worker at every step and at random times: the figures are a plain recount's, to the last count."""

from random import Random

import pytest

from tests.integration.conftest import Loaded
from tests.integration.faults import Fault
from tests.integration.workers import Group

STEPS = {"claim": 3, "load": 3, "parking": 3, "script": 9, "commit": 1}
"""Step → at which time of it the worker dies."""


async def test_a_worker_that_nothing_befalls_counts_what_a_recount_does(group: Group, loaded: Loaded) -> None:
    group.start()
    assert await group.finishes(loaded.wanted) == []


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_killed_at_a_step_costs_and_adds_nothing(
    side: str, step: str, group: Group, loaded: Loaded
) -> None:
    dying = group.start(Fault(f"{side} {step}", STEPS[step], "kill"), pace_s=0.05)
    assert await dying.died() == -9
    group.start()
    assert await group.finishes(loaded.wanted) == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_workers_killed_at_random_times_cost_and_add_nothing(seed: int, group: Group, loaded: Loaded) -> None:
    dice = Random(seed)
    for share in sorted(dice.random() for _ in range(2)):
        dying = group.start(pace_s=0.03)
        await group.passes(share, loaded.wanted)
        await dying.kill()
    group.start()
    assert await group.finishes(loaded.wanted) == []


async def test_mutant_that_trusts_kafkas_committed_offsets_is_caught(group: Group, loaded: Loaded) -> None:
    dying = group.start(Fault("after script", 9, "kill"), mutant="kafkas_positions", pace_s=0.05)
    assert await dying.died() == -9
    group.start(mutant="kafkas_positions")
    assert any("counter duplicate" in line for line in await group.finishes(loaded.wanted))


async def test_mutant_whose_new_owner_does_not_load_seen_ids_is_caught(group: Group, loaded: Loaded) -> None:
    dying = group.start(mutant="forgetful", pace_s=0.03)
    await group.passes(0.6, loaded.wanted)
    await dying.kill()
    group.start(mutant="forgetful")
    assert any("counter duplicate" in line for line in await group.finishes(loaded.wanted))


async def test_mutant_that_recognises_no_repeats_is_caught(group: Group, loaded: Loaded) -> None:
    group.start(mutant="repeats_count")
    found = await group.finishes(loaded.wanted)
    assert any("counter duplicate" in line for line in found)
    assert any("irregular ('m:" in line for line in found)  # each pane's share of them is compared too


async def test_mutant_that_leaves_a_state_as_long_as_it_was_is_caught(group: Group, loaded: Loaded) -> None:
    group.start(mutant="nothing_is_cut_off")
    wrong = await group.finishes(loaded.wanted)
    assert wrong
    assert all("fact" in line and "state_" in line for line in wrong)
