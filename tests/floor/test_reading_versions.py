"""Definitions with versions: what each leaves out it has from the one before, and what cannot be meant is refused."""

from datetime import datetime

import pytest

from streams.floor import Floor, FloorError, parse
from streams.kpis.service_level import QueuePolicy
from streams.kpis.versions import Versions
from tests.scanned import judge_of

KPI = "title: {en: K}, unit: ratio, better: higher, definition: d, numerator: [dials], denominator: [calls_handled]"


def floor(text: str) -> Floor:
    return parse(text.encode())


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_conversation_may_become_longer() -> None:
    found = floor("""
floor:
  timezone: Asia/Tokyo
  conversation_seconds: [{seconds: 60}, {since: 2026-11-01, seconds: 90}, {since: "2026-12-01T09:00", seconds: 30}]
""")
    november, december = ms("2026-11-01T00:00+09:00"), ms("2026-12-01T09:00+09:00")
    assert found.conversation_ms == Versions(60_000, ((november, 90_000), (december, 30_000)))
    assert [found.conversation_ms.at(at) for at in (0, november - 1, november, december - 1, december)] == [
        60_000,
        60_000,
        90_000,
        90_000,
        30_000,
    ]
    (fact,) = (fact for fact in found.catalogue().facts if fact.name == "conversations")
    assert [one.where["talk_ms"] for one in fact.versions] == [{"at_least": n * 1000} for n in (60, 90, 30)]
    assert [one.since_ms for one in fact.versions] == [None, november, december]


def test_a_queue_changes_when_its_own_versions_or_those_of_all_do() -> None:
    found = floor("""
queues:
  "*":
    - {threshold_seconds: 20, short_abandon_seconds: 5}
    - {since: "2026-11-10T00:00:00Z", threshold_seconds: 15, service_level: abandons_ignored}
  support:
    - {threshold_seconds: 30}
    - {since: "2026-11-05T08:15:00+01:00", short_abandon_seconds: 8}
    - {since: 2026-11-20, threshold_seconds: 25, service_level: short_abandon_ignored}
""")
    against = "abandons_count_against"
    assert list(found.queue_policies("support")) == [
        (None, QueuePolicy(30_000, 5_000, against)),
        (ms("2026-11-05T07:15+00:00"), QueuePolicy(30_000, 8_000, against)),
        (ms("2026-11-10T00:00+00:00"), QueuePolicy(30_000, 8_000, "abandons_ignored")),
        (ms("2026-11-20T00:00+00:00"), QueuePolicy(25_000, 8_000, "short_abandon_ignored")),
    ]
    assert [policy.threshold_ms for _, policy in found.queue_policies("other")] == [20_000, 15_000]


def test_the_rules_judge_a_call_by_its_own_time() -> None:
    judge = judge_of(floor("queues: {q: [{threshold_seconds: 20}, {since: 2026-11-10, threshold_seconds: 10}]}"))
    change = ms("2026-11-10T00:00+00:00")
    assert judge("q", "answered", 15_000, change - 1) == (1, 1)
    assert judge("q", "answered", 15_000, change) == (0, 1)
    assert judge("other", "answered", 15_000, change) == (1, 1)


def test_a_fact_has_what_it_leaves_out_from_the_version_before() -> None:
    found = floor("""
facts:
  long:
    - {event: call.ended, where: {talk_ms: {at_least: 600000}}}
    - {since: 2026-11-10, where: {talk_ms: {at_least: 300000}}}
""")
    (fact,) = found.facts
    assert [one.where["talk_ms"] for one in fact.versions] == [{"at_least": 600_000}, {"at_least": 300_000}]
    assert {(one.event, one.add, one.own) for one in fact.versions} == {("call.ended", 1, True)}


