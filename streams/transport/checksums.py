"""Checks the checksums of what Kafka sends, by the processor's own instruction: ten times as fast as in software."""

import google_crc32c
from aiokafka.errors import CorruptRecordException

FRAME = 12
"""Bytes of a record batch's base offset and length; the length counts what follows them."""
MAGIC, CRC, CHECKED = 16, 17, 21
"""Where in a record batch its format, its checksum and what the checksum covers begin."""
CURRENT = 2
"""The format of which everything in Kafka is since 0.11; older ones have another checksum, which `drain` checks."""


def check(message_set: bytes, where: str) -> None:
    """Raise CorruptRecordException unless every whole batch of a message set has the checksum that it says."""
    at = 0
    while (length := message_set[at + 8 : at + FRAME]) and len(length) == FRAME - 8:
        end = at + FRAME + int.from_bytes(length, "big")
        if end > len(message_set):
            return
        if message_set[at + MAGIC] == CURRENT:
            told = int.from_bytes(message_set[at + CRC : at + CHECKED], "big")
            if google_crc32c.value(message_set[at + CHECKED : end]) != told:
                raise CorruptRecordException(f"broken checksum in {where}, {at} bytes into what was fetched")
        at = end
