"""Facts compiled to a program that runs for each event: see `native/count.c`.

Built-in and own facts go through the same compiler. An event costs what its type's additions cost; reading the rules
for each event again would cost a hundred times as much.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from struct import Struct

import numpy as np
import xxhash

from schemas.events.fields import UNASSIGNED
from streams.events import RowKey
from streams.kpis.additions import Action, Addition, Between, NoneOf, OneOf, Plan, Test, There, Within
from streams.kpis.service_level import QueuePolicy
from streams.kpis.versions import Versions
from streams.layout import MOST, NAMES, Layout
from streams.native import Machine

Policies = Callable[[str | None], Versions[QueuePolicy]]
"""Queue, None for `unassigned` → how its calls are judged."""

_BITS = 64
_TEST = Struct("<q2I2B6x")
_ADDITION = Struct("<I3H2B4s")
_PROGRAM = Struct("<2I")
_POLICY = Struct("<3q4B4x")
_CHOSEN, _AT_LEAST, _BELOW, _THERE, _AMONG, _NOT_AMONG, _NAMED, _SINCE, _BEFORE = range(9)
"""Kinds of test, as `count.c` numbers them."""
_EARLIEST = -(1 << 63)


class Program:
    """A plan in a machine's memory, and what it wants to know of each row's names."""

    def __init__(self, machine: Machine, plan: Plan, layout: Layout, policies: Policies) -> None:
        self._machine, self._layout, self._policies = machine, layout, policies
        self._named: list[tuple[int, frozenset[object]]] = []
        self._judging: dict[Versions[QueuePolicy], tuple[int, int]] = {}
        programs = [self._additions(plan.additions[event]) for event in layout.types]
        self.address = machine.keep(b"".join(_PROGRAM.pack(*program) for program in programs))
        words = max(1, -(-len(self._named) // _BITS))
        self.row = np.dtype([("policies", "<u4"), ("count", "<u4"), ("bits", "<u8", (words,))])
        """What is to be known of a row."""

    def row_of(self, key: RowKey) -> tuple[int, int, list[int]]:
        """Return what is to be known of a row with these names."""
        bits = [0] * int(self.row["bits"].shape[0])
        for number, (place, wanted) in enumerate(self._named):
            if (key[place] or UNASSIGNED) in wanted:
                bits[number // _BITS] |= 1 << number % _BITS
        return (*self._judged_by(self._policies(key[NAMES.index("queue")])), bits)

    def _judged_by(self, versions: Versions[QueuePolicy]) -> tuple[int, int]:
        """Return where the versions of a policy are, and how many."""
        if versions not in self._judging:
            packed = [
                _POLICY.pack(
                    _EARLIEST if since is None else since,
                    policy.threshold_ms,
                    policy.limit_ms,
                    *policy.rule.within,
                    *policy.rule.beyond,
                )
                for since, policy in versions
            ]
            self._judging[versions] = self._machine.keep(b"".join(packed)), len(packed)
        return self._judging[versions]

    def _additions(self, additions: Sequence[Addition]) -> tuple[int, int]:
        """Put additions into memory; return where they are, and how many."""
        packed = b"".join(map(self._addition, additions))
        return self._machine.keep(packed), len(additions)

    def _addition(self, addition: Addition) -> bytes:
        slots = bytes(self._slots(addition))
        tests = [packed for test in addition.tests for packed in self._tests(test)]
        return _ADDITION.pack(
            self._machine.keep(b"".join(tests)),
            len(tests),
            addition.place,
            addition.other,
            addition.action,
            len(slots),
            slots,
        )

    def _slots(self, addition: Addition) -> Iterator[int]:
        """Yield the slots that are added up; of a judgement, its wait, its outcome, and what that is if answered."""
        if addition.action is Action.HASH:
            yield self._layout.hashes[addition.fields]
        else:
            yield from map(self._layout.slots.__getitem__, addition.fields)
        if addition.action is Action.JUDGE:
            yield self._layout.slots["outcome"]
            yield self._layout.choices["outcome"].index("answered") + 1

    def _tests(self, test: Test) -> Iterator[bytes]:
        match test:
            case OneOf():
                yield self._one_of(test.field, test.values)
            case NoneOf():
                yield self._among(_NOT_AMONG, test.field, test.values)
            case There():
                yield _test(_THERE, 0, self._slot(test.fields))
            case Within():
                slot = self._layout.slots[test.field]
                yield from _bounds((_AT_LEAST, test.at_least), (_BELOW, test.below), slot)
            case Between():
                yield from _bounds((_SINCE, test.since_ms), (_BEFORE, test.until_ms))

    def _one_of(self, field: str, values: Sequence[object]) -> bytes:
        if field in NAMES:
            self._named.append((NAMES.index(field), frozenset(values)))
            return _test(_NAMED, len(self._named) - 1)
        if field in self._layout.choices:
            numbers = [number for number, one in enumerate(self._layout.choices[field], 1) if one in values]
        elif all(isinstance(value, bool) for value in values):
            numbers = [int(flag is True) for flag in set(values)]
        else:
            return self._among(_AMONG, field, values)
        return _test(_CHOSEN, sum(1 << number for number in numbers), self._layout.slots[field])

    def _among(self, kind: int, field: str, values: Iterable[object]) -> bytes:
        """Return a test for numbers, or for texts by their hashes."""
        numbers = [
            value if isinstance(value, int) else _signed(xxhash.xxh3_64_intdigest(str(value).encode()))
            for value in values
        ]
        packed = np.unique(np.array(numbers, dtype="<i8"))
        return _test(kind, 0, self._slot((field,)), self._machine.keep(packed.tobytes()), len(packed))

    def _slot(self, fields: tuple[str, ...]) -> int:
        found = self._layout.slots.get(fields[0]) if len(fields) == 1 else None
        return self._layout.hashes[fields] if found is None else found


def _bounds(least: tuple[int, int | None], end: tuple[int, int | None], slot: int = 0) -> Iterator[bytes]:
    for kind, value in (least, end):
        if value is not None:
            yield _test(kind, _within(value), slot)


def _test(kind: int, value: int, slot: int = 0, values: int = 0, count: int = 0) -> bytes:
    return _TEST.pack(value, values, count, kind, slot)


def _within(bound: int) -> int:
    """Return a bound that decides the same about every value that a field can have."""
    return max(-MOST, min(MOST, bound))


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number
