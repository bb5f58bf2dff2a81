"""What a batch leaves behind for the store is kept apart as the store wants it."""

import numpy as np

from streams.worker.tally import Tally


def test_ids_are_remembered_by_the_hour_of_their_arrival() -> None:
    tally = Tally()
    tally.remember(np.array([1, 2, 3], dtype=np.uint64), np.array([0, 1, 0], dtype=np.int64))
    tally.remember(np.array([4], dtype=np.uint64), np.array([1], dtype=np.int64))
    kept = {hour: np.frombuffer(b"".join(ids), dtype=np.uint64).tolist() for hour, ids in tally.seen.items()}
    assert kept == {0: [1, 3], 1: [2, 4]}
