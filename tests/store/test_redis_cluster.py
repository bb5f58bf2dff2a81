"""The scripts obey a cluster's rule: all keys that one touches stand in the slot of the key that it was given."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import ResponseError

from streams.embedded.child import Child
from streams.embedded.ports import LOOPBACK, free_ports, listens
from streams.embedded.redis import redis_program
from streams.store.protocol import Partition
from streams.store.redis_client import connect
from streams.store.scripts import source
from tests.contract.stores import RedisBench
from tests.contract.test_store import (
    test_a_batch_moves_everything_together as everything_moves,
)
from tests.contract.test_store import (
    test_a_name_that_was_silent_for_36_days_gives_up_its_place as a_name_gives_up_its_place,
)
from tests.contract.test_store import (
    test_ids_are_forgotten_by_arrival_and_never_by_the_clock as ids_are_forgotten,
)
from tests.contract.test_store import (
    test_one_refused_partition_does_not_hold_up_the_others as partitions_are_apart,
)
from tests.contract.test_store_redis import (
    test_expired_panes_leave_the_changes_at_a_verification as changes_are_pruned,
)


class OneSlotEach(RedisBench):
    """A bench on a node that holds only the slots of the partitions and scopes it was asked for."""

    def partition(self, topic: str = "calls") -> Partition:
        found = super().partition(topic)
        self._hold(self._keys.partition(found))
        return found

    def scope(self) -> str:
        found = super().scope()
        self._hold(self._keys.names(found))
        return found

    def _hold(self, key: str) -> None:
        hold(int(self.client.connection_pool.connection_kwargs["port"]), key)


def hold(port: int, key: str) -> None:
    """Give the node the slot of a key."""
    with (
        contextlib.closing(SyncRedis(port=port)) as client,
        contextlib.suppress(ResponseError),
    ):  # it may hold it already
        client.execute_command("CLUSTER", "ADDSLOTS", key_slot(key.encode()))  # type: ignore[no-untyped-call]


def up(port: int) -> bool:
    """Say whether the node serves keys."""
    with contextlib.closing(SyncRedis(port=port)) as client:
        return "cluster_state:ok" in str(client.execute_command("CLUSTER", "INFO", NEVER_DECODE=True))  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Redis]:
    """Start a node of a cluster whose other nodes are missing."""
    folder = tmp_path_factory.mktemp("cluster")
    port = next(port for port in free_ports(40) if port < 55_000)  # nodes talk to each other 10 000 above
    node = Child("Redis Cluster", folder / "log")
    await node.start(
        [
            redis_program(),
            *("--bind", LOOPBACK, "--port", str(port), "--dir", str(folder)),
            *("--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"),
            *("--save", "", "--appendonly", "no"),
        ]
    )
    try:
        await node.ready(lambda: listens(port), 30)
        hold(port, "any")
        await node.ready(lambda: up(port), 30)
        client = connect(f"redis://{LOOPBACK}:{port}/0")
        yield client
        await client.aclose()
    finally:
        await node.kill()


CHECKS = (everything_moves, ids_are_forgotten, partitions_are_apart, a_name_gives_up_its_place, changes_are_pruned)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_contract_holds_where_each_partition_has_only_its_own_slot(
    cluster: Redis, check: Callable[[Any], Awaitable[None]]
) -> None:
    await check(OneSlotEach(cluster))


async def test_the_node_does_refuse_a_script_that_leaves_its_slot(cluster: Redis) -> None:
    text = source("release").replace("KEYS[1] .. 'ledger'", "'elsewhere'")
    bench = OneSlotEach(cluster, {"release": text})
    partition = bench.partition()
    claim = await bench.writer.claim(partition, "one", 1)
    with pytest.raises(ResponseError, match="key"):
        await bench.writer.release(partition, claim)
