"""Runs of the simulator that tests share."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from streams.floor.model import Floor
from streams.simulate.arrivals import Profile
from streams.simulate.engine import Arrival
from streams.simulate.floor import Sizes
from streams.simulate.world import Plan, World
from streams.times import parse_ms

START = 1_795_480_200_000
"""2026-11-24T09:30:00+09:00, a Tuesday."""
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


def plan(rate: float = 50.0, seed: int = 1, profile: Profile = "busy", config: Floor | None = None) -> Plan:
    """Return a plan of the size that suits the rate."""
    return Plan(config or Floor.default(), Sizes.for_rate(rate), rate, profile, seed)


@dataclass(frozen=True, slots=True)
class Told:
    """An event, read."""

    arrival: Arrival
    kind: str
    at_ms: int
    """Its own time."""
    data: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """What arrived until the floor closed, and at its closing."""

    start_ms: int
    until_ms: int
    arrivals: list[Arrival]
    closing: list[Arrival]

    @cached_property
    def told(self) -> list[Told]:
        """The events before the closing, in order of arrival."""
        return [read(arrival) for arrival in self.arrivals]

    @cached_property
    def by_key(self) -> dict[tuple[str, str], list[Told]]:
        """All events by topic and key, each in order of arrival."""
        found = defaultdict(list)
        for told in [*self.told, *map(read, self.closing)]:
            found[told.arrival.topic, told.arrival.key].append(told)
        return dict(found)

    def of(self, kind: str) -> list[Told]:
        """Return the events of a type."""
        return [told for told in self.told if told.kind == kind]


def run(of: Plan, minutes: float, *, warm: bool = True, start_ms: int = START) -> Run:
    """Let a floor work from the start to its closing."""
    world, until_ms = World(of, start_ms, warm), start_ms + round(minutes * MINUTE)
    return Run(start_ms, until_ms, world.advance(until_ms), world.close())


def read(arrival: Arrival) -> Told:
    """Return an arrival's event."""
    event = json.loads(arrival.value)
    return Told(arrival, event["type"], parse_ms(event["time"]), event["data"])
