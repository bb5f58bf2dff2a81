"""Partitions are what Kafka said last."""

from streams.export.partitions import KnownPartitions
from streams.store.protocol import Partition


def test_before_kafka_answered_the_settings_count() -> None:
    known = KnownPartitions(["calls", "crm"], dict, 2)
    assert known() == [Partition("calls", 0), Partition("calls", 1), Partition("crm", 0), Partition("crm", 1)]


def test_what_kafka_said_is_remembered_while_it_is_away() -> None:
    told = {"calls": 3, "strangers": 9}
    known = KnownPartitions(["calls", "crm"], lambda: told, 1)
    assert known() == [Partition("calls", 0), Partition("calls", 1), Partition("calls", 2), Partition("crm", 0)]
    told = {}
    assert len(known()) == 4
    told = {"calls": 4}
    assert len(known()) == 5
