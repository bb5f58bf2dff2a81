"""Where two countings of the same records differ, named as people look for it. Zeros are as good as nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from streams.store.protocol import HOUR_MS, Partition, StoredPane
from streams.worker.calls import ANSWERED_MS, LAST_MS, QUEUED_MS
from streams.worker.reps import KEPT_MS, changes_of

CALLS_SHOWN_MS = 24 * HOUR_MS
"""An open call is on the board, and then counted as stale, for so long; when it leaves the store after that is open."""
ID_BYTES = 8
Figures = dict[tuple[str, str], Any]
"""(row, what) → figure."""

_unpack = msgspec.msgpack.Decoder(list[Any]).decode


class Difference(NamedTuple):
    """One figure that is not what the records say."""

    topic: str
    partition: int
    pane: str
    """`m:<minute>`, `q:<quarter>`; `calls` and `reps` for what is so now."""
    row: str
    """`team|queue|campaign|rep`, percent-encoded; the call or the rep for what is so now; `+` for how many records of a
    pane were late, repeats or parked."""
    fact: str
    live: Any
    replay: Any


def pane_differences(
    partition: Partition, pane: str, live: StoredPane, replay: StoredPane, layout: Sequence[str]
) -> Iterable[Difference]:
    """Return each fact, bucket and set of ids that differs."""
    return _differences(partition, pane, _figures(live, layout), _figures(replay, layout))


def call_differences(
    partition: Partition, live: Mapping[str, bytes], replay: Mapping[str, bytes], arrival: int
) -> Iterable[Difference]:
    """Return each open call that differs, as far as a board shows it at `arrival`, the latest one (epoch ms)."""
    since = arrival - CALLS_SHOWN_MS
    return _differences(partition, "calls", _calls(live, since), _calls(replay, since))


def rep_differences(
    partition: Partition, live: Mapping[str, bytes], replay: Mapping[str, bytes], arrival: int
) -> Iterable[Difference]:
    """Return each rep whose changes of state differ, as far as a change that arrives at `arrival` can reach back."""
    since = arrival - KEPT_MS
    return _differences(partition, "reps", _reps(live, since), _reps(replay, since))


def _differences(partition: Partition, pane: str, live: Figures, replay: Figures) -> Iterable[Difference]:
    for row, fact in sorted({*live, *replay}):
        a, b = live.get((row, fact), 0), replay.get((row, fact), 0)
        if a != b:
            yield Difference(partition.topic, partition.number, pane, row, fact, *_shown(a, b))


def _shown(live: Any, replay: Any) -> tuple[Any, Any]:
    """Return figures as people read them: of sets how many ids they have, and how many of these the other lacks."""
    if not isinstance(live, frozenset) and not isinstance(replay, frozenset):
        return live, replay
    a, b = live or frozenset(), replay or frozenset()
    return f"{len(a)} ids, {len(a - b)} only here", f"{len(b)} ids, {len(b - a)} only here"


def _figures(pane: StoredPane, layout: Sequence[str]) -> Figures:
    figures: Figures = {}
    for row, sums in pane.facts.items():
        for place, number in zip(layout, sums, strict=False):
            fact = (row, place.removesuffix(".high"))
            figures[fact] = figures.get(fact, 0) + (number << 24 if place.endswith(".high") else number)
    for field, facts in pane.own.items():
        figures |= {(_row(field), fact): number for fact, number in facts.items()}
    for field, pairs in pane.buckets.items():
        name = field.rsplit("|", 1)[1]
        figures |= {(_row(field), f"{name} bucket {b}"): n for b, n in zip(pairs[::2], pairs[1::2], strict=True)}
    for field, ids in pane.distinct.items():
        hashes = frozenset(ids[at : at + ID_BYTES] for at in range(0, len(ids), ID_BYTES))
        figures[_row(field), field.rsplit("|", 1)[1]] = hashes
    return {name: figure for name, figure in figures.items() if figure}


def _row(field: str) -> str:
    return field.rsplit("|", 1)[0]


def _calls(calls: Mapping[str, bytes], since: int) -> Figures:
    return {
        (name, "call"): _steps(state, since) for name, one in calls.items() if (state := _unpack(one))[LAST_MS] >= since
    }


def _steps(state: list[Any], since: int) -> list[Any]:
    """Return an open call without steps that are too old for a board."""
    queued, answered = state[QUEUED_MS:ANSWERED_MS], state[ANSWERED_MS:LAST_MS]
    return [step for step in (queued, answered) if step[0] is not None and step[0] >= since] + [state[LAST_MS:]]


def _reps(reps: Mapping[str, bytes], since: int) -> Figures:
    recent = {
        (rep, "changes"): [one for one in changes_of(changes) if one[0] >= since] for rep, changes in reps.items()
    }
    return {name: changes for name, changes in recent.items() if changes}
