"""What belongs together shares a hash tag; what does not never shares a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from streams.store import keys
from streams.store.keys import Keys
from streams.store.protocol import Partition

GROUPS = st.text("a{}%:7B", min_size=1, max_size=8) | st.text(min_size=1, max_size=8)


def test_the_keys_are_those_of_the_contract() -> None:
    prefix = Keys("floorcast").partition(Partition("calls", 3))
    assert prefix + keys.LEDGER == "kpi:{floorcast:calls:3}:ledger"
    assert prefix + "m:29400000" == "kpi:{floorcast:calls:3}:m:29400000"
    assert prefix + keys.DISTINCT + "q:1960000" == "kpi:{floorcast:calls:3}:dq:1960000"


@given(GROUPS, st.integers(0, 1023))
def test_all_keys_of_a_partition_lie_in_one_slot(group: str, number: int) -> None:
    prefix = Keys(group).partition(Partition("calls", number))
    rests = (keys.LEDGER, keys.CHANGES, keys.CALLS, keys.REPS, keys.SOURCES, keys.SEEN + "1", "m:1", "dq:{2}")
    assert {key_slot((prefix + rest).encode()) for rest in rests} == {key_slot(prefix.encode())}


@given(GROUPS, GROUPS)
def test_groups_share_no_key(one: str, other: str) -> None:
    partition = Partition("calls", 0)
    assert (Keys(one).partition(partition) == Keys(other).partition(partition)) == (one == other)
    assert (Keys(one).names("team") == Keys(other).names("team")) == (one == other)


@pytest.mark.parametrize("other", [Partition("calls", 11), Partition("call", 1), Partition("emails", 1)])
def test_no_partition_s_prefix_begins_another_s_keys(other: Partition) -> None:
    group = Keys("g")
    assert not group.partition(other).startswith(group.partition(Partition("calls", 1)))
