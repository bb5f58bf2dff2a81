"""The events are those of the contract, field by field and bound by bound, whoever judges them."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.events import EVENT_TYPES, TOPICS, type_name
from schemas.render.examples import CASES, example
from tests.schemas.judges import every
from tests.wire import minimal

Judge = Callable[[dict[str, Any]], bool]

MAIL = "message_id! recipient! customer team rep campaign machine"
LEAD = "lead_id! team rep campaign customer"
MEETING = "meeting_id! lead_id team rep campaign customer"
CONTRACT = {
    "calls": {
        "call.queued": "call_id! direction! queue team customer",
        "call.answered": "call_id! direction! queue team rep wait_ms",
        "call.ended": "call_id! direction! outcome! queue team rep campaign customer wait_ms ring_ms talk_ms hold_ms wrap_ms",
        "call.wrapped": "call_id! wrap_ms! direction queue team rep campaign",
    },
    "emails": {f"email.{word}": MAIL for word in ("sent", "delivered", "opened", "bounced", "unsubscribed")},
    "links": {"link.clicked": MAIL + " url"},
    "reps": {"rep.state_changed": "rep! state! team reason"},
    "crm": {
        "lead.created": LEAD,
        "lead.converted": LEAD,
        "meeting.booked": MEETING,
        "meeting.held": MEETING,
        "deal.stage_changed": "deal_id! stage! outcome! amount_minor currency team rep campaign customer",
    },
}
"""The table of the design's section 2; `!` marks what is required."""
FIELDS = [
    (kind, word.rstrip("!"), word.endswith("!"))
    for types in CONTRACT.values()
    for kind, words in types.items()
    for word in words.split()
]
NAMES = ("team", "queue", "campaign", "rep")
IDS = ("call_id", "message_id", "lead_id", "meeting_id", "deal_id", "customer", "recipient")
TEXT_LIMITS = {**dict.fromkeys(NAMES, 64), **dict.fromkeys(IDS, 128), "url": 2048, "stage": 256, "reason": 256}
WORDS = {
    ("call.ended", "outcome"): "answered abandoned no_answer busy failed voicemail",
    ("call.ended", "direction"): "inbound outbound",
    ("deal.stage_changed", "outcome"): "open won lost",
    ("rep.state_changed", "state"): (
        "available ringing on_call on_hold wrap_up email admin meeting training break meal offline"
    ),
}


def changed(kind: str, field: str, value: Any) -> dict[str, Any]:
    """Return the full example of a type with one of its data changed."""
    event = example(kind, "full")
    return event | {"data": event["data"] | {field: value}}


def test_topics_types_and_fields_are_those_of_the_contract() -> None:
    found = {
        topic: {type_name(model): _words(type_name(model)) for model in models} for topic, models in TOPICS.items()
    }
    assert found == {
        topic: {kind: set(words.split()) for kind, words in types.items()} for topic, types in CONTRACT.items()
    }


def _words(kind: str) -> set[str]:
    data: Any = EVENT_TYPES[kind].model_fields["data"].annotation
    return {name + "!" * info.is_required() for name, info in data.model_fields.items()}


@every
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_example_is_valid(judge: Judge, kind: str, case: str) -> None:
    assert judge(example(kind, case))


@every
@pytest.mark.parametrize(("kind", "field", "required"), FIELDS)
def test_null_is_the_same_as_absent(judge: Judge, kind: str, field: str, required: bool) -> None:
    event = changed(kind, field, None)
    assert judge(event) is not required
    del event["data"][field]
    assert judge(event) is not required


@every
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field, _ in FIELDS if field in TEXT_LIMITS])
def test_a_text_is_counted_in_code_points_and_never_empty(judge: Judge, kind: str, field: str) -> None:
    limit = TEXT_LIMITS[field]
    assert judge(changed(kind, field, "𝒳" * limit))
    assert judge(changed(kind, field, "\u0000"))
    assert not judge(changed(kind, field, "𝒳" * (limit + 1)))
    assert not judge(changed(kind, field, ""))
    assert not judge(changed(kind, field, 5))


@every
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field, _ in FIELDS if field in NAMES])
def test_a_name_does_not_begin_with_two_underscores(judge: Judge, kind: str, field: str) -> None:
    assert not judge(changed(kind, field, "__other__"))
    assert not judge(changed(kind, field, "__"))
    assert judge(changed(kind, field, "_other__"))


