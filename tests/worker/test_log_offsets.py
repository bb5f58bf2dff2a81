"""Where a ledger begins: nothing that arrives while Kafka is asked may be left out."""

from types import SimpleNamespace

from aiokafka import TopicPartition

from streams.store.protocol import Partition
from streams.worker.log_offsets import LogOffsets

CALLS = Partition("calls", 0)
TP = TopicPartition(*CALLS)


class Growing:
    """A log of records by their arrival, to which one more comes after every question."""

    def __init__(self, *arrivals: int) -> None:
        self.arrivals = [*arrivals]

    async def end_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {TP: self._answered(len(self.arrivals))}

    async def offsets_for_times(
        self, wanted: dict[TopicPartition, int]
    ) -> dict[TopicPartition, SimpleNamespace | None]:
        found = next((place for place, arrival in enumerate(self.arrivals) if arrival >= wanted[TP]), None)
        answer = None if found is None else SimpleNamespace(offset=found)
        self._answered(0)
        return {TP: answer}

    def _answered(self, answer: int) -> int:
        self.arrivals.append(1000)
        return answer


def offsets(log: Growing) -> LogOffsets:
    made = LogOffsets("127.0.0.1:1")
    made._consumer = log
    return made


async def test_the_first_record_of_a_time_is_found() -> None:
    assert await offsets(Growing(100, 200, 300)).at(CALLS, 150) == 1


async def test_what_arrives_while_an_empty_partition_is_asked_is_not_left_out() -> None:
    log = Growing()
    assert await offsets(log).at(CALLS, 5) == 0


async def test_what_arrives_while_a_partition_with_older_records_is_asked_is_not_left_out() -> None:
    log = Growing(100, 200)
    begin = await offsets(log).at(CALLS, 5000)
    assert 2 <= begin <= 3, "all that lay there when we began, and nothing that came after the end was asked for"
