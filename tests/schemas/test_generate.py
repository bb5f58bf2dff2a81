"""What is generated is up to date, and nothing lies about that nobody names."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from schemas import generate
from schemas.events import EVENT_TYPES, TOPIC_OF
from schemas.refusals import Reason
from schemas.render import refused
from schemas.topics import dead_letters, load
from streams.decode import TopicDecoder
from streams.times import parse_ms
from tests.schemas import judges

HOME = generate.HOME
EXAMPLES = sorted(path.relative_to(HOME / "examples").as_posix() for path in (HOME / "examples").rglob("*.json"))
REFUSED = [path for path in EXAMPLES if path.startswith("refused/")]
ACCEPTED = [path for path in EXAMPLES if path not in REFUSED]


def read(path: str) -> dict[str, Any]:
    """Return a committed example."""
    content: dict[str, Any] = json.loads((HOME / "examples" / path).read_text("utf-8"))
    return content


def test_every_generated_file_is_up_to_date() -> None:
    assert generate.stale() == []


class TestCheck:
    def test_a_fresh_folder_is_up_to_date_after_writing(self, tmp_path: Path) -> None:
        generate.write(tmp_path)
        assert generate.stale(tmp_path) == []

    def test_missing_changed_and_surplus_files_are_named(self, tmp_path: Path) -> None:
        generate.write(tmp_path)
        (tmp_path / "asyncapi.yaml").unlink()
        (tmp_path / "jsonschema/call.ended.json").write_text("{}")
        (tmp_path / "examples/old.json").write_text("{}")
        assert generate.stale(tmp_path) == [
            "asyncapi.yaml: missing",
            "examples/old.json: nothing generates it",
            "jsonschema/call.ended.json: stale",
        ]

    def test_writing_mends_what_is_stale(self, tmp_path: Path) -> None:
        (tmp_path / "examples").mkdir()
        (tmp_path / "examples/old.json").write_text("{}")
        generate.write(tmp_path)
        assert generate.stale(tmp_path) == []

    def test_the_command_exits_1_and_lists_what_is_stale(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert generate.main(["--check"]) == 0
        monkeypatch.setattr(generate, "stale", lambda: ["a.json: stale", "b.json: missing"])
        assert generate.main(["--check"]) == 1
        assert capsys.readouterr().err == "a.json: stale\nb.json: missing\n"


class TestExamples:
    def test_every_example_is_named_by_one_topic_and_every_named_one_exists(self) -> None:
        named = [path for topic in load().values() for path in topic.examples]
        assert sorted(named) == EXAMPLES

    @judges.every
    @pytest.mark.parametrize("path", ACCEPTED)
    def test_an_example_is_valid_and_of_the_type_of_its_folder(self, judge: Any, path: str) -> None:
        event = read(path)
        assert event["type"] == path.partition("/")[0]
        assert path in load()[TOPIC_OF[event["type"]]].examples
        assert judge(event)

    @pytest.mark.parametrize("path", REFUSED)
    def test_a_refused_example_is_refused_for_its_reason_in_its_topic(self, path: str) -> None:
        case = read(path)
        assert path in load()[case["topic"]].examples
        arrivals = [parse_ms(case["arrival"])]
        chunk = TopicDecoder(case["topic"]).decode_chunk([refused.value_of(case)], arrivals)
        assert [refusal.reason for refusal in chunk.refusals] == [case["reason"]]
        assert case["reason"] == refused.reason_of(Path(path).stem)

    def test_every_reason_has_an_example(self) -> None:
        assert {refused.reason_of(Path(path).stem) for path in REFUSED} == set(Reason)


class TestJsonSchema:
    def test_every_type_has_a_schema_and_every_schema_a_type(self) -> None:
        assert {path.stem for path in (HOME / "jsonschema").iterdir()} == set(EVENT_TYPES)
        assert sorted(kind for topic in load().values() for kind in topic.types) == sorted(EVENT_TYPES)

    @pytest.mark.parametrize("kind", EVENT_TYPES)
    def test_a_schema_is_a_sound_one(self, kind: str) -> None:
        schema = json.loads((HOME / f"jsonschema/{kind}.json").read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        assert schema["$id"].endswith(kind)


class TestAsyncApi:
    DOCUMENT: dict[str, Any] = yaml.safe_load((HOME / "asyncapi.yaml").read_text("utf-8"))

    def test_every_topic_and_its_dead_letters_have_a_channel(self) -> None:
        sources = list(load().values())
        wanted = {topic.name: topic for topic in [*sources, *map(dead_letters, sources)]}
        channels = self.DOCUMENT["channels"]
        assert set(channels) == set(wanted)
        for name, topic in wanted.items():
            kafka = channels[name]["bindings"]["kafka"]
            assert channels[name]["x-key"] == topic.key
            assert kafka["partitions"] == topic.partitions
            assert kafka["topicConfiguration"]["retention.ms"] == topic.retention_ms

    def test_every_source_channel_carries_the_types_of_its_topic(self) -> None:
        for name, topic in load().items():
            assert tuple(self.DOCUMENT["channels"][name]["messages"]) == topic.types

    def test_a_dead_letter_has_the_headers_of_the_contract(self) -> None:
        headers = self.DOCUMENT["components"]["messages"]["refused"]["headers"]
        assert headers["required"] == ["reason", "error", "source_topic", "source_partition", "source_offset"]
        assert headers["properties"]["reason"]["enum"] == [reason.value for reason in Reason]

    def test_every_reference_leads_somewhere(self) -> None:
        for reference in _references(self.DOCUMENT):
            file, _, inside = reference.partition("#")
            found: Any = json.loads((HOME / file).read_text("utf-8")) if file else self.DOCUMENT
            for part in inside.split("/")[1:]:
                found = found[part]
            assert found


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [reference for value in part.values() for reference in _references(value)]
    return [reference for value in part for reference in _references(value)] if isinstance(part, list) else []
