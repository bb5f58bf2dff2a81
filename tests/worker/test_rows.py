"""Names become rows: the first names of a scope keep their own, the rest is counted together."""

import time

import pytest

from streams.store.memory import MemoryStore
from streams.store.protocol import StoreUnavailable
from streams.worker.rows import DAY_S, RowNames

NOBODY = (None, None, None, None)


async def test_absent_names_are_unassigned_and_need_no_admission() -> None:
    names = RowNames(MemoryStore(), limit=1)
    await names.learn({NOBODY, ("unassigned", None, None, "a")})
    assert names.known[NOBODY] == "unassigned|unassigned|unassigned|unassigned"
    assert names.known["unassigned", None, None, "a"] == "unassigned|unassigned|unassigned|a"


async def test_names_with_separators_are_encoded() -> None:
    names = RowNames(MemoryStore(), limit=5)
    await names.learn({("a|b", "100%", None, "営")})
    assert names.known["a|b", "100%", None, "営"] == "a%7Cb|100%25|unassigned|営"


async def test_names_beyond_the_limit_are_counted_together_in_their_scope_only() -> None:
    names = RowNames(MemoryStore(), limit=1)
    await names.learn({("a", "q", None, None)})
    await names.learn({("b", "q", None, "r")})
    assert names.known["a", "q", None, None] == "a|q|unassigned|unassigned"
    assert names.known["b", "q", None, "r"] == "__other__|q|unassigned|r"


async def test_all_workers_of_a_store_agree() -> None:
    store = MemoryStore()
    ours, theirs = RowNames(store, limit=1), RowNames(store, limit=1)
    await ours.learn({("a", None, None, None)})
    await theirs.learn({("b", None, None, None), ("a", None, None, None)})
    await ours.learn({("b", None, None, None)})
    assert ours.known == theirs.known


async def test_what_was_told_is_asked_again_after_forgetting_and_on_another_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    names = RowNames(store, limit=5)
    key = ("a", None, None, None)
    await names.learn({key})
    store.away = True
    await names.learn({key})
    names.forget()
    with pytest.raises(StoreUnavailable):
        await names.learn({key})
    store.away = False
    await names.learn({key})
    store.away = True
    tomorrow = time.time() + DAY_S
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    with pytest.raises(StoreUnavailable):
        await names.learn({key})