@every
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field, _ in FIELDS if field in IDS])
def test_an_id_begins_as_it_likes(judge: Judge, kind: str, field: str) -> None:
    assert judge(changed(kind, field, "__other__"))


@every
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field, _ in FIELDS if field.endswith("_ms")])
def test_a_duration_is_a_day_at_most(judge: Judge, kind: str, field: str) -> None:
    assert judge(changed(kind, field, 0))
    assert judge(changed(kind, field, 86_400_000))
    wrong: Any
    for wrong in (-1, 86_400_001, True, "5", 0.5, 2**70, [], {}):
        assert not judge(changed(kind, field, wrong))


@every
def test_an_amount_has_either_sign_and_stays_below_two_to_the_53(judge: Judge) -> None:
    for right in (0, 2**53 - 1, 1 - 2**53):
        assert judge(changed("deal.stage_changed", "amount_minor", right))
    for wrong in (2**53, -(2**53), 2**64, False, "0", 0.5):
        assert not judge(changed("deal.stage_changed", "amount_minor", wrong))


@every
def test_a_currency_is_three_capitals(judge: Judge) -> None:
    assert judge(changed("deal.stage_changed", "currency", "EUR"))
    for wrong in ("eur", "EU", "EURO", "", "ÄÖÜ", "EU\n", 978):
        assert not judge(changed("deal.stage_changed", "currency", wrong))


@every
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field, _ in FIELDS if field == "machine"])
def test_a_flag_is_a_boolean(judge: Judge, kind: str, field: str) -> None:
    assert judge(changed(kind, field, True))
    assert judge(changed(kind, field, False))
    wrong: Any
    for wrong in (0, 1, "true", "", []):
        assert not judge(changed(kind, field, wrong))


@every
@pytest.mark.parametrize(("kind", "field"), WORDS)
def test_a_word_is_one_of_a_closed_set(judge: Judge, kind: str, field: str) -> None:
    for right in WORDS[kind, field].split():
        assert judge(changed(kind, field, right))
    for wrong in ("", "other", "Answered", 1, True):
        assert not judge(changed(kind, field, wrong))


@every
def test_only_the_rep_of_a_state_change_must_be_assigned(judge: Judge) -> None:
    assert not judge(changed("rep.state_changed", "rep", "unassigned"))
    assert judge(changed("rep.state_changed", "team", "unassigned"))
    assert judge(changed("call.ended", "rep", "unassigned"))


@every
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_unknown_attributes_and_fields_are_ignored(judge: Judge, kind: str) -> None:
    event = minimal(kind, extra={"a": [1]}, __v=1)
    assert judge(event | {"traceparent": "00-", "datacontenttype": 5})


@every
@pytest.mark.parametrize("kind", EVENT_TYPES)
@pytest.mark.parametrize(
    ("attribute", "right", "wrong"),
    [
        ("specversion", ("1.0",), ("1.1", "", None, 1.0)),
        ("id", ("x", "𝒳" * 128), ("", "x" * 129, None, 5)),
        ("source", ("x", "𝒳" * 256), ("", "x" * 257, None, 5)),
        ("subject", ("x", None), ("", 5)),
        ("time", ("2026-11-24T00:30:00z",), ("", "2026-11-24T09:30:00", "2026-11-24", None, 1_795_480_200)),
        ("data", (), (None, [], "", 5)),
    ],
)
def test_the_envelope_keeps_its_bounds(judge: Judge, kind: str, attribute: str, right: Any, wrong: Any) -> None:
    for value in right:
        assert judge(minimal(kind) | {attribute: value})
    if judge.__name__ == "model" and attribute == "time":
        return  # what is a real time is decided where it is read
    for value in wrong:
        assert not judge(minimal(kind) | {attribute: value})


@every
@pytest.mark.parametrize("kind", EVENT_TYPES)
@pytest.mark.parametrize("attribute", ["specversion", "id", "source", "time", "data"])
def test_the_envelope_is_whole(judge: Judge, kind: str, attribute: str) -> None:
    event = minimal(kind)
    del event[attribute]
    assert not judge(event)
