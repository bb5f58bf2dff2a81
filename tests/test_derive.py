"""The derived structs say what the models say, or nothing is derived."""

from typing import Annotated, Any

import annotated_types
import msgspec
import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from schemas.events import EVENT_TYPES, TOPICS, type_name
from schemas.events.fields import not_reserved
from streams.decode import NAMES
from streams.derive import _fields, _rules, structs_of


def test_every_type_of_a_topic_has_a_struct_with_its_fields() -> None:
    for topic, models in TOPICS.items():
        structs = structs_of(topic)
        assert list(structs) == [type_name(model) for model in models]
        for kind, struct in structs.items():
            (data,) = (field.type for field in msgspec.structs.fields(struct) if field.name == "data")
            model: Any = EVENT_TYPES[kind].model_fields["data"].annotation
            assert set(data.__struct_fields__) == set(model.model_fields)


def test_the_fields_that_must_not_be_reserved_are_those_that_decode_looks_at() -> None:
    screened = set()
    for model in EVENT_TYPES.values():
        data: Any = model.model_fields["data"].annotation
        for name, info in data.model_fields.items():
            if "not_reserved" in repr((info.annotation, info.metadata)):
                screened.add(name)
        assert "not_reserved" not in repr(model.model_fields["source"].metadata)
    assert screened == set(NAMES)


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[str, StringConstraints(to_lower=True)],
        Annotated[str, StringConstraints(strip_whitespace=True)],
        Annotated[int, Field(multiple_of=5)],
        Annotated[int, annotated_types.Predicate(bool)],
        Annotated[str, BeforeValidator(str)],
        Annotated[str, object()],
        Annotated[int | None, Field(ge=0)],
        Annotated[bool, Field(ge=0)],
        float,
        list[str],
        dict[str, int],
    ],
)
def test_what_has_no_translation_is_an_error_and_not_left_out(annotation: Any) -> None:
    class Model(BaseModel):
        field: annotation

    with pytest.raises(TypeError, match="no translation"):
        _fields(Model)


def test_a_rule_inside_of_a_union_is_an_error_since_null_would_reach_it() -> None:
    class Model(BaseModel):
        field: Annotated[str, AfterValidator(str.strip)] | None = None

    with pytest.raises(TypeError, match="no translation"):
        _rules(Model)


def test_rules_are_the_models_but_those_that_decode_checks() -> None:
    class Model(BaseModel):
        first: Annotated[str, AfterValidator(not_reserved), AfterValidator(str.strip)]
        second: str

    assert _rules(Model) == [("first", str.strip)]
