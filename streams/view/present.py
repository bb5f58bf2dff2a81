"""What is happening now: who waits, who talks, who is in which state. Pure: every function is told what time it is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from schemas.events.fields import UNASSIGNED
from streams.kpis.time_in_state import LASTS_MS, OFFLINE, Change
from streams.store.protocol import HOUR_MS
from streams.view.open_calls import Calls, Waiting

REP_STALE_MS = LASTS_MS
REP_GONE_MS = 48 * HOUR_MS


class Rep(NamedTuple):
    """A rep as the worker packs it."""

    changes: list[Change]
    """Ascending by time and offset."""
    row: str | None
    """Where the time of the last state belongs, if its names share a row with others."""


_entries = msgspec.msgpack.Decoder(list[Change | str]).decode


def rep_of(packed: bytes) -> Rep:
    """Unpack a rep."""
    entries = _entries(packed)
    row = entries[-1] if entries and isinstance(entries[-1], str) else None
    return Rep([entry for entry in entries if not isinstance(entry, str)], row)


@dataclass(frozen=True, slots=True)
class Present:
    """The floor at an instant. Nothing has an entry of 0."""

    reps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(team, state) → reps; those who are offline are left out."""
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    """By queue."""
    active: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(team, direction) → calls."""
    stale_calls: int = 0
    """Calls silent for 4 to 24 h."""
    stale_reps: int = 0
    """Reps silent for 12 to 48 h whose last change was not to `offline`."""


def present(calls: Calls, reps: Iterable[list[Change]], now_ms: int) -> Present:
    """Return the floor at `now_ms`; what is reported for later does not count yet."""
    states, stale_reps = _states(reps, now_ms)
    return Present(states, calls.waiting, calls.active, calls.stale, stale_reps)


def _states(reps: Iterable[list[Change]], now_ms: int) -> tuple[Mapping[tuple[str, str], int], int]:
    states: Counter[tuple[str, str]] = Counter()
    stale = 0
    for changes in reps:
        last = next((change for change in reversed(changes) if change[0] <= now_ms), None)
        if last is None or last[2] == OFFLINE:
            continue
        silent_ms = now_ms - last[0]
        if silent_ms < REP_STALE_MS:
            states[last[3] or UNASSIGNED, last[2]] += 1
        else:
            stale += silent_ms < REP_GONE_MS
    return states, stale


class Unpacked:
    """Packed states by name, each unpacked once."""

    def __init__(self, unpack: Any) -> None:
        self._unpack = unpack
        self._packed: dict[str, bytes] = {}
        self._values: dict[str, Any] = {}

    def take(self, packed: Mapping[str, bytes]) -> None:
        """Replace what is known by what is stored now."""
        known = self._packed
        self._values = {
            name: self._values[name] if known.get(name) == content else self._unpack(content)
            for name, content in packed.items()
        }
        self._packed = dict(packed)

    def change(self, changed: Mapping[str, bytes | None]) -> None:
        """Replace, add and take out some; None: it leaves."""
        for name, content in changed.items():
            if content is None:
                self._packed.pop(name, None)
                self._values.pop(name, None)
            elif self._packed.get(name) != content:
                self._packed[name], self._values[name] = content, self._unpack(content)

    def values(self) -> Iterable[Any]:
        """Return the unpacked states."""
        return self._values.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return the unpacked states with their names."""
        return self._values.items()
