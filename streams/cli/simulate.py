"""`floorcast simulate`"""

import asyncio
import signal
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import structlog

from streams.cli.numbers import Finite
from streams.cli.running import read_settings, run
from streams.floor.load import load_installed
from streams.floor.model import Floor
from streams.floor.problems import FloorError
from streams.settings import Settings
from streams.simulate.arrivals import Profile
from streams.simulate.dirt import Dirt
from streams.simulate.emit_jsonl import JsonlOutlet
from streams.simulate.emit_kafka import KafkaOutlet, OutletClosed
from streams.simulate.floor import Sizes
from streams.simulate.moments import epoch_ms
from streams.simulate.pace import Outlet, Span, run_floor, until_stopped
from streams.simulate.world import Plan, World

log = structlog.get_logger(__name__)

KEPT_DAYS = 35
GRACE_S = 10.0
"""How long Kafka may take for the last records after a signal."""
size = click.IntRange(min=1)


@dataclass(frozen=True, slots=True)
class Times:
    """When the floor runs, epoch ms."""

    start_ms: int
    until_ms: int | None
    past: bool
    """Whether it starts with a back-fill."""


@click.command()
@click.option("--rate", type=Finite(0.1, 100_000), default=50.0, show_default=True,
              help="Events a second over all topics, at an ordinary busy hour.")  # fmt: skip
@click.option("--minutes", type=Finite(0, min_open=True), help="Stop after so many minutes of the floor's time.")
@click.option("--from", "since", help="Start in the past: RFC 3339, or a date by the floor's clock. "
              "Runs at full speed; records are stamped with their past arrival.")  # fmt: skip
@click.option("--to", "until", help="End of the back-fill; now, if it is not given.")
@click.option("--follow", is_flag=True, help="After the back-fill, go on in real time.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="Write JSON lines to this file instead of Kafka: topic, key, arrival (epoch ms), event; or value, "
              "in base64, where it is no JSON; and dirt, which says what is wrong.")  # fmt: skip
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, start and options: the same bytes."
)
@click.option("--dirt", type=Finite(0, 0.5), default=0.0, show_default=True,
              help="The share of records that are repeated, late, out of order, or accompanied by a broken copy.")  # fmt: skip
@click.option("--profile", type=click.Choice(["real", "busy"]),
              help="real: the floor's days and weeks; busy: a busy hour at any hour. "
              "If it is not given: busy, and real for a back-fill.")  # fmt: skip
@click.option("--teams", type=size, help="How many; by the rate, if it is not given.")
@click.option("--reps", type=size)
@click.option("--queues", type=size)
@click.option("--campaigns", type=size)
def simulate(**options: Any) -> None:
    """Emit the events of a believable floor until signalled: into Kafka, or into a file.

    Names, time zone and currency are those of floor.yaml (FLOORCAST_CONFIG) where there is one. At the end every call
    is cut and everyone goes home, so that no board shows what is over.
    """
    settings = read_settings()
    config = _config(settings)
    now_ms = clock_ms()
    times = _times(options, config, now_ms)
    plan = _plan(options, config, times)
    if times.past and options["out"] is None and now_ms - times.start_ms > KEPT_DAYS * 86_400_000:
        log.warning("Kafka and the workers keep 35 days: what is older is soon gone", since=options["since"])
    outlet = JsonlOutlet(options["out"]) if options["out"] else KafkaOutlet(settings)
    run(lambda: _emit(plan, times, options["dirt"], outlet), OutletClosed, OSError)


def clock_ms() -> int:
    """Return epoch ms."""
    return time.time_ns() // 1_000_000


def _config(settings: Settings) -> Floor:
    try:
        return load_installed(settings.config, named=settings.config_named)
    except FloorError as error:
        raise click.ClickException(str(error)) from None


def _times(options: dict[str, Any], config: Floor, now_ms: int) -> Times:
    since = _moment("--from", options["since"], config)
    until = _moment("--to", options["until"], config)
    follow, minutes = options["follow"], options["minutes"]
    if since is None and (until is not None or follow):
        raise click.UsageError("--to and --follow need --from")
    if (until is not None) + follow + (minutes is not None) > 1:
        raise click.UsageError("only one of --to, --follow and --minutes can say when it ends")
    start_ms = now_ms if since is None else since
    if minutes is not None:
        until = start_ms + round(minutes * 60_000)
    elif since is not None and until is None and not follow:
        until = now_ms
    if since is not None:
        _refuse_future(start_ms, until, now_ms)
    return Times(start_ms, until, past=since is not None)


def _moment(option: str, text: str | None, config: Floor) -> int | None:
    try:
        return None if text is None else epoch_ms(text, config.timezone)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def _refuse_future(start_ms: int, until_ms: int | None, now_ms: int) -> None:
    if start_ms >= now_ms:
        raise click.UsageError("--from must be in the past")
    if until_ms is not None and until_ms > now_ms:
        raise click.UsageError("the back-fill would end in the future: it must not be stamped ahead of the clock")
    if until_ms is not None and until_ms <= start_ms:
        raise click.UsageError("--to must be after --from")


def _plan(options: dict[str, Any], config: Floor, times: Times) -> Plan:
    given = {name: options[name] for name in ("teams", "reps", "queues", "campaigns") if options[name] is not None}
    sizes = replace(Sizes.for_rate(options["rate"]), **given)
    if sizes.reps < sizes.teams:
        if "teams" in given:
            raise click.UsageError(f"{sizes.teams} teams need at least {sizes.teams} reps")
        sizes = replace(sizes, teams=sizes.reps)
    profile: Profile = options["profile"] or ("real" if times.past else "busy")
    return Plan(config, sizes, options["rate"], profile, options["seed"])


async def _emit(plan: Plan, times: Times, share: float, target: AbstractAsyncContextManager[Outlet]) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop, asyncio.current_task())
    try:
        await _run(plan, times, share, target, stop)
    except asyncio.CancelledError:
        raise OutletClosed(f"stopped, but Kafka did not take the last records within {GRACE_S:.0f} s") from None


async def _run(
    plan: Plan, times: Times, share: float, target: AbstractAsyncContextManager[Outlet], stop: asyncio.Event
) -> None:
    async with target as outlet:
        sizes = plan.sizes
        log.info("the floor opens", rate=plan.rate, profile=plan.profile, seed=plan.seed, reps=sizes.reps,
                 teams=sizes.teams, queues=sizes.queues, campaigns=sizes.campaigns)  # fmt: skip
        began = time.monotonic()
        world = World(plan, times.start_ms, warm=not times.past)
        dirt = Dirt(share, f"{plan.seed}/{times.start_ms}/dirt")
        span = Span.of(times.until_ms, plan.rate)
        emitted = await run_floor(world, dirt, span, outlet, clock_ms, stop, until_stopped(stop))
    seconds = time.monotonic() - began
    log.info("the floor is closed", events=emitted, seconds=round(seconds, 1), per_second=round(emitted / seconds))


def _stop_on_signals(stop: asyncio.Event, task: asyncio.Task[Any] | None) -> None:
    loop = asyncio.get_running_loop()

    def end() -> None:
        stop.set()
        if task:
            loop.call_later(GRACE_S, task.cancel)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, end)
