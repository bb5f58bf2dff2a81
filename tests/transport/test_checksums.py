"""Record batches whose bytes were changed on their way are refused; whole ones and cut ends are not."""

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from streams.transport.checksums import CHECKED, CRC, check


def batch(values: list[bytes]) -> bytes:
    """Return a record batch as aiokafka builds it, with its own software checksum."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 20,
    )
    for offset, value in enumerate(values):
        builder.append(offset, timestamp=1_700_000_000_000, key=b"k", value=value, headers=[])
    return bytes(builder.build())


BATCHES = st.lists(st.lists(st.binary(max_size=40), min_size=1, max_size=3).map(batch), min_size=1, max_size=3)


@given(BATCHES, st.integers(0, 60))
def test_what_kafka_sends_is_accepted_also_with_a_cut_end(batches: list[bytes], cut: int) -> None:
    sent = b"".join(batches)
    check(sent[: len(sent) - cut], "calls-0")


@given(BATCHES, st.data())
def test_one_changed_bit_is_seen(batches: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(batches) - 1))
    changed = bytearray(batches[place])
    at = data.draw(st.sampled_from([*range(CRC, CRC + 4), *range(CHECKED, len(changed))]))
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    sent = b"".join([*batches[:place], bytes(changed), *batches[place + 1 :]])
    with pytest.raises(CorruptRecordException, match="calls-0"):
        check(sent, "calls-0")
