"""Sources by number: each has its seed and its latest time, however many there are."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.worker import sources as module
from streams.worker.sources import Sources, latest


def of(sources: Sources, *names: str) -> list[int]:
    """Return the numbers of events' sources."""
    return sources.of(SimpleNamespace(source=name) for name in names)


@pytest.mark.parametrize("many", [1, 50])
@given(events=st.lists(st.tuples(st.sampled_from("abcde"), st.integers(1, 1 << 50)), min_size=1))
def test_the_latest_time_of_each_source_is_told(many: int, events: list[tuple[str, int]]) -> None:
    sources, wanted, told = Sources(), dict[str, int](), dict[str, int]()
    numbers, times = of(sources, *(name for name, _ in events)), np.array([ms for _, ms in events])
    for name, ms in events:
        wanted[name] = max(wanted.get(name, 0), ms)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MANY", many)
        for name, ms in latest(numbers, sources.names, times):
            told[name] = max(told.get(name, 0), ms)
    assert told == wanted


def test_only_sources_that_are_asked_about_are_told() -> None:
    sources = Sources()
    of(sources, "a", "b")
    assert dict(latest(of(sources, "b"), sources.names, np.array([7]))) == {"b": 7}


def test_a_source_keeps_its_seed_and_different_ones_differ() -> None:
    sources = Sources()
    first, second = sources.seeds(of(sources, "a", "b"))
    assert first != second
    assert list(sources.seeds(of(sources, "b", "a"))) == [second, first]


def test_too_many_sources_begin_anew_with_the_same_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    sources = Sources()
    seeds = {name: next(iter(sources.seeds(of(sources, name)))) for name in "abcdefg"}
    assert len(sources._numbers) <= 3
    assert {name: next(iter(sources.seeds(of(sources, name)))) for name in "gfedcba"} == seeds
