"""The catalogue is data: complete, worded, and stored in an order that never changes."""

from dataclasses import replace

import pytest

from schemas.events import TOPIC_OF, TOPICS
from streams.floor.event_fields import fields_of, summable
from streams.kpis.catalogue import Catalogue, load, scopes_of
from streams.kpis.model import Fact, Kind, Kpi, Measure, Scope, Unit
from streams.kpis.versions import Versions

PHONE = """calls_inbound dials calls_offered calls_answered calls_abandoned answer_rate abandon_rate service_level
average_speed_of_answer wait_p50 wait_p90 connect_rate conversations conversation_rate calls_handled talk_time
average_handle_time handle_p90 staffed_time call_time_share non_call_work_share idle_share away_share occupancy
dials_per_hour conversations_per_hour"""
ACTIVITY = """emails_sent emails_delivered emails_bounced emails_unsubscribed emails_opened emails_opened_machine
link_clicks link_clicks_machine unique_opens unique_clicks open_rate click_rate click_to_open_rate customers_covered
prospects touches"""
RESULTS = """leads_created leads_converted meetings_booked meetings_held deals_won deals_lost won_amount lead_conversion
closing_rate meeting_set_rate meeting_held_rate calls_per_meeting touches_per_deal"""

LAYOUTS = {
    "calls": """inbound_answered inbound_abandoned inbound_no_answer inbound_busy inbound_failed inbound_voicemail
        outbound_answered outbound_abandoned outbound_no_answer outbound_busy outbound_failed outbound_voicemail
        talk_ms handle_ms late_wrap_ms wait_ms known_waits service_level_met service_level_of conversations""",
    "emails": """emails_sent emails_delivered emails_opened emails_opened_machine emails_bounced
        emails_unsubscribed""",
    "links": "link_clicks link_clicks_machine",
    "reps": """state_available_ms state_ringing_ms state_on_call_ms state_on_hold_ms state_wrap_up_ms state_email_ms
        state_admin_ms state_meeting_ms state_training_ms state_break_ms state_meal_ms""",
    "crm": """leads_created leads_converted meetings_booked meetings_held deals_won deals_lost won_amount
        won_amount.high""",
}

KPIS = tuple(load().kpis.values())


@pytest.mark.parametrize(("group", "ids"), [("phone", PHONE), ("activity", ACTIVITY), ("results", RESULTS)])
def test_every_kpi_of_the_design_is_there_and_in_its_group(group: str, ids: str) -> None:
    assert [kpi.id for kpi in KPIS if kpi.group == group] == ids.split()


@pytest.mark.parametrize("topic", TOPICS)
def test_stored_rows_keep_their_places(topic: str) -> None:
    assert load().layout(topic) == tuple(LAYOUTS[topic].split())


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.id)
def test_a_kpi_is_worded_in_both_languages_and_one_sentence(kpi: Kpi) -> None:
    assert set(kpi.title) == {"en", "ja"} and all(kpi.title.values())
    assert kpi.definition.endswith(".") and kpi.definition.count(". ") == 0


def test_titles_are_not_shared() -> None:
    for language in ("en", "ja"):
        assert len({kpi.title[language] for kpi in KPIS}) == len(KPIS)


@pytest.mark.parametrize("fact", load().facts, ids=lambda fact: fact.name)
def test_facts_ask_only_for_what_their_events_have(fact: Fact) -> None:
    assert set(fact.where) <= set(fields_of(fact.event))
    assert fact.add in (None, 1, *summable(fact.event))


def test_buckets_and_distinct_sets_ask_only_for_what_their_events_have() -> None:
    catalogue = load()
    for kind in catalogue.buckets.values():
        assert set(kind.where) <= set(fields_of(kind.event)) and kind.of in summable(kind.event)
    for source in (source for sources in catalogue.distinct.values() for source in sources):
        assert {*source.where, *source.of} <= set(fields_of(source.event))


