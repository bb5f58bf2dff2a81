"""Takes a figure apart: looks it up, counts it anew from the store, and says by what it was judged."""

import asyncio
from functools import partial
from zoneinfo import ZoneInfo

from streams.explain.account import Account
from streams.explain.contributions import Contributions, rows_of
from streams.explain.counted import counted
from streams.explain.explanation import Explanation, Irregular, OpenState, Rule
from streams.explain.moment import Moment
from streams.explain.outlook import Outlook
from streams.explain.question import Question
from streams.explain.sides import Sides, rank_of
from streams.explain.still_open import StillOpen, still_open
from streams.export.floor_targets import FloorTargets
from streams.export.rows import Row, rows
from streams.export.times import shown
from streams.floor.model import Floor, Target
from streams.kpis.model import Kpi
from streams.kpis.reference import formula
from streams.kpis.windows import SHIFT, local_date
from streams.store.protocol import PARKED_COUNTER, Reader
from streams.targets import Targets
from streams.targets.choice import applying
from streams.view.figures import OTHER


class Explainer:
    """Explains the figures of one configuration, one after the other: the boards go on meanwhile."""

    def __init__(self, reader: Reader, floor: Floor, file: str) -> None:
        """`file`: where the floor's configuration stands."""
        self._reader, self._floor, self._file = reader, floor, file
        self._zone = ZoneInfo(floor.timezone)
        self._shown = partial(shown, zone=self._zone)
        self._catalogue = floor.catalogue()
        self._judge, self._targets = FloorTargets(floor), Targets(floor.targets)
        self._alone = asyncio.Lock()

    async def explain(self, outlook: Outlook, question: Question) -> Explanation:
        """Return a figure of an instant taken apart. Raises Unanswerable, StoreUnavailable."""
        moment = Moment.of(outlook, question)
        async with self._alone:
            return self._explanation(moment, await self._account(moment))

    async def _account(self, moment: Moment) -> Account:
        """Count the figure from the store."""
        belongs = rows_of(moment.question.scope, moment.question.name)
        account = Account(Contributions(self._catalogue, moment.kpi, belongs))
        if moment.span is None:
            return account
        facts, topics = account.contributions.facts, account.contributions.topics
        partitions = [one for one in moment.outlook.partitions if one.topic in topics]
        reps = await counted(self._reader, partitions, moment.panes, account.take)
        account.open = still_open(reps, facts, belongs, moment.span.from_ms, moment.outlook.t_ms)
        return account

    def _explanation(self, moment: Moment, account: Account) -> Explanation:
        kpi, span, question = moment.kpi, moment.span, moment.question
        (figure,) = self._figure(moment, account)
        sides = Sides(account, span, self._shown) if span else None
        rule = self._rule(question, moment.outlook.t_ms)
        whole = self._catalogue.kpis[kpi.id]
        part = sides.side if sides and not kpi.buckets else lambda _: None
        return Explanation(
            at=self._shown(moment.outlook.t_ms),
            stale=[topic for topic in moment.outlook.stale if topic in account.contributions.topics],
            title=dict(kpi.title),
            definition=kpi.definition,
            kind=kpi.kind.value,
            better=kpi.better.value,
            formula=formula(kpi),
            version=[one.since_ms for one in whole.versions].index(kpi.since_ms) + 1,
            versions=len(whole.versions),
            since=None if kpi.since_ms is None else self._shown(kpi.since_ms),
            topics=list(account.contributions.topics),
            figure=figure,
            note=_note(question, figure, kpi),
            numerator=part(kpi.numerator),
            denominator=part(kpi.denominator) if kpi.denominator else None,
            rank=rank_of(kpi, account) if sides and kpi.buckets else None,
            queues=sides.queues(question.scope, question.name, self._floor) if sides else [],
            panes=sides.panes(kpi) if sides else [],
            open=[self._open(one) for one in account.open],
            irregular=_irregular(account) if sides else [],
            rule=self._told(rule) if rule else None,
        )

    def _figure(self, moment: Moment, account: Account) -> list[Row]:
        table = moment.table(account)
        return list(rows(table, {moment.kpi.id: None}, self._zone, self._judge(table, moment.outlook.t_ms)))

    def _rule(self, question: Question, t_ms: int) -> Target | None:
        if question.name == OTHER:
            return None
        named = self._targets.of(question.scope, question.window).get(question.kpi, {})
        return applying(named, question.name, local_date(t_ms, self._zone))

    def _told(self, rule: Target) -> Rule:
        dates = (day.isoformat() if day else None for day in (rule.since, rule.until))
        about = (rule.kpi, rule.scope.value, rule.name, rule.window, rule.bound, rule.value)
        return Rule(self._file, rule.line, *about, *dates)

    def _open(self, one: StillOpen) -> OpenState:
        since, begin, end = (self._shown(ms) for ms in (one.since_ms, one.from_ms, one.to_ms))
        return OpenState(one.rep, one.team, one.state, one.fact, since, begin, end, one.ms)


def _irregular(account: Account) -> list[Irregular]:
    return [
        Irregular(
            topic,
            counts["late"],
            counts["duplicate"],
            {
                kind.removeprefix(PARKED_COUNTER): n
                for kind, n in sorted(counts.items())
                if kind.startswith(PARKED_COUNTER)
            },
        )
        for topic, counts in account.irregular().items()
    ]


def _note(question: Question, figure: Row, kpi: Kpi) -> str | None:
    if figure.value is not None:
        return None
    if figure.to is None:
        return "no shift is on at this instant" if question.window == SHIFT else "the window begins before what is kept"
    return "nothing to take a quantile of" if kpi.buckets else "the denominator is 0"
