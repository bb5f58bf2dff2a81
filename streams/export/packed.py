"""A stream that is compressed as it goes: what a board has been told before costs hardly anything to say again."""

import zlib

LEVEL = 1
"""A message is compressed for each board anew: the least work does."""
GZIP = 16 + zlib.MAX_WBITS


class Packing:
    """One board's stream as gzip. Every message can be read as soon as it is there."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)

    def __call__(self, event: bytes) -> bytes:
        """Return what to send for an event."""
        return self._stream.compress(event) + self._stream.flush(zlib.Z_SYNC_FLUSH)