def test_a_name_that_is_both_fact_and_kpi_means_the_same() -> None:
    catalogue = load()
    for name in {fact.name for fact in catalogue.facts} & set(catalogue.kpis):
        assert catalogue.kpis[name].numerator.facts == (name,)
        assert catalogue.kpis[name].denominator is None


def test_scopes_are_those_that_all_events_have() -> None:
    kpis = load().kpis
    assert kpis["service_level"].scopes == tuple(Scope)
    assert Scope.QUEUE not in kpis["emails_sent"].scopes
    assert kpis["customers_covered"].scopes == (Scope.FLOOR, Scope.TEAM, Scope.CAMPAIGN, Scope.REP)
    assert kpis["dials_per_hour"].scopes == kpis["occupancy"].scopes == (Scope.FLOOR, Scope.TEAM, Scope.REP)
    assert scopes_of(["links", "reps"]) == (Scope.FLOOR, Scope.TEAM, Scope.REP)


def test_kinds_follow_from_formulas() -> None:
    kinds = {name: kpi.kind for name, kpi in load().kpis.items()}
    assert kinds["touches"] is Kind.COUNT
    assert kinds["talk_time"] is kinds["won_amount"] is Kind.SUM
    assert kinds["average_handle_time"] is Kind.AVERAGE
    assert kinds["calls_per_meeting"] is kinds["dials_per_hour"] is Kind.RATIO
    assert kinds["prospects"] is Kind.DISTINCT
    assert kinds["wait_p90"] is Kind.QUANTILE


def test_units_are_those_of_the_design() -> None:
    units = {name: kpi.unit for name, kpi in load().kpis.items()}
    assert units["calls_per_meeting"] is units["touches_per_deal"] is Unit.COUNT
    assert units["staffed_time"] is units["wait_p50"] is Unit.SECONDS
    assert [name for name, unit in units.items() if unit is Unit.PER_HOUR] == [
        "dials_per_hour",
        "conversations_per_hour",
    ]
    assert [name for name, unit in units.items() if unit is Unit.CURRENCY] == ["won_amount"]


@pytest.mark.parametrize(("currency", "divisor"), [("JPY", 1), ("USD", 100), ("BHD", 1000)])
def test_amounts_are_shown_in_the_main_unit_of_the_floors_currency(currency: str, divisor: int) -> None:
    catalogue = load(currency=currency)
    assert catalogue.kpis["won_amount"].numerator.divisor == divisor
    assert _fact(catalogue, "won_amount").where == {"outcome": "won", "currency": currency}


def test_the_conversation_length_is_the_floors() -> None:
    assert _fact(load(Versions(90_000)), "conversations").where["talk_ms"] == {"at_least": 90_000}


def test_with_a_conversation_length_of_0_a_call_without_talk_time_is_a_conversation() -> None:
    assert "talk_ms" not in _fact(load(Versions(0)), "conversations").where


def test_amounts_are_kept_in_two_places_and_time_in_states_is_time() -> None:
    amount, state = _fact(load(), "won_amount"), _fact(load(), "state_meal_ms")
    assert amount.places == ("won_amount", "won_amount.high") and amount.measure is Measure.AMOUNT
    assert state.timed and state.measure is Measure.TIME and not state.wide


def test_own_facts_have_no_place_in_stored_rows() -> None:
    own = replace(load().facts[0], name="mine", own=True)
    catalogue = load().with_facts([own])
    assert catalogue.facts[-1] is own
    assert all(catalogue.layout(topic) == load().layout(topic) for topic in TOPICS)


def test_every_fact_belongs_to_the_topic_it_stands_under() -> None:
    assert {fact.topic for fact in load().facts} == set(TOPICS)
    assert all(fact.topic == TOPIC_OF[fact.event] for fact in load().facts)


def _fact(catalogue: Catalogue, name: str) -> Fact:
    return next(fact for fact in catalogue.facts if fact.name == name)
