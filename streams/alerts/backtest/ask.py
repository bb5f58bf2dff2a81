"""`floorcast alerts backtest`: from the settings and the rules to what they would have said."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from streams.alerts.backtest.firings import Tally, firings
from streams.alerts.backtest.history import History, instants
from streams.alerts.backtest.prometheus import BadExpression, Past, Samples, checked, folder, past
from streams.alerts.backtest.rules import BadRules, Rule, read
from streams.alerts.expressions import reach_ms
from streams.floor import Floor
from streams.kpis.panes import QUARTER_MS, QUARTERS_KEPT_MS
from streams.progress import Tell, untold
from streams.review.opened import opened, some_partitions
from streams.review.span import BadRange, span
from streams.settings import Settings
from streams.store.redis_client import connect
from streams.store.redis_reader import RedisReader
from streams.view.view import View


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every rule between two instants."""

    from_ms: int
    to_ms: int
    zone: ZoneInfo
    tallies: Sequence[Tally]


async def rules(files: Sequence[Path]) -> list[Rule]:
    """Read rule files that promtool finds good. Raises BadRules, NoPrometheus."""
    found = read(files)
    for file in files:
        if fault := await checked(file):
            raise BadRules(fault)
    return found


async def answer(
    settings: Settings, floor: Floor, wanted: Sequence[Rule], from_: str | None, to: str | None, tell: Tell = untold
) -> Report:
    """Look into the store. Raises BadRange, NothingCounted, StoreUnavailable, BadExpression, NoPrometheus."""
    zone = ZoneInfo(floor.timezone)
    async with aclosing(connect(settings.redis, **settings.redis_arguments)) as client:
        reader = RedisReader(client, settings.group)
        from_ms, to_ms = span(from_, to, await reader.now_ms(), zone)
        view = await opened(reader, floor, await some_partitions(reader, settings.group))
        tallies = await backtest(view, floor, wanted, (from_ms, to_ms), reps=settings.rep_series, tell=tell)
    return Report(from_ms, to_ms, zone, tallies)


async def backtest(
    view: View, floor: Floor, wanted: Sequence[Rule], span_ms: tuple[int, int], *, reps: bool, tell: Tell = untold
) -> list[Tally]:
    """Return what became of each rule in [from, to). Raises BadRange, StoreUnavailable, BadExpression, NoPrometheus."""
    when, to_ms = instants(*span_ms), span_ms[1]
    if not when:
        raise BadRange("--from and --to have no whole quarter of an hour between them")
    answerable = [rule for rule in wanted if not rule.unanswerable]
    history = History(view, floor, answerable, reps=reps)
    reach = max((reach_ms(rule.expr) for rule in answerable), default=0)
    async with folder() as place:
        samples = Samples(place)
        told = instants(max(when[0] - reach, view.now_ms() - QUARTERS_KEPT_MS + QUARTER_MS), to_ms)
        for done, t_ms in enumerate(told):
            tell("instants", len(told) - done)
            await samples.add(t_ms, await history.at(t_ms))
        await samples.close()
        async with past(place, samples.blocks) as prometheus:
            return [await _tally(prometheus, rule, when, to_ms) for rule in wanted]


async def _tally(prometheus: Past, rule: Rule, when: range, to_ms: int) -> Tally:
    if rule.unanswerable:
        return Tally(rule.name, unanswerable=rule.unanswerable)
    try:
        found = await prometheus.ask(rule.expr, when[0], when[-1])
    except BadExpression as error:
        raise BadExpression(f"{rule.name}: {error}") from None
    return Tally(rule.name, firings(found, rule.hold_s, to_ms))
