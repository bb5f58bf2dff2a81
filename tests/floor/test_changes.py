"""What of a changed floor.yaml takes effect at once: what readers use does, what is counted by waits."""

from dataclasses import fields

import pytest

from streams.floor import Floor, parse
from streams.floor.changes import changed, live, waiting

BEFORE = """
floor: {name: Osaka, timezone: Asia/Tokyo, currency: JPY, conversation_seconds: 60, calendar: office}
queues: {"*": {threshold_seconds: 20}}
calendars: {office: {shifts: {day: {days: [mon], start: "09:00", end: "18:00"}}}}
teams: {night: {calendar: office}}
targets: [{kpi: dials, scope: floor, window: today, at_least: 400}]
facts: {long_calls: {event: call.ended, where: {talk_ms: {at_least: 600000}}, add: 1}}
kpis: {longest: {facts: [long_calls]}}
"""


def floor(*edit: str) -> Floor:
    text = BEFORE
    for one in edit:
        old, new = one.split(" → ")
        assert old in text
        text = text.replace(old, new)
    return parse(text.encode())


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        ("Osaka → Kyoto", "floor.name"),
        ("Asia/Tokyo → Asia/Seoul", "floor.timezone"),
        ("at_least: 400 → at_least: 300", "targets"),
        ('end: "18:00" → end: "17:00"', "calendars"),
        ("night: → evening:", "teams"),
        ("longest: → longs:", "kpis"),
    ],
)
def test_what_only_readers_use_is_live(edit: str, part: str) -> None:
    running, wanted = floor(), floor(edit)
    assert part in changed(running, wanted)
    assert waiting(running, wanted) == ()
    assert live(running, wanted) == wanted


@pytest.mark.parametrize(
    ("edit", "part"),
    [
        ("JPY → USD", "floor.currency"),
        ("conversation_seconds: 60 → conversation_seconds: 30", "floor.conversation_seconds"),
        ("threshold_seconds: 20 → threshold_seconds: 30", "queues"),
        ("at_least: 600000 → at_least: 300000", "facts"),
    ],
)
def test_what_is_counted_by_waits_and_the_rest_does_not(edit: str, part: str) -> None:
    running, wanted = floor(), floor(edit, "at_least: 400 → at_least: 300")
    assert waiting(running, wanted) == (part,)
    assert live(running, wanted) == floor("at_least: 400 → at_least: 300")


def test_kpis_wait_with_the_facts_that_they_are_made_of() -> None:
    running = floor()
    wanted = floor("long_calls: → talks:", "[long_calls] → [talks]")
    assert waiting(running, wanted) == ("facts", "kpis")
    assert live(running, wanted) == running


def test_kpis_do_not_wait_for_how_queues_are_judged() -> None:
    running, wanted = floor(), floor("threshold_seconds: 20 → threshold_seconds: 30", "longest: → longs:")
    assert waiting(running, wanted) == ("queues",)
    assert [kpi.id for kpi in live(running, wanted).kpis] == ["longs"]


def test_every_part_that_is_not_known_to_be_live_waits() -> None:
    counted = {"queues", "currency", "conversation_ms", "facts"}
    from streams.floor.changes import LIVE

    assert {one.name for one in fields(Floor)} - LIVE == counted