def test_a_kpi_keeps_its_name_and_states_its_formula_whole() -> None:
    found = floor(f"""
kpis:
  k:
    - {{{KPI}}}
    - {{since: 2026-11-10, definition: new, numerator: [calls_answered], denominator: [calls_offered]}}
    - {{since: 2026-11-20, definition: clearer}}
""")
    kpi = found.catalogue().kpis["k"]
    assert [(one.title["en"], one.definition) for one in kpi.versions] == [("K", "d"), ("K", "new"), ("K", "clearer")]
    assert [len(one.numerator.facts) for one in kpi.versions] == [6, 1, 1]  # the outcomes of dials, then answered calls
    assert kpi.numerator.facts == kpi.earlier[1].numerator.facts == ("inbound_answered",)
    assert all(one.scopes for one in kpi.versions)
    assert kpi.at(ms("2026-11-09T23:59:59+00:00")) == kpi.versions[0]
    assert kpi.at(ms("2026-11-10T00:00:00+00:00")) == kpi.versions[1]


def queue(*versions: str) -> str:
    return "queues:\n  q:\n" + "\n".join(f"    - {{{version}}}" for version in versions)


REFUSED = {
    queue(
        "since: 2026-11-01, threshold_seconds: 3"
    ): "3: version 1 of queue 'q' has no since: it holds from the beginning",
    queue("threshold_seconds: 3", "threshold_seconds: 4"): "4: version 2 of queue 'q' lacks since",
    queue("threshold_seconds: 3", "since: 2026-11-02", "since: 2026-11-01"): (
        "5: version 3 of queue 'q' must begin after version 2: versions stand in order of time"
    ),
    queue("threshold_seconds: 3", "since: 2026-11-02", "since: 2026-11-02T00:00:00Z"): "must begin after version 2",
    queue("threshold_seconds: 3", "since: 2026-13-01"): "'2026-13-01' is no date or time like 2026-11-01",
    queue("threshold_seconds: 3", "since: tomorrow"): "'tomorrow' is no date or time like 2026-11-01",
    queue("threshold_seconds: 3", "since: 2026-11-01T09:10"): "4: since: '2026-11-01T09:10' is not on a quarter hour",
    queue(
        "threshold_seconds: 3", "since: 2026-11-01, treshold_seconds: 2"
    ): "unknown key 'treshold_seconds' in version 2",
    "queues: {q: {since: 2026-11-01}}": "unknown key 'since' in queue 'q'",
    "queues: {q: []}": "queue 'q' needs at least one version",
    "floor: {conversation_seconds: [{seconds: 60}, {since: 2026-11-01, second: 90}]}": "unknown key 'second'",
    "floor: {conversation_seconds: [{}]}": "version 1 of conversation_seconds lacks seconds",
    "facts:\n  f:\n    - {event: call.ended}\n    - {since: 2026-11-01, event: email.sent}": (
        "4: event stands in version 1 of fact 'f' and cannot change"
    ),
    "facts:\n  f:\n    - {event: call.ended}\n    - {since: 2026-11-01, add: talk_ms}": (
        "4: version 2 of fact 'f' must add up counts as version 1 does"
    ),
    f"kpis:\n  k:\n    - {{{KPI}}}\n    - {{since: 2026-11-01, unit: count}}": (
        "4: unit stands in version 1 of KPI 'k' and cannot change"
    ),
    f"kpis:\n  k:\n    - {{{KPI}}}\n    - {{since: 2026-11-01, numerator: [dials]}}": (
        "KPI 'k' needs either facts, or numerator and denominator"
    ),
    f"kpis:\n  k:\n    - {{{KPI}}}\n    - {{since: 2026-11-01, facts: [dials]}}": "unit ratio does not fit",
    "kpis:\n  k:\n    - {better: higher, facts: [dials]}\n    - {since: 2026-11-01, facts: [talk_time]}": (
        "4: version 2 of KPI 'k' is in seconds, and version 1 in count"
    ),
    "kpis:\n  k:\n    - {facts: [dials]}\n    - {since: 2026-11-01, facts: [calls_inbound]}\n  l: {facts: [k]}": (
        "5: KPI 'l': 'k' has versions: name the facts of the one that is meant"
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(FloorError) as error:
        floor(text)
    assert reason in str(error.value)
    assert len(error.value.problems) == 1, str(error.value)
