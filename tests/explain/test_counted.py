"""What is read of a partition is of one position in Kafka, whatever workers do meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec
import pytest

from streams.explain.counted import counted
from streams.store.protocol import Partition, Standing, StoredPane, StoreUnavailable
from tests.export.floor_page import CALLS, CATALOGUE, REPS
from tests.view.floor_of_two import MINUTE, NOON
from tests.view.stored import Happening, MemoryReader

PANES = [f"m:{NOON // MINUTE - back}" for back in range(10)]
BEGAN = NOON - 9 * MINUTE
ON_CALL = CATALOGUE.layout("reps").index("state_on_call_ms")


class Moving(MemoryReader):
    """A store in which something happens after each of the first reads, never within one of an instant."""

    def __init__(self, *happens: Callable[["Moving"], None]) -> None:
        super().__init__(CATALOGUE, NOON)
        self.happens = list(happens)
        self._still = False

    async def panes(self, wanted: Sequence[tuple[Partition, str]]) -> list[StoredPane]:
        found = await super().panes(wanted)
        self._happen()
        return found

    async def standing(self, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        self._still = True
        found = await super().standing(partition, since, panes)
        self._still = False
        self._happen()
        return found

    def _happen(self) -> None:
        if self.happens and not self._still:
            self.happens.pop(0)(self)


def begins(store: MemoryReader) -> None:
    """Let a rep begin a call."""
    store.add(REPS, [], reps={"ann": msgspec.msgpack.encode([(BEGAN, 1, "on_call", "a")])})


def ends(store: MemoryReader) -> None:
    """Let the call end: its time goes into panes."""
    reps: dict[str, bytes | None] = {"ann": msgspec.msgpack.encode([(NOON, 2, "offline", "a")])}
    facts = {"state_on_call_ms": MINUTE}
    times = range(BEGAN, NOON, MINUTE)
    spent = [Happening("reps", ms, "a", "unassigned", "unassigned", "ann", facts) for ms in times]
    store.add(REPS, spent, reps=reps)


def nothing(_: MemoryReader) -> None:
    """Let nothing happen."""


def other(store: MemoryReader) -> None:
    """Let another rep's time go into a pane."""
    facts = {"state_meal_ms": MINUTE}
    store.add(REPS, [Happening("reps", NOON, "a", "unassigned", "unassigned", "bob", facts)])


async def on_call_ms(store: MemoryReader) -> int:
    """Return the ms on calls by panes and by what still lasts."""
    found: dict[str, StoredPane] = {}
    held = await counted(store, [REPS], PANES, lambda _, pane, content: found.update({pane: content}))
    closed = sum(row[ON_CALL] for pane in found.values() for row in pane.facts.values())
    changes = [msgspec.msgpack.decode(packed) for reps in held for packed in reps.values()]
    return closed + sum(NOON - int(last[0]) for *_, last in changes if last[2] == "on_call")


async def test_time_that_is_closed_while_it_is_read_counts_once() -> None:
    for happens in ([], [ends], [nothing, ends], [other, ends], [ends, other]):
        store = Moving(*happens)
        begins(store)
        assert await on_call_ms(store) == 9 * MINUTE


async def test_only_what_changed_is_read_again() -> None:
    store = Moving(lambda one: one.add(CALLS, [Happening("calls", NOON, "a", "q", "c", "r", {"outbound_busy": 1})]))
    store.add(CALLS, [])
    await counted(store, [CALLS], PANES, lambda *_: None)
    assert store.reads == [*((CALLS, pane) for pane in PANES), (CALLS, PANES[0])]


async def test_a_store_that_went_back_is_read_again_whole() -> None:
    def lost(store: Moving) -> None:
        store.rows[CALLS] = replace(store.rows[CALLS], epoch=9, sequence=0)

    store = Moving(lost)
    store.add(CALLS, [])
    await counted(store, [CALLS], PANES, lambda *_: None)
    assert len(store.reads) == 2 * len(PANES)


async def test_a_store_that_is_lost_again_and_again_is_given_up_in_words() -> None:
    def lost(store: Moving) -> None:
        store.claim(CALLS)
        store.happens.append(lost)

    store = Moving(lost)
    store.add(CALLS, [])
    with pytest.raises(StoreUnavailable, match="ask again"):
        await counted(store, [CALLS], PANES, lambda *_: None)


async def test_nothing_is_asked_of_no_partition() -> None:
    store = Moving()
    store.away = True
    assert await counted(store, [], PANES, lambda *_: None) == []


async def test_mutant_that_does_not_look_what_has_changed_meanwhile_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    standing = Moving.standing

    async def unchanged(store: Moving, partition: Partition, since: int, panes: Sequence[str]) -> Standing:
        return replace(await standing(store, partition, since, panes), changed=())

    monkeypatch.setattr(Moving, "standing", unchanged)
    with pytest.raises(AssertionError):
        await test_time_that_is_closed_while_it_is_read_counts_once()
