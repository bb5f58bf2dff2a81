"""Every KPI of calls, mails, links and CRM, computed twice: from the catalogue's facts, and straight from the events.

The second way is the table of the design written as plain Python over the list of events. Time in states has no
event that adds it: its KPIs are checked on given sums.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kpis.buckets import bucket_of
from streams.kpis.catalogue import Catalogue, load
from streams.kpis.formulas import evaluate
from streams.kpis.service_level import MET, MISSED, NOTHING, QueuePolicy

CATALOGUE = load(currency="USD")
QUEUE = QueuePolicy()
Event = Mapping[str, Any]


class EventSums:
    """The sums of a list of events, each fact added up by reading its definition."""

    def __init__(self, events: Iterable[Event], catalogue: Catalogue) -> None:
        self._events, self._catalogue = list(events), catalogue
        self._facts = {fact.name: fact for fact in catalogue.facts}

    def fact(self, name: str) -> int:
        fact = self._facts[name]
        chosen = self._matching(fact.event, fact.where)
        if fact.policy:
            side = ("met", "of").index(fact.policy)
            return sum(judged(event["outcome"], event.get("wait_ms"))[side] for event in chosen)
        return sum(1 if fact.add == 1 else field(event, str(fact.add)) or 0 for event in chosen)

    def distinct(self, name: str) -> int:
        sources = self._catalogue.distinct[name]
        ids = {
            tuple(event.get(field) for field in source.of)
            for source in sources
            for event in self._matching(source.event, source.where)
        }
        return len([found for found in ids if None not in found])

    def buckets(self, name: str) -> Iterable[tuple[int, int]]:
        kind = self._catalogue.buckets[name]
        values = [field(event, kind.of) for event in self._matching(kind.event, kind.where)]
        return Counter(bucket_of(value) for value in values if value is not None).items()

    def _matching(self, kind: str, where: Mapping[str, Any]) -> list[Event]:
        return [
            event
            for event in self._events
            if event["type"] == kind and all(matches(event, name, wanted) for name, wanted in where.items())
        ]


def judged(outcome: str, wait_ms: int | None) -> tuple[int, int]:
    """Return what an inbound call adds to (met, of) under the policy of all queues, in which abandons count against."""
    if wait_ms is None or outcome not in ("answered", "abandoned"):
        return NOTHING
    return MET if outcome == "answered" and wait_ms <= QUEUE.threshold_ms else MISSED


def field(event: Event, name: str) -> Any:
    if name == "handle_ms":
        return sum(event.get(part) or 0 for part in ("talk_ms", "hold_ms", "wrap_ms"))
    return event.get(name, False if name == "machine" else None)


def matches(event: Event, name: str, wanted: Any) -> bool:
    value = field(event, name)
    if isinstance(wanted, Mapping):
        return value is not None and value >= wanted.get("at_least", value) and value < wanted.get("below", value + 1)
    return value in (wanted if isinstance(wanted, list) else [wanted])


MS = st.none() | st.integers(0, 200_000)
ID = st.none() | st.sampled_from("abcdef")
MACHINE = st.sampled_from([False, True])


def event(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    drawn = st.fixed_dictionaries({"type": st.just(kind), **fields})
    return drawn.map(lambda found: {name: value for name, value in found.items() if value is not None})


OUTCOMES = ["answered", "answered", "abandoned", "no_answer", "busy", "failed", "voicemail"]
EVENTS = st.one_of(
    event(
        "call.ended",
        direction=st.sampled_from(["inbound", "outbound"]),
        outcome=st.sampled_from(OUTCOMES),
        customer=ID,
        wait_ms=st.none() | st.integers(0, 40_000) | st.just(20_000),
        talk_ms=MS | st.just(60_000),
        hold_ms=MS,
        wrap_ms=MS,
    ),
    event("call.wrapped", wrap_ms=st.integers(0, 200_000)),
    event(
        "email.opened", message_id=st.sampled_from("mn"), recipient=st.sampled_from("rs"), machine=st.none() | MACHINE
    ),
    event("link.clicked", message_id=st.sampled_from("mn"), recipient=st.sampled_from("rs"), machine=MACHINE),
    *(event(f"email.{kind}", customer=ID) for kind in ("sent", "delivered", "bounced", "unsubscribed")),
    *(event(f"lead.{kind}", lead_id=st.sampled_from("uvw"), customer=ID) for kind in ("created", "converted")),
    *(
        event(f"meeting.{kind}", lead_id=st.none() | st.sampled_from("uvwx"), customer=ID)
        for kind in ("booked", "held")
    ),
    event(
        "deal.stage_changed",
        outcome=st.sampled_from(["open", "won", "lost"]),
        amount_minor=st.none() | st.integers(1 - 2**53, 2**53 - 1),
        currency=st.sampled_from(["USD", "USD", "JPY", None]),
    ),
)


class Plain:
    """The formulas of the design over a list of events."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.ended = self.of("call.ended")

    def of(self, kind: str, **wanted: Any) -> list[Event]:
        return [
            event
            for event in self.events
            if event["type"] == kind and all(field(event, name) == value for name, value in wanted.items())
        ]

    def calls(self, **wanted: Any) -> list[Event]:
        return self.of("call.ended", **wanted)

    @property
    def answered(self) -> list[Event]:
        return self.calls(outcome="answered")

    @property
    def handled(self) -> int:
        inbound = [event for event in self.calls(direction="inbound") if event["outcome"] == "answered"]
        outbound = [event for event in self.calls(direction="outbound") if event["outcome"] == "answered"]
        return len(inbound) + len(outbound)

    @property
    def offered(self) -> int:
        return len([e for e in self.ended if e["direction"] == "inbound" and e["outcome"] in ("answered", "abandoned")])

    @property
    def conversations(self) -> int:
        return len([e for e in self.answered if e["direction"] == "outbound" and e.get("talk_ms", 0) >= 60_000])

    @property
    def waits(self) -> list[int]:
        inbound = self.calls(direction="inbound", outcome="answered")
        return [int(event["wait_ms"]) for event in inbound if "wait_ms" in event]

    @property
    def service_level(self) -> tuple[int, int]:
        """By the default policy: abandons count against, 20 s."""
        known = [e for e in self.calls(direction="inbound") if e["outcome"] in ("answered", "abandoned")]
        known = [event for event in known if "wait_ms" in event]
        met = [event for event in known if event["outcome"] == "answered" and event["wait_ms"] <= 20_000]
        return len(met), len(known)

    @property
    def handle_ms(self) -> int:
        ended: int = sum(e.get("talk_ms", 0) + e.get("hold_ms", 0) + e.get("wrap_ms", 0) for e in self.answered)
        late: int = sum(event["wrap_ms"] for event in self.of("call.wrapped"))
        return ended + late

    def pairs(self, kind: str) -> int:
        return len({(event["message_id"], event["recipient"]) for event in self.of(kind, machine=False)})

    @property
    def customers(self) -> int:
        reached = self.answered + self.of("email.delivered") + self.of("meeting.held")
        return len({event["customer"] for event in reached if "customer" in event})

    @property
    def prospects(self) -> int:
        kinds = ("lead.created", "lead.converted", "meeting.booked", "meeting.held")
        return len({event["lead_id"] for kind in kinds for event in self.of(kind) if "lead_id" in event})

    @property
    def touches(self) -> int:
        return len(self.ended) + len(self.of("email.sent"))

    @property
    def won_minor(self) -> int:
        return sum(e.get("amount_minor", 0) for e in self.of("deal.stage_changed", outcome="won", currency="USD"))

    def deals(self, outcome: str) -> int:
        return len(self.of("deal.stage_changed", outcome=outcome))

    def n(self, kind: str, **wanted: Any) -> int:
        return len(self.of(kind, **wanted))


