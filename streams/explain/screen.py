"""An explanation for a terminal; it reads as well without colour."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.explain.explanation import Counted, Explanation, FactSum, Policy, Rank, Side
from streams.explain.stretches import Stretch, stretches
from streams.kpis.model import Unit
from streams.spelling import NONE, figure, share

SIGNS = {"min": "at least", "max": "at most"}
MOST_OPEN = 12
"""States that are told one by one; of more, the first ones."""


def picture(told: Explanation) -> RenderableType:
    """Return everything that there is to say, from the figure down to its panes."""
    parts: list[RenderableType] = [_heading(told), _facts(told)]
    if told.numerator or told.rank:
        parts += [Text(), *_sums(told)]
    for table in (_queues(told), _panes(told), _open(told), _irregular(told)):
        if table:
            parts += [Text(), table]
    return Group(*parts)


def _heading(told: Explanation) -> Text:
    row = told.figure
    value = figure(row.value, Unit(row.unit))
    return Text.assemble((f"{row.kpi} · {row.scope} {row.name} · {row.window}", "bold"), "   ", (value, "bold cyan"))


def _facts(told: Explanation) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    for name, words in _about(told):
        table.add_row(name, words)
    return table


def _about(told: Explanation) -> Iterator[tuple[str, str | Text]]:
    row = told.figure
    yield "what it is", told.definition
    since = f", in force since {told.since}" if told.since else ""
    yield (
        "formula",
        told.formula + (f"   (version {told.version} of {told.versions}{since})" if told.versions > 1 else ""),
    )
    yield (
        "window",
        f"from {row.from_} until before {row.to}" if row.to else Text(told.note or NONE, style="bold yellow"),
    )
    yield "as of", told.at
    if told.stale:
        yield "stale", Text(f"{', '.join(told.stale)}: what happened last may be missing", style="bold red")
    if row.value is None and row.to:
        yield "no value", told.note or NONE
    yield "target", _target(told)


def _target(told: Explanation) -> str:
    rule, row = told.rule, told.figure
    if rule is None:
        return "none applies"
    attained = "" if row.attainment is None else f", attained {share(row.attainment)}"
    days = "".join(f" {word} {day}" for word, day in (("from", rule.from_), ("until", rule.until)) if day)
    about = f"{rule.kpi}, {rule.scope} {rule.name}, {rule.window}{days}"
    return f"{SIGNS[rule.bound]} {figure(rule.target, Unit(row.unit))}{attained}   {rule.file}:{rule.line} ({about})"


def _sums(told: Explanation) -> Iterator[RenderableType]:
    if told.rank:
        yield from _rank(told.rank)
    for name, side in (("numerator", told.numerator), ("denominator", told.denominator)):
        if side:
            yield _side(name if told.denominator else "value", side)


def _side(name: str, side: Side) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim", title_justify="left")
    table.add_column(name, no_wrap=True)
    table.add_column("sum", justify="right", no_wrap=True)
    table.add_column("counts")
    for fact in side.facts:
        table.add_row(fact.fact, _number(fact.sum), _counts(fact))
    if side.distinct:
        topics = ", ".join(f"{_number(n)} in {topic}" for topic, n in side.distinct.topics.items())
        table.add_row(f"different {side.distinct.distinct}", _number(side.distinct.sum), topics)
    shown = "" if side.divisor == 1 else f"÷ {_number(side.divisor)} = {side.shown:,.12g}".replace(",", " ")
    if shown or len(side.facts) > 1:
        table.add_row(Text("together", style="bold"), Text(_number(side.sum), style="bold"), shown)
    return table


def _counts(fact: FactSum) -> str:
    told = "; ".join(_definition(fact.event, one) for one in fact.counted)
    return f"{told} (of it {_number(fact.open)} still open)" if fact.open else told


def _definition(event: str, one: Counted) -> str:
    where = f" where {one.where}" if one.where else ""
    since = f"from {one.since} on: " if one.since else ""
    return f"{since}{event}{where}: {one.adds}"


def _rank(rank: Rank) -> Iterator[Text]:
    if rank.rank is None or rank.bucket is None:
        yield Text("no values")
        return
    bucket = rank.bucket
    yield Text(
        f"{_number(rank.n)} values; rank ⌈{rank.quantile:g} · {rank.n}⌉ = {_number(rank.rank)} lies among the "
        f"{_number(bucket.count)} from {bucket.from_:g} s to {bucket.to:g} s: {_number(rank.below)} are smaller, "
        f"{_number(rank.above)} greater. The middle is shown."
    )


def _queues(told: Explanation) -> Table | None:
    if not told.queues:
        return None
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column("queue")
    table.add_column("met", justify="right", no_wrap=True)
    table.add_column("of", justify="right", no_wrap=True)
    table.add_column("policy")
    for queue in told.queues:
        table.add_row(queue.queue, _number(queue.met), _number(queue.of), "; ".join(map(_policy, queue.policies)))
    return table


def _policy(one: Policy) -> str:
    since = f"from {one.since} on: " if one.since else ""
    return f"{since}{one.policy}, in {one.threshold_seconds:g} s, short up to {one.short_abandon_seconds:g} s"


def _panes(told: Explanation) -> Table | None:
    if not told.panes:
        return None
    table = Table(box=None, padding=(0, 1), header_style="dim")
    found = stretches(told.panes)
    named = [one.fact for side in (told.numerator, told.denominator) if side for one in side.facts]
    facts = [fact for fact in dict.fromkeys(named) if any(one.facts[fact] for one in found)]
    kinds = list(dict.fromkeys(kind for one in found for kind in one.new))
    added = [side for side in ("numerator", "denominator") if getattr(told.panes[0], side) is not None]
    sides = added if len(facts) > len(added) else []
    table.add_column("time", no_wrap=True)
    for name in (*facts, *(f"new {kind}" for kind in kinds), *(["values"] if told.rank else []), *sides):
        table.add_column(name, justify="right")
    for one in found:
        cells = [one.facts.get(fact, 0) for fact in facts] + [one.new.get(kind, 0) for kind in kinds]
        cells += [one.values] if told.rank else []
        table.add_row(one.time, *map(_number, cells + [_side_of(one, side) for side in sides]))
    return table


def _side_of(one: Stretch, side: str) -> int:
    return one.numerator if side == "numerator" else one.denominator


def _open(told: Explanation) -> RenderableType | None:
    if not told.open:
        return None
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for heading in ("still open", "team", "state", "since"):
        table.add_column(heading, no_wrap=heading != "still open")
    table.add_column("ms that count", justify="right", no_wrap=True)
    for one in told.open[:MOST_OPEN]:
        table.add_row(one.rep, one.team, one.state, one.since, _number(one.ms))
    rest = told.open[MOST_OPEN:]
    if rest:
        table.add_row(f"and {len(rest)} more", "", "", "", _number(sum(one.ms for one in rest)))
    return table


def _irregular(told: Explanation) -> Table | None:
    if not told.irregular:
        return None
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for heading in ("all records in that time", "late", "repeats", "parked"):
        table.add_column(heading, justify="left" if heading in ("all records in that time", "parked") else "right")
    for one in told.irregular:
        parked = ", ".join(f"{_number(n)} {reason}" for reason, n in one.parked.items())
        table.add_row(one.topic, _number(one.late), _number(one.duplicate), parked or "0")
    return table


def _number(value: float) -> str:
    return f"{value:,}".replace(",", " ")
