"""The floor follows the clock: never ahead of it, never adrift, quickly after it where it is behind."""

import asyncio
from collections.abc import Sequence

import pytest

from streams.simulate.dirt import Dirt
from streams.simulate.engine import Arrival
from streams.simulate.pace import TICK_S, Span, run_floor
from streams.simulate.world import World
from tests.simulate.runs import HOUR, MINUTE, SECOND, START, plan, run


class Stage:
    """A clock that only sleeping and emitting move, and an outlet that remembers when it was given what."""

    def __init__(self, now_ms: int, *, emitting_ms: int = 0, stop_at_ms: int | None = None) -> None:
        self.now_ms = now_ms
        self.stop = asyncio.Event()
        self.given: list[tuple[int, Sequence[Arrival]]] = []
        self._left_ms = 0.0
        self._emitting_ms, self._stop_at_ms = emitting_ms, stop_at_ms

    def clock(self) -> int:
        """Return the stage's time."""
        return self.now_ms

    async def sleep(self, seconds: float) -> None:
        """Let time pass: always a little longer than was asked for, as real sleeps take."""
        self._left_ms += seconds * 1000 + 0.4
        self.now_ms += int(self._left_ms)
        self._left_ms %= 1
        if self._stop_at_ms is not None and self.now_ms >= self._stop_at_ms:
            self.stop.set()

    async def emit(self, arrivals: Sequence[Arrival]) -> None:
        """Take the arrivals."""
        self.given.append((self.now_ms, arrivals))
        self.now_ms += self._emitting_ms

    @property
    def arrivals(self) -> list[Arrival]:
        """All that was given."""
        return [arrival for _, arrivals in self.given for arrival in arrivals]


async def played(stage: Stage, start_ms: int, until_ms: int | None, rate: float = 50, dirt: float = 0) -> int:
    """Let a floor run on a stage."""
    world = World(plan(rate), start_ms, warm=start_ms == stage.now_ms)
    span = Span.of(until_ms, rate)
    return await run_floor(world, Dirt(dirt, "1"), span, stage, stage.clock, stage.stop, stage.sleep)


@pytest.mark.parametrize("dirt", [0, 0.2])
async def test_nothing_is_stamped_in_the_future(dirt: float) -> None:
    stage = Stage(START)
    await played(stage, START, START + MINUTE, dirt=dirt)
    assert stage.given
    assert all(arrival.at_ms <= now_ms for now_ms, arrivals in stage.given for arrival in arrivals)


async def test_a_backfill_up_to_now_stamps_nothing_in_the_future() -> None:
    stage = Stage(START)
    begin = START - 10 * MINUTE
    await played(stage, begin, START, dirt=0.05)
    assert min(arrival.at_ms for arrival in stage.arrivals) >= begin
    assert max(arrival.at_ms for arrival in stage.arrivals) <= START
    assert stage.now_ms < START + 100, "a back-fill waited for the clock"


async def test_what_is_emitted_is_what_the_floor_does_in_the_order_of_arrival() -> None:
    stage = Stage(START)
    emitted = await played(stage, START, START + MINUTE)
    floor = run(plan(), 1)
    assert stage.arrivals == floor.arrivals + floor.closing
    assert emitted == len(stage.arrivals)


async def test_what_dirt_holds_back_arrives_before_the_floor_is_closed() -> None:
    stage = Stage(START)
    await played(stage, START, START + MINUTE, dirt=0.3)
    floor = run(plan(), 1)
    assert {arrival.value for arrival in stage.arrivals} >= {arrival.value for arrival in floor.arrivals}


async def test_emission_is_smooth_and_without_drift() -> None:
    """Every record leaves within two ticks of its time, in the last second as in the first."""
    stage = Stage(START)
    await played(stage, START, START + MINUTE, rate=500)
    waits = [now_ms - arrival.at_ms for now_ms, arrivals in stage.given[1:-1] for arrival in arrivals]
    assert max(waits) <= 20 >= 2 * TICK_S * 1000
    assert max(len(arrivals) for _, arrivals in stage.given[1:-1]) < 500 * 20 / 1000 * 4


async def test_a_floor_that_was_held_up_catches_up() -> None:
    stage = Stage(START, emitting_ms=300)
    await played(stage, START, START + MINUTE)
    floor = run(plan(), 1)
    assert stage.arrivals == floor.arrivals + floor.closing
    assert stage.now_ms - START < MINUTE + 2 * SECOND


async def test_full_speed_goes_in_steps_that_fit_into_memory() -> None:
    stage = Stage(START)
    await played(stage, START - HOUR // 2, START)
    assert max(len(arrivals) for _, arrivals in stage.given) < 20_000
    assert len(stage.given) > 8


async def test_a_backfill_may_go_on_in_real_time() -> None:
    stage = Stage(START, stop_at_ms=START + 30 * SECOND)
    await played(stage, START - HOUR, None)
    live = [(now_ms, arrivals) for now_ms, arrivals in stage.given if now_ms > START]
    assert len(live) > 500
    assert all(arrival.at_ms <= now_ms for now_ms, arrivals in live for arrival in arrivals)


async def test_a_signal_closes_the_floor_now() -> None:
    stage = Stage(START, stop_at_ms=START + 10 * SECOND)
    await played(stage, START, None)
    floor = run(plan(), (stage.given[-1][1][-1].at_ms - START) / MINUTE)
    assert stage.arrivals == floor.arrivals + floor.closing
    assert abs(stage.arrivals[-1].at_ms - START - 10 * SECOND) <= 20