SINGLE: Mapping[str, Callable[[Plain], float]] = {
    "calls_inbound": lambda p: len(p.calls(direction="inbound")),
    "dials": lambda p: len(p.calls(direction="outbound")),
    "calls_offered": lambda p: p.offered,
    "calls_answered": lambda p: len(p.calls(direction="inbound", outcome="answered")),
    "calls_abandoned": lambda p: len(p.calls(direction="inbound", outcome="abandoned")),
    "conversations": lambda p: p.conversations,
    "calls_handled": lambda p: p.handled,
    "talk_time": lambda p: sum(event.get("talk_ms", 0) for event in p.answered) / 1000,
    "emails_sent": lambda p: p.n("email.sent"),
    "emails_delivered": lambda p: p.n("email.delivered"),
    "emails_bounced": lambda p: p.n("email.bounced"),
    "emails_unsubscribed": lambda p: p.n("email.unsubscribed"),
    "emails_opened": lambda p: p.n("email.opened", machine=False),
    "emails_opened_machine": lambda p: p.n("email.opened", machine=True),
    "link_clicks": lambda p: p.n("link.clicked", machine=False),
    "link_clicks_machine": lambda p: p.n("link.clicked", machine=True),
    "unique_opens": lambda p: p.pairs("email.opened"),
    "unique_clicks": lambda p: p.pairs("link.clicked"),
    "customers_covered": lambda p: p.customers,
    "prospects": lambda p: p.prospects,
    "touches": lambda p: p.touches,
    "leads_created": lambda p: p.n("lead.created"),
    "leads_converted": lambda p: p.n("lead.converted"),
    "meetings_booked": lambda p: p.n("meeting.booked"),
    "meetings_held": lambda p: p.n("meeting.held"),
    "deals_won": lambda p: p.deals("won"),
    "deals_lost": lambda p: p.deals("lost"),
    "won_amount": lambda p: p.won_minor / 100,
}
QUOTIENT: Mapping[str, Callable[[Plain], tuple[float, float]]] = {
    "answer_rate": lambda p: (len(p.calls(direction="inbound", outcome="answered")), p.offered),
    "abandon_rate": lambda p: (len(p.calls(direction="inbound", outcome="abandoned")), p.offered),
    "service_level": lambda p: p.service_level,
    "average_speed_of_answer": lambda p: (sum(p.waits) / 1000, len(p.waits)),
    "connect_rate": lambda p: (
        len(p.calls(direction="outbound", outcome="answered")),
        len(p.calls(direction="outbound")),
    ),
    "conversation_rate": lambda p: (p.conversations, len(p.calls(direction="outbound"))),
    "average_handle_time": lambda p: (p.handle_ms / 1000, p.handled),
    "open_rate": lambda p: (p.pairs("email.opened"), p.n("email.delivered")),
    "click_rate": lambda p: (p.pairs("link.clicked"), p.n("email.delivered")),
    "click_to_open_rate": lambda p: (p.pairs("link.clicked"), p.pairs("email.opened")),
    "lead_conversion": lambda p: (p.n("lead.converted"), p.n("lead.created")),
    "closing_rate": lambda p: (p.deals("won"), p.deals("won") + p.deals("lost")),
    "meeting_set_rate": lambda p: (p.n("meeting.booked"), p.conversations),
    "meeting_held_rate": lambda p: (p.n("meeting.held"), p.n("meeting.booked")),
    "calls_per_meeting": lambda p: (len(p.ended), p.n("meeting.booked")),
    "touches_per_deal": lambda p: (p.touches, p.deals("won")),
}
QUANTILES = {"wait_p50", "wait_p90", "handle_p90"}
IN_STATE = {
    "staffed_time",
    "call_time_share",
    "non_call_work_share",
    "idle_share",
    "away_share",
    "occupancy",
    "dials_per_hour",
    "conversations_per_hour",
}


