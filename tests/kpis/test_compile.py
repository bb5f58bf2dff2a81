"""The compiled programs add what the facts' definitions say, row by row and minute by minute."""

from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import TOPIC_OF, TOPICS
from streams import scanner
from streams.events import joined
from streams.floor import parse
from streams.kpis.catalogue import Catalogue
from streams.kpis.counting import Counted
from tests.kpis.test_design_formulas import EVENTS, Event, EventSums, field
from tests.scanned import Counter, Sent, scanned

FLOOR = parse(
    b"""
floor: {currency: USD}
facts:
  long_calls: {event: call.ended, where: {outcome: answered, talk_ms: {at_least: 60000}}, add: 1}
  short_holds: {event: call.ended, where: {hold_ms: {below: 1000}}, add: 1}
  alpha_or_nobody: {event: call.ended, where: {team: [alpha, unassigned]}, add: talk_ms}
  many: {event: call.ended, where: {rep: [a, b, c, d, e, f, g, h, i, unassigned]}, add: 1}
  lost_amount: {event: deal.stage_changed, where: {outcome: lost}, add: amount_minor}
"""
)
CATALOGUE = FLOOR.catalogue()
COUNTERS = {topic: Counter(topic, CATALOGUE, FLOOR.queue_policies) for topic in TOPICS}
NAMED = st.tuples(EVENTS, st.sampled_from(["alpha", "b|", None]), st.sampled_from(["i", None]), st.integers(0, 200_000))


def sent(event: Event, team: str | None, rep: str | None, ms: int) -> Sent:
    data = {name: value for name, value in event.items() if name != "type"}
    return Sent(event["type"], {**data, "team": team, "rep": rep}, ms)


class Added:
    """What the programs of all topics added up."""

    def __init__(self, counted: Mapping[str, Sequence[Counted]], catalogue: Catalogue) -> None:
        self._catalogue, self._counted = catalogue, counted

    def fact(self, name: str) -> int:
        (fact,) = (fact for fact in self._catalogue.facts if fact.name == name)
        sums = [self._sum(fact.topic, place) for place in fact.places]
        return sums[0] + (sums[1] << 24 if fact.wide else 0)

    def _sum(self, topic: str, place: str) -> int:
        column = COUNTERS[topic].places.index(place)
        return sum(int(counted.numbers[:, column].sum()) for counted in self._counted[topic])

    def samples(self, name: str) -> list[int]:
        found: list[int] = []
        for topic, some in self._counted.items():
            plan = COUNTERS[topic].plan
            kinds = (*plan.buckets, *plan.distinct)
            if name in kinds:
                found += [
                    value
                    for counted in some
                    for value in counted.samples["value"][counted.samples["kind"] == kinds.index(name)].tolist()
                ]
        return found

    def distinct(self, name: str) -> int:
        return len(set(self.samples(name)))

    def buckets(self, name: str) -> Iterable[tuple[int, int]]:
        return [(bucket, 1) for bucket in self.samples(name)]


def add_all(events: list[tuple[Event, str | None, str | None, int]]) -> dict[str, list[Counted]]:
    """Return what some events add up to by topic, counted in two parts."""
    counted = {}
    for topic, counter in COUNTERS.items():
        mine = [sent(*one) for one in events if TOPIC_OF[one[0]["type"]] == topic]
        counted[topic] = [*counter.count(mine[:7]), *counter.count(mine[7:])]
    return counted


@given(st.lists(NAMED, max_size=30))
def test_what_is_added_is_what_the_definitions_say(events: list[tuple[Event, str | None, str | None, int]]) -> None:
    found = add_all(events)
    plain = [{**e, "team": team or "unassigned", "rep": rep or "unassigned"} for e, team, rep, _ in events]
    wanted, added = EventSums(plain, CATALOGUE), Added(found, CATALOGUE)
    for fact in CATALOGUE.facts:
        if not fact.timed:
            assert (fact.name, added.fact(fact.name)) == (fact.name, wanted.fact(fact.name))
    for name in CATALOGUE.distinct:
        assert added.distinct(name) == wanted.distinct(name)
    for name in CATALOGUE.buckets:
        assert sorted(b for b, _ in added.buckets(name)) == sorted(
            b for b, count in wanted.buckets(name) for _ in range(count)
        )
    foreign = [
        e
        for e in plain
        if e["type"] == "deal.stage_changed"
        and e["outcome"] == "won"
        and field(e, "amount_minor") is not None
        and field(e, "currency") != "USD"
    ]
    assert sum(len(counted.excluded) for some in found.values() for counted in some) == len(foreign)


@given(st.lists(NAMED, max_size=30))
def test_each_event_lands_in_the_row_of_its_minute_and_names(
    events: list[tuple[Event, str | None, str | None, int]],
) -> None:
    for topic, some in add_all(events).items():
        mine = [e for e in events if TOPIC_OF[e[0]["type"]] == topic]
        for counted in some:
            places = list(zip(counted.sums["minute"].tolist(), counted.sums["row"].tolist(), strict=True))
            assert len(set(places)) == len(places)
            keys = [(minute, counted.keys[row]) for minute, row in places]
            assert {(minute, key[0], key[3]) for minute, key in keys} <= {
                (ms // 60_000, team, rep) for _, team, rep, ms in mine
            }
            assert all(key[1] is None and key[2] is None for _, key in keys)
            assert counted.rows() == {key for _, key in keys}


def test_unmatched_choices_fall_through() -> None:
    found = add_all([({"type": "call.ended", "direction": "inbound", "outcome": "voicemail"}, None, None, 0)])
    ((numbers,),) = (counted.numbers.tolist() for counted in found["calls"])
    assert sum(numbers[: COUNTERS["calls"].plan.facts]) == 1


def test_rows_are_told_apart_also_when_the_scanner_numbers_them_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "NAMES_MOST", 30)
    counter = Counter("calls", CATALOGUE, FLOOR.queue_policies)
    teams = [None, "unassigned", "alpha", *"bcdefghijklmnopq", "alpha", None]
    parts = [scanned(counter.decoder, [Sent("call.ended", {"team": team, "talk_ms": 1})]) for team in teams]
    assert 1 < len(joined([parts])) < len(parts)
    counted = [*counter.counting.count([parts])]
    place = counter.places.index("alpha_or_nobody")
    found: dict[str | None, int] = {}
    for one in counted:
        for row, numbers in zip(one.sums["row"].tolist(), one.numbers.tolist(), strict=True):
            team = one.keys[row][0]
            found[team] = found.get(team, 0) + numbers[place]
    assert found == {team: teams.count(team) if team in (None, "unassigned", "alpha") else 0 for team in teams}
