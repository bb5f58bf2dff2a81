"""The layouts say what the models say, or there is none."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Literal

import annotated_types
import pytest
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, create_model
from pydantic.types import Strict

from schemas.events import EVENT_TYPES, TOPICS, type_name
from schemas.events.envelope import Envelope
from schemas.events.fields import assigned, false_if_null, not_reserved
from streams import layout as module
from streams.layout import ANY_LENGTH, MOST, NAMES, SLOTS, Kind, Layout, Rule, field_of, layout_of
from tests.wire import every_text

LAYOUTS = {topic: layout_of(topic, every_text(topic)) for topic in TOPICS}


def laid_out(annotation: Any, *default: Any) -> module.Field:
    """Return what the scanner checks of a field with an annotation."""
    model = create_model("Model", field=(annotation, *(default or [...])))
    return field_of("field", model.model_fields["field"])


def test_every_type_of_a_topic_has_its_fields() -> None:
    for topic, models in TOPICS.items():
        layout = LAYOUTS[topic]
        assert list(layout.types) == [type_name(model) for model in models]
        assert {field.name for field in layout.envelope} == {*Envelope.model_fields, "type", "data"}
        for kind, fields in layout.data.items():
            model: Any = EVENT_TYPES[kind].model_fields["data"].annotation
            assert [field.name for field in fields] == list(model.model_fields)
            assert {field.name for field in fields if field.required} == {
                name for name, info in model.model_fields.items() if info.is_required()
            }


def test_the_fields_that_must_not_be_reserved_are_the_names() -> None:
    refused = set()
    for topic, layout in LAYOUTS.items():
        for model in TOPICS[topic]:
            data: Any = model.model_fields["data"].annotation
            said = {
                n for n, info in data.model_fields.items() if "not_reserved" in repr((info.annotation, info.metadata))
            }
            fields = layout.data[type_name(model)]
            assert said == {field.name for field in fields if field.rules & Rule.NOT_RESERVED}
            assert said == {field.name for field in fields if field.kind is Kind.NAME}
            refused |= said
        assert not any(field.rules for field in layout.envelope)
    assert refused == set(NAMES)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_each_value_and_each_wanted_hash_has_a_slot_of_its_own(layout: Layout) -> None:
    fields = [field for some in layout.data.values() for field in some]
    valued = {field.name for field in fields if field.kind in (Kind.INTEGER, Kind.FLAG, Kind.CHOICE)}
    assert set(layout.slots) == valued
    assert set(layout.choices) == {field.name for field in fields if field.kind is Kind.CHOICE}
    assert set(layout.hashes) == set(every_text(layout.topic))
    slots = [*layout.slots.values(), *layout.hashes.values()]
    assert sorted(slots) == list(range(len(slots)))
    assert len(slots) <= SLOTS


def test_hashes_of_texts_that_the_topic_lacks_are_left_out() -> None:
    assert layout_of("calls", [("lead_id",), ("customer", "lead_id"), ("team",)]).hashes == {}


def test_more_values_than_an_event_has_room_for_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOTS", 7)
    assert len(layout_of("calls").slots) == 7
    with pytest.raises(TypeError, match="7 values and 1 hashes need more than 7 slots"):
        layout_of("calls", [("customer",)])


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[str, StringConstraints(to_lower=True)],
        Annotated[str, StringConstraints(strip_whitespace=True)],
        Annotated[str, StringConstraints(pattern="^[a-z]+$")],
        Annotated[str, annotated_types.MinLen(1)],
        Annotated[str, Field(ge="a")],
        Annotated[int, StringConstraints(min_length=1)],
        Annotated[int, Field(multiple_of=5)],
        Annotated[int, annotated_types.Predicate(bool)],
        Annotated[int, AfterValidator(not_reserved)],
        Annotated[str, BeforeValidator(str)],
        Annotated[str, AfterValidator(str.strip)],
        Annotated[str, object()],
        Annotated[int | None, Field(ge=0)],
        Annotated[str | None, AfterValidator(not_reserved)],
        Annotated[bool, Field(ge=0)],
        Literal[1, 2],
        StrEnum("Word", ["a", "b"]),
        int | str,
        int | str | None,
        float,
        list[str],
        dict[str, int],
    ],
)  # fmt: skip
def test_what_has_no_translation_is_an_error_and_not_left_out(annotation: Any) -> None:
    with pytest.raises(TypeError, match="no translation"):
        laid_out(annotation)


@pytest.mark.parametrize(("annotation", "default"), [(str, ""), (str, None), (int | None, 5), (bool | None, True)])
def test_what_may_be_absent_is_null_or_false_then_or_an_error(annotation: Any, default: Any) -> None:
    with pytest.raises(TypeError, match="no translation"):
        laid_out(annotation, default)


def test_a_rule_inside_of_a_union_is_an_error_unless_the_scanner_knows_it() -> None:
    assert laid_out(Annotated[str, AfterValidator(not_reserved)] | None, None).rules is Rule.NOT_RESERVED
    with pytest.raises(TypeError, match="no translation"):
        laid_out(Annotated[str, AfterValidator(str.strip)] | None, None)


def test_rules_are_the_models() -> None:
    assert laid_out(str).rules is Rule.NONE
    rules = laid_out(Annotated[str, AfterValidator(not_reserved), AfterValidator(assigned)]).rules
    assert rules == Rule.NOT_RESERVED | Rule.ASSIGNED
    flag = laid_out(Annotated[Annotated[bool, Strict()] | None, AfterValidator(false_if_null)], False)
    assert (flag.kind, flag.required, flag.rules) == (Kind.FLAG, False, Rule.NONE)


def test_bounds_are_the_models_and_of_two_the_narrower_one() -> None:
    plain, text = laid_out(int), laid_out(str)
    assert (plain.low, plain.high, text.least, text.most) == (-MOST, MOST, 0, ANY_LENGTH)
    open_, closed = laid_out(Annotated[int, Field(gt=1, lt=9)]), laid_out(Annotated[int, Field(ge=1, le=9)])
    assert (open_.low, open_.high, closed.low, closed.high) == (2, 8, 1, 9)
    inner = Annotated[int, Field(ge=5, le=6)]
    assert laid_out(Annotated[inner, Field(gt=0, lt=90)]) == laid_out(inner)
    word = Annotated[str, StringConstraints(min_length=2, max_length=5)]
    assert laid_out(Annotated[word, StringConstraints(max_length=9)]) == laid_out(word)
    assert laid_out(Annotated[word, StringConstraints(max_length=3)]) == replace(laid_out(word), most=3)


def test_a_pattern_of_capitals_says_how_many_there_are() -> None:
    field = laid_out(Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")])
    assert (field.least, field.most, field.rules) == (3, 3, Rule.CAPITALS)