def test_no_kpi_is_left_out_of_these_tests() -> None:
    assert {*SINGLE, *QUOTIENT, *QUANTILES, *IN_STATE} == set(CATALOGUE.kpis)


@given(st.lists(EVENTS, max_size=40))
def test_counts_and_sums_are_those_of_the_design(events: list[Event]) -> None:
    sums, plain = EventSums(events, CATALOGUE), Plain(events)
    for name, formula in SINGLE.items():
        figure = evaluate(CATALOGUE.kpis[name], sums)
        assert (name, figure.value) == (name, formula(plain))
        assert figure.numerator is None and figure.denominator is None


@given(st.lists(EVENTS, max_size=40))
def test_ratios_and_averages_are_those_of_the_design(events: list[Event]) -> None:
    sums, plain = EventSums(events, CATALOGUE), Plain(events)
    for name, formula in QUOTIENT.items():
        figure = evaluate(CATALOGUE.kpis[name], sums)
        numerator, denominator = formula(plain)
        assert (name, figure.numerator, figure.denominator) == (name, numerator, denominator)
        assert figure.value == (numerator / denominator if denominator else None)


@given(st.lists(EVENTS, max_size=40))
def test_quantiles_are_within_1_percent_of_those_of_the_design(events: list[Event]) -> None:
    sums, plain = EventSums(events, CATALOGUE), Plain(events)
    handles = [field(event, "handle_ms") for event in plain.answered]
    for name, values, percent in (
        ("wait_p50", plain.waits, 50),
        ("wait_p90", plain.waits, 90),
        ("handle_p90", handles, 90),
    ):
        found = evaluate(CATALOGUE.kpis[name], sums).value
        if not values:
            assert found is None
        else:
            exact = sorted(values)[-(-percent * len(values) // 100) - 1] / 1000
            assert found == pytest.approx(exact, rel=0.01)


class GivenSums:
    """Sums as given, 0 elsewhere."""

    def __init__(self, **facts: int) -> None:
        self._facts = facts

    def fact(self, name: str) -> int:
        return self._facts.get(name, 0)

    def distinct(self, name: str) -> int:
        return 0

    def buckets(self, name: str) -> Iterable[tuple[int, int]]:
        return ()


MINUTES = {
    "available": 60,
    "ringing": 6,
    "on_call": 150,
    "on_hold": 24,
    "wrap_up": 60,
    "email": 30,
    "admin": 12,
    "meeting": 18,
    "training": 0,
    "break": 30,
    "meal": 90,
}


@pytest.mark.parametrize(
    ("kpi", "minutes", "of"),
    [
        ("call_time_share", 180, 480),
        ("non_call_work_share", 120, 480),
        ("idle_share", 60, 480),
        ("away_share", 120, 480),
        ("occupancy", 240, 300),
    ],
)
def test_shares_of_a_day_of_480_staffed_minutes(kpi: str, minutes: int, of: int) -> None:
    figure = evaluate(CATALOGUE.kpis[kpi], day())
    assert (figure.numerator, figure.denominator) == (minutes * 60, of * 60)
    assert figure.value == minutes / of


def test_the_four_shares_of_staffed_time_add_up_to_all_of_it() -> None:
    names = ("call_time_share", "non_call_work_share", "idle_share", "away_share")
    assert sum(evaluate(CATALOGUE.kpis[name], day()).value or 0 for name in names) == pytest.approx(1)


def test_rates_per_hour_divide_by_staffed_hours() -> None:
    staffed = evaluate(CATALOGUE.kpis["staffed_time"], day())
    dials = evaluate(CATALOGUE.kpis["dials_per_hour"], day(outbound_busy=60, outbound_answered=20))
    talks = evaluate(CATALOGUE.kpis["conversations_per_hour"], day(conversations=4))
    assert staffed.value == 8 * 3600
    assert (dials.value, dials.numerator, dials.denominator) == (10, 80, 8)
    assert (talks.value, talks.numerator, talks.denominator) == (0.5, 4, 8)


def day(**facts: int) -> GivenSums:
    return GivenSums(**{f"state_{state}_ms": minutes * 60_000 for state, minutes in MINUTES.items()}, **facts)
