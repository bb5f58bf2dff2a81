"""What was fetched after the latest seek reaches the streams, whatever happens while they wait for it."""

from types import SimpleNamespace
from typing import Any

import pytest

from streams.transport.batch import Batch
from streams.transport.consumer import BatchConsumer

BATCH = Batch("calls", 0, 10, 15, 2, iter(()))


class Waiting(SimpleNamespace):
    """A consumer for which a rebalance begins and ends while it waits for records."""

    async def _wait_next_records(self, timeout_s: float) -> tuple[list[Batch], None]:
        self.app.consumer_generation_id += 1
        return [BATCH], None


async def yielded(consumer: Any) -> list[Any]:
    return [message async for _, message in BatchConsumer.getmany(consumer, 1.0)]


def waiting(**state: bool) -> Waiting:
    return Waiting(
        **{"app": SimpleNamespace(consumer_generation_id=1), "should_stop": False, "flow_active": True} | state
    )


async def test_what_comes_after_a_rebalance_that_passed_meanwhile_is_handed_over() -> None:
    (message,) = await yielded(waiting())
    assert message.value.batches == [BATCH]
    assert message.generation_id == 2


@pytest.mark.parametrize("state", [{"flow_active": False}, {"should_stop": True}])
async def test_nothing_is_handed_over_while_partitions_move_or_at_the_end(state: dict[str, bool]) -> None:
    assert await yielded(waiting(**state)) == []
