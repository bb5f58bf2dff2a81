"""The topics are as the contract wants them."""

import pytest

from schemas.topics import Topic, dead_letters, load

DAY_MS = 86_400_000


def test_the_topics_are_those_of_the_contract_with_their_keys() -> None:
    assert {topic.name: topic.key for topic in load().values()} == {
        "calls": "call_id",
        "emails": "message_id",
        "links": "message_id",
        "reps": "rep",
        "crm": "lead_id, deal_id or meeting_id",
    }


@pytest.mark.parametrize("topic", load().values(), ids=lambda topic: topic.name)
class TestEveryTopic:
    def test_is_kept_for_36_days_by_its_producers_timestamps(self, topic: Topic) -> None:
        for each in (topic, dead_letters(topic)):
            assert each.retention_ms == 36 * DAY_MS
            assert each.config["message.timestamp.type"] == "CreateTime"

    def test_has_an_owner_a_description_and_eight_partitions(self, topic: Topic) -> None:
        assert topic.owner
        assert topic.description
        assert topic.partitions == 8

    def test_has_dead_letters_with_its_refused_examples(self, topic: Topic) -> None:
        parked = dead_letters(topic)
        assert parked.name == f"{topic.name}-dlq"
        assert parked.partitions == topic.partitions
        assert parked.examples
        assert all(path.startswith("refused/") for path in parked.examples)
