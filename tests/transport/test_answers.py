"""Answers of fetches are checked before aiokafka sees them, and what was answered is no longer silent."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, NotLeaderForPartitionError
from aiokafka.protocol.fetch import FetchResponse_v4, FetchResponse_v11

from streams.transport.answers import SILENT_S, Answers
from tests.transport.test_checksums import batch

WAIT_MS = 20_000
LONG_S = WAIT_MS / 1000 + SILENT_S
CALLS, MAILS = TopicPartition("calls", 0), TopicPartition("emails", 0)


class Bench:
    """A broker that answers as told, at the time that is told, and who looks at it."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.answers = Answers(WAIT_MS, lambda: self.now_s)

    async def get(self, answer: Any) -> Any:
        """Send a request that is answered so."""

        async def send(node: int, request: str) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return await self.answers.of(send)(0, "fetch")


def fetched(message_set: bytes = b"", tp: TopicPartition = CALLS, error: int = 0) -> FetchResponse_v4:
    return FetchResponse_v4(0, [(tp.topic, [(tp.partition, error, 1, 1, None, message_set)])])


def broken() -> bytes:
    """Return a batch whose last bit was changed on its way."""
    sent = bytearray(batch([b"value"]))
    sent[-1] ^= 1
    return bytes(sent)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_answers_of_fetches_are_checked_before_aiokafka_sees_them(bench: Bench) -> None:
    for answer in (fetched(batch([b"value"])), fetched(), "no fetch"):
        assert await bench.get(answer) is answer
    with pytest.raises(CorruptRecordException):
        await bench.get(fetched(broken()))
    assert bench.answers.silent(CALLS) is False, "there were good ones before"


async def test_a_partition_is_silent_when_nothing_has_come_for_it_for_long(bench: Bench) -> None:
    assert bench.answers.silent(CALLS)
    await bench.get(fetched())
    await bench.get(fetched(tp=MAILS))
    bench.now_s += LONG_S - 1
    assert not bench.answers.silent(CALLS)
    await bench.get(fetched(tp=MAILS))
    bench.now_s += 1
    assert bench.answers.silent(CALLS)
    assert not bench.answers.silent(MAILS)
    await bench.get(FetchResponse_v11(0, 0, 0, [("calls", [(0, 0, 1, 1, 0, None, -1, None)])]))
    assert not bench.answers.silent(CALLS)


@pytest.mark.parametrize("answer", [fetched(error=NotLeaderForPartitionError.errno), "no fetch", fetched(tp=MAILS)])
async def test_errors_and_what_is_said_of_others_are_silence(bench: Bench, answer: Any) -> None:
    await bench.get(answer)
    assert bench.answers.silent(CALLS)


async def test_what_is_about_to_be_asked_for_has_its_time(bench: Bench) -> None:
    bench.answers.wait_for(CALLS)
    bench.now_s += LONG_S - 1
    assert not bench.answers.silent(CALLS)
    bench.now_s += 1
    assert bench.answers.silent(CALLS)


async def test_a_broken_batch_is_no_answer(bench: Bench) -> None:
    with pytest.raises(CorruptRecordException):
        await bench.get(fetched(broken()))
    assert bench.answers.silent(CALLS)
