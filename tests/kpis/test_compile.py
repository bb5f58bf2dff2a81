"""The generated loops add what the facts' definitions say, row by row and minute by minute."""

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.events import TOPIC_OF, TOPICS
from streams.derive import adder_fields, data_struct, structs_of
from streams.floor import parse
from streams.kpis.catalogue import Catalogue
from streams.kpis.compile import Adder, Rows, compile_adder
from tests.kpis.test_design_formulas import EVENTS, Event, EventSums, field

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
STRUCTS = {topic: structs_of(topic) for topic in TOPICS}
ADDERS = {
    topic: compile_adder(topic, CATALOGUE, FLOOR.rules(), adder_fields(structs)) for topic, structs in STRUCTS.items()
}
NAMED = st.tuples(EVENTS, st.sampled_from(["alpha", "b|", None]), st.sampled_from(["i", None]), st.integers(0, 200_000))


def struct(event: Event) -> Any:
    kind = event["type"]
    envelope: Any = STRUCTS[TOPIC_OF[kind]][kind]
    content = {"call_id": "c", "message_id": "m", "recipient": "r", "meeting_id": "x", "deal_id": "d", "stage": "s"}
    content |= {name: value for name, value in event.items() if name != "type"}
    data = data_struct(envelope)
    known = {name: value for name, value in content.items() if name in data.__struct_fields__}
    extra = {"type": kind} if "type" in envelope.__struct_fields__ else {}
    return envelope(specversion="1.0", id="1", source="s", time="", data=data(**known), **extra)


class Added:
    """What the loops of all topics added up."""

    def __init__(self, rows: Mapping[str, Rows], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._rows = {
            topic: [row for named in found.values() for row in named.values()] for topic, found in rows.items()
        }

    def fact(self, name: str) -> int:
        (fact,) = (fact for fact in self._catalogue.facts if fact.name == name)
        sums = [self._sum(fact.topic, place) for place in fact.places]
        return sums[0] + (sums[1] << 24 if fact.wide else 0)

    def _sum(self, topic: str, place: str) -> int:
        column = (*self._catalogue.layout(topic), *ADDERS[topic].own).index(place)
        return sum(row[column] for row in self._rows[topic])

    def samples(self, kind: str, name: str) -> list[int]:
        found: list[int] = []
        for topic, rows in self._rows.items():
            adder: Adder = ADDERS[topic]
            shape = [*["fact"] * (adder.facts + len(adder.own)), *adder.buckets, *adder.distinct]
            if name in getattr(adder, kind):
                found += [sample for row in rows for sample in row[shape.index(name)] or ()]
        return found

    def distinct(self, name: str) -> int:
        return len(set(self.samples("distinct", name)))

    def buckets(self, name: str) -> Iterable[tuple[int, int]]:
        return [(bucket, 1) for bucket in self.samples("buckets", name)]


def add_all(events: list[tuple[Event, str | None, str | None, int]]) -> tuple[dict[str, Rows], dict[str, int]]:
    rows: dict[str, Rows] = {topic: {} for topic in TOPICS}
    counters: dict[str, int] = {}
    for event, team, rep, ms in events:
        topic = TOPIC_OF[event["type"]]
        ADDERS[topic].add([struct({**event, "team": team, "rep": rep})], [ms], rows[topic], counters)
    return rows, counters


@given(st.lists(NAMED, max_size=30))
def test_what_is_added_is_what_the_definitions_say(events: list[tuple[Event, str | None, str | None, int]]) -> None:
    rows, counters = add_all(events)
    plain = [{**e, "team": team or "unassigned", "rep": rep or "unassigned"} for e, team, rep, _ in events]
    wanted, added = EventSums(plain, CATALOGUE), Added(rows, CATALOGUE)
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
    assert counters.get("other_currency", 0) == len(foreign)


@given(st.lists(NAMED, max_size=30))
def test_each_event_lands_in_the_row_of_its_minute_and_names(
    events: list[tuple[Event, str | None, str | None, int]],
) -> None:
    rows, _ = add_all(events)
    for topic, found in rows.items():
        mine = [e for e in events if TOPIC_OF[e[0]["type"]] == topic]
        assert {(minute, key[0], key[3]) for minute, named in found.items() for key in named} <= {
            (ms // 60_000, team, rep) for _, team, rep, ms in mine
        }
        assert all(key[1] is None and key[2] is None for named in found.values() for key in named)


def test_unmatched_choices_fall_through() -> None:
    rows, _ = add_all([({"type": "call.ended", "direction": "inbound", "outcome": "voicemail"}, None, None, 0)])
    (named,) = rows["calls"].values()
    (row,) = named.values()
    assert sum(row[: ADDERS["calls"].facts]) == 1


@given(st.data())
def test_own_facts_of_a_row_are_told_by_name_without_those_that_are_0(data: st.DataObject) -> None:
    adder = ADDERS[data.draw(st.sampled_from(["calls", "crm", "emails"]))]
    numbers = data.draw(st.lists(st.integers(-3, 3), min_size=len(adder.own), max_size=len(adder.own)))
    row = [*[1] * adder.facts, *numbers, *adder.template[adder.facts + len(numbers) :]]
    told = adder.own_counted(row)
    wanted = {name: number for name, number in zip(adder.own, numbers, strict=True) if number}
    assert told[::2] == sorted(wanted)
    assert dict(zip(told[::2], told[1::2], strict=True)) == wanted
