"""Sources by number: each has its seed and its latest time, however many there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import scanner
from streams.decode import TopicDecoder
from streams.events import Events, Names
from streams.worker import sources as module
from streams.worker.sources import latest
from tests.scanned import Sent, scanned

DECODER = TopicDecoder("calls")


def of(*told: tuple[str, int], decoder: TopicDecoder = DECODER) -> Events:
    """Return events of sources, each with its time; all have the same id."""
    return scanned(decoder, [Sent("call.ended", {}, ms, source=source) for source, ms in told])


def ids(*sources: str, decoder: TopicDecoder = DECODER) -> list[int]:
    """Return what the same id becomes as different sources send it."""
    found: list[int] = of(*((source, 0) for source in sources), decoder=decoder).table["id"].tolist()
    return found


@pytest.mark.parametrize("many", [1, 1000])
@given(events=st.lists(st.tuples(st.sampled_from("abcde"), st.integers(-1, 1 << 47)), min_size=1))
def test_the_latest_time_of_each_source_is_told(many: int, events: list[tuple[str, int]]) -> None:
    told: dict[str, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MANY", many)
        for source, ms in latest(of(*events)):
            told[source] = max(told.get(source, ms), ms)
    assert told == {source: max(ms for name, ms in events if name == source) for source, _ in events}


def test_only_sources_that_are_asked_about_are_told() -> None:
    assert dict(latest(of(("a", 1), ("b", 7)).between(1, 2))) == {"b": 7}


def test_a_source_keeps_its_seed_and_different_ones_differ() -> None:
    first, second = ids("a", "b")
    assert first != second
    assert ids("b", "a") == [second, first]


@pytest.mark.parametrize(("room", "most"), [("NAMES_MOST", 20), ("NAME_BYTES_MOST", 3 * scanner.BYTES_OF_ONE)])
def test_too_many_sources_begin_anew_with_the_same_seeds(room: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, room, most)
    decoder, sources = TopicDecoder("calls"), [letter * 256 for letter in "abcdefghijklmnopqrstuvwxyz"]
    seeds: dict[str, list[int]] = {}
    begun: list[Names] = []
    for source in sources:
        events = of((source, 0), decoder=decoder)
        assert list(latest(events)) == [(source, 0)]
        seeds[source] = events.table["id"].tolist()
        texts = [text for text in events.names.texts if text]
        assert len("".join(texts) if room == "NAME_BYTES_MOST" else texts) < most
        begun += [] if any(events.names is names for names in begun) else [events.names]
    assert 1 < len(begun) < len(sources)
    assert {source: ids(source, decoder=decoder) for source in reversed(sources)} == seeds
