"""The table of seen ids answers as a plain dict does, whatever the chunks, the collisions and the ages."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.store import seen
from streams.store.seen import FULL, SMALLEST, SeenTable

HORIZON = 3
FEW = 4
ALIKE = [(high << 40) + low for high in range(6) for low in (0, 1, 2, SMALLEST - 1)]
"""Ids that begin their search at the same few slots, at the table's end too; 0 among them."""

Arrival = tuple[int, int]


@pytest.fixture(scope="module", autouse=True, params=[(FEW, 2), (10_000, 0)], ids=["arrays", "each"])
def _ways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ask with arrays as well as one by one, however few ids there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "FEW", request.param[0])
        patch.setattr(seen, "LAST", request.param[1])
        yield


class Model:
    """Id → the hour in which it counted last."""

    def __init__(self, horizon: int) -> None:
        self._horizon = horizon
        self._counted: dict[int, int] = {}

    def counts(self, one: int, hour: int) -> bool:
        """Say whether an id counts, and remember it if so."""
        last = self._counted.get(one)
        if last is not None and hour - last <= self._horizon:
            return False
        self._counted[one] = hour
        return True


def ask(table: SeenTable, chunk: Sequence[Arrival]) -> list[bool]:
    """Return the table's answers for (id, hour) pairs."""
    ids = np.array([one for one, _ in chunk], dtype=np.uint64)
    hours = np.array([hour for _, hour in chunk], dtype=np.int64)
    answers: list[bool] = table.check_and_add(ids, hours).tolist()
    return answers


def stored(ids: Iterable[int]) -> bytes:
    """Return ids as the store keeps them."""
    return np.array([*ids], dtype=np.uint64).tobytes()


@st.composite
def streams_of_ids(draw: st.DrawFn) -> list[list[Arrival]]:
    """Chunks of ids whose hours go on, and at times back by one."""
    pool = st.sampled_from(ALIKE) | st.integers(0, 2**64 - 1)
    steps = draw(st.lists(st.tuples(pool, st.sampled_from((0, 0, 0, 1, 2, 5)), st.booleans()), max_size=120))
    hours = itertools.accumulate((step for _, step, _ in steps), initial=490_000)
    arrivals = [
        (one, hour - back) for (one, _, back), hour in zip(steps, itertools.islice(hours, 1, None), strict=True)
    ]
    chunks: list[list[Arrival]] = []
    while arrivals:
        size = draw(st.sampled_from((1, FEW, FEW + 1, 60)))
        chunks.append(arrivals[:size])
        arrivals = arrivals[size:]
    return chunks


@given(streams_of_ids())
def test_an_id_counts_when_a_dict_says_so(chunks: list[list[Arrival]]) -> None:
    table, model = SeenTable(HORIZON), Model(HORIZON)
    for chunk in chunks:
        assert ask(table, chunk) == [model.counts(*one) for one in chunk]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 4000), min_size=3, max_size=8))
def test_a_table_that_grows_and_forgets_answers_as_a_dict(seed: int, sizes: list[int]) -> None:
    """Thousands of ids make it grow, rehash and drop what has expired."""
    dice = np.random.default_rng(seed)
    table, model = SeenTable(HORIZON), Model(HORIZON)
    for step, size in enumerate(sizes):
        ids = (dice.integers(0, 3000, size) * (SMALLEST if seed % 2 else 1)).tolist()
        hours = (490_000 + 2 * step - dice.integers(0, 2, size)).tolist()
        chunk = [*zip(ids, hours, strict=True)]
        assert ask(table, chunk) == [model.counts(*one) for one in chunk]


@given(streams_of_ids(), st.integers(0, 20))
def test_a_table_loaded_from_the_store_answers_as_the_one_that_was_lost(chunks: list[list[Arrival]], cut: int) -> None:
    lost, kept = SeenTable(HORIZON), dict[int, list[int]]()
    for chunk in chunks[:cut]:
        for (one, hour), counted in zip(chunk, ask(lost, chunk), strict=True):
            if counted:
                kept.setdefault(hour, []).append(one)
    loaded = SeenTable(HORIZON)
    for hour in sorted(kept):
        loaded.load(hour, stored(kept[hour]))
    for chunk in chunks[cut:]:
        assert ask(loaded, chunk) == ask(lost, chunk)


@pytest.mark.parametrize(("later", "counts"), [(0, False), (HORIZON, False), (HORIZON + 1, True)])
@pytest.mark.parametrize("others", [0, FEW], ids=["few", "many"])
def test_an_id_is_known_for_the_horizon_and_then_counts_anew(later: int, counts: bool, others: int) -> None:
    table = SeenTable(HORIZON)
    assert ask(table, [(7, 100)]) == [True]
    fresh = [(1000 + other, 100 + later) for other in range(others)]
    assert ask(table, [(7, 100 + later), *fresh])[0] is counts


def test_an_id_that_counted_anew_is_known_from_then_on() -> None:
    table = SeenTable(HORIZON)
    assert [ask(table, [(7, hour)])[0] for hour in (100, 104, 107, 108)] == [True, True, False, True]


def test_a_repeat_within_one_chunk_counts_once_and_takes_one_slot() -> None:
    table, chunk = SeenTable(HORIZON), [(one, 100) for one in [*range(30), *range(30)]]
    assert ask(table, chunk) == [True] * 30 + [False] * 30
    assert table._used == np.count_nonzero(table._hashes) == 30


@pytest.mark.parametrize("repeats", [0, 1, 10])
def test_contains_says_what_was_added_whatever_its_age_and_zero_too(repeats: int) -> None:
    table = SeenTable(HORIZON)
    ask(table, [(0, 100), (5, 200)])
    assert table.contains(np.array([0, 5, 6] * repeats, dtype=np.uint64)).tolist() == [True, True, False] * repeats


def test_nothing_asked_is_nothing_answered() -> None:
    assert ask(SeenTable(HORIZON), []) == []


def test_what_has_expired_gives_its_room_back() -> None:
    """An owner that runs for weeks needs the room of a horizon, not of weeks."""
    table, slots = SeenTable(HORIZON), set[int]()
    for hour in range(60):
        ask(table, [(hour * 1000 + one + 1, hour) for one in range(1000)])
        slots.add(len(table._hashes))
    assert max(slots) * FULL <= 4 * 1000 * (HORIZON + 2)
