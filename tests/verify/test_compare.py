"""What differs between what is stored and a replay, in the form in which workers store it."""

import msgspec

from streams.store.names import row_name
from streams.store.protocol import HOUR_MS, Partition
from streams.verify.compare import rep_differences

REPS = Partition("reps", 0)
NOW = 100 * HOUR_MS
SHARED = row_name("__other__", "unassigned", "unassigned", "__other__")


def test_the_row_that_a_rep_beyond_the_limit_shares_is_no_change_of_state() -> None:
    change = (NOW, 7, "available", "alpha")
    live = {"sato": msgspec.msgpack.encode([change, SHARED])}
    assert not [*rep_differences(REPS, live, live, NOW)]
    later = {"sato": msgspec.msgpack.encode([change, (NOW + 1, 8, "break", "alpha"), SHARED])}
    (found,) = rep_differences(REPS, live, later, NOW)
    assert (found.pane, found.row, len(found.live), len(found.replay)) == ("reps", "sato", 1, 2)
