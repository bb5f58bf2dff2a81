"""Numerator and denominator, the rank of a quantile, and the queues of a service level."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import TypeVar

from streams.explain.account import Account, Pane
from streams.explain.explanation import Bucket, Counted, FactSum, PaneSum, Policy, Queue, Rank, SetSize, Side
from streams.floor.model import Floor
from streams.kpis.buckets import bounds
from streams.kpis.model import Fact, Kpi, Part, Scope
from streams.kpis.panes import pane_span
from streams.kpis.reference import adds, conditions
from streams.kpis.service_level import QueuePolicy
from streams.kpis.windows import Range

T = TypeVar("T")
Shown = Callable[[int], str]
"""Writes an instant, epoch ms."""


def in_force(versions: Iterable[tuple[int | None, T]], span: Range) -> list[tuple[int | None, T]]:
    """Return those of (since, definition), oldest first, that were in force at any time of a window."""
    dated = list(versions)
    ends: list[int | None] = [since for since, _ in dated[1:]] + [None]
    return [
        (since, one)
        for (since, one), end in zip(dated, ends, strict=True)
        if (since is None or since < span.to_ms) and (end is None or end > span.from_ms)
    ]


class Sides:
    """Words an account."""

    def __init__(self, account: Account, span: Range, shown: Shown) -> None:
        self._account, self._span, self._shown = account, span, shown
        self._facts = {fact.name: fact for fact in account.contributions.facts}
        self._panes, self._still = account.facts(), account.still()

    def side(self, part: Part) -> Side:
        """Return one side of a KPI."""
        if part.distinct is not None:
            found = self._set(part.distinct)
            return Side([], found, found.sum, 1, found.sum)
        facts = [self._fact(self._facts[name]) for name in part.facts]
        total = sum(one.sum for one in facts)
        return Side(facts, None, total, part.divisor, total if part.divisor == 1 else total / part.divisor)

    def _fact(self, fact: Fact) -> FactSum:
        versions = in_force(((one.since_ms, one) for one in fact.versions), self._span)
        counted = [Counted(self._since(since), conditions(one), adds(one)) for since, one in versions]
        panes, still = self._panes[fact.name], self._still[fact.name]
        return FactSum(fact.name, fact.event, counted, panes, still, panes + still)

    def _set(self, kind: str) -> SetSize:
        topics = {topic: len(self._account.ids(kind, topic)) for topic in self._account.contributions.topics}
        return SetSize(kind, {topic: n for topic, n in topics.items() if n}, len(self._account.ids(kind)))

    def queues(self, scope: str, name: str, floor: Floor) -> list[Queue]:
        """Return what each queue adds to a service level, and by which policies; none for other KPIs."""
        judged: dict[str, str] = {fact.policy: fact.name for fact in self._facts.values() if fact.policy}
        if not judged:
            return []
        sums = self._account.by_queue()
        names = {queue for queue, _ in sums} | ({name} if scope == Scope.QUEUE else set())
        return [self._queue(queue, sums, judged, floor) for queue in sorted(names)]

    def _queue(self, queue: str, sums: Mapping[tuple[str, str], int], judged: Mapping[str, str], floor: Floor) -> Queue:
        met, of = (sums.get((queue, judged.get(side, "")), 0) for side in ("met", "of"))
        return Queue(queue, met, of, [self._policy(*one) for one in in_force(floor.queue_policies(queue), self._span)])

    def panes(self, kpi: Kpi) -> list[PaneSum]:
        """Return what each pane gives."""
        return [self._pane(pane, kpi) for pane in self._account.panes()]

    def _pane(self, pane: Pane, kpi: Kpi) -> PaneSum:
        begin, end = (self._shown(ms) for ms in pane_span(pane.name))
        sides = [
            None if part is None or part.distinct or kpi.buckets else pane.side(part)
            for part in (kpi.numerator, kpi.denominator)
        ]
        distinct = {kind: len(ids) for kind, ids in pane.ids.items()}
        return PaneSum(pane.name, begin, end, dict(pane.facts), distinct, pane.new, pane.values, *sides)

    def _policy(self, since: int | None, policy: QueuePolicy) -> Policy:
        return Policy(self._since(since), policy.policy, policy.threshold_ms / 1000, policy.short_abandon_ms / 1000)

    def _since(self, ms: int | None) -> str | None:
        return None if ms is None else self._shown(ms)


def rank_of(kpi: Kpi, account: Account) -> Rank:
    """Return how a quantile is found."""
    samples = sorted(account.samples().items())
    n = sum(count for _, count in samples)
    rank = ceil(Fraction(str(kpi.quantile)) * n)
    found = _place(samples, rank)
    buckets = [_bucket(one, kpi) for one in samples]
    below = sum(count for _, count in samples[:found])
    bucket = buckets[found] if rank else None
    above = n - below - (bucket.count if bucket else 0)
    return Rank(n, kpi.quantile or 0.0, rank or None, below, bucket, above, buckets)


def _place(samples: Sequence[tuple[int, int]], rank: int) -> int:
    """Return where the rank-th smallest value stands; 0 where there is none."""
    for place, (_, count) in enumerate(samples):
        rank -= count
        if rank <= 0:
            return place
    return 0


def _bucket(sample: tuple[int, int], kpi: Kpi) -> Bucket:
    least, greatest = bounds(sample[0])
    return Bucket(least / kpi.numerator.divisor, greatest / kpi.numerator.divisor, sample[1])
